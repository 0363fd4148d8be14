package io.dynamiccredentials.environment;

import io.dynamiccredentials.Secret;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Lists the forms in which a log may show a secret.
 *
 * <p>They are: the text itself and without blanks around it; base64 and base64url wherever in other data it stands,
 * also in lines of 64 and 76 characters; hexadecimal digits; percent-encoded; as text of JSON, XML and of shells; and
 * each line of a text of several, but for those that begin or end a PEM block. A tool that encodes twice, or prints a
 * part only, shows what is no form.
 */
public final class SecretForms {
    /** The least characters of a form. What is shorter would mask half of a log, and protects nothing. */
    public static final int SHORTEST = 6;

    private SecretForms() {}

    /**
     * Returns the forms of {@code secret} that have at least 6 characters, the secret itself first; none, if it is
     * shorter itself.
     */
    public static Set<Secret> of(Secret secret) {
        String text = secret.reveal();
        Set<String> forms = new LinkedHashSet<>();
        if (text.length() >= SHORTEST) {
            addEncodings(text, forms);
        }
        String stripped = text.strip();
        if (stripped.length() >= SHORTEST && !stripped.equals(text)) {
            addEncodings(stripped, forms);
        }
        if (TextForms.hasLines(text)) {
            text.lines().filter(line -> !isPemBoundary(line.strip())).forEach(line -> addLine(line, forms));
        }
        return new Distinct(forms.stream()
                .filter(form -> form.length() >= SHORTEST)
                .map(Secret::of)
                .toList());
    }

    private static void addEncodings(String text, Set<String> forms) {
        forms.add(text);
        BinaryForms.addTo(forms, text);
        TextForms.addTo(forms, text);
    }

    private static void addLine(String line, Set<String> forms) {
        forms.add(line);
        forms.add(line.strip());
        TextForms.addJson(forms, line);
        TextForms.addJson(forms, line.strip());
    }

    /** What stands around every key is no secret, and stands in logs for good reasons. */
    private static boolean isPemBoundary(String line) {
        return line.startsWith("-----") && line.endsWith("-----");
    }

    /**
     * A set of secrets that are known to differ: all have the same hash, and a hash set would compare each with each.
     */
    private static final class Distinct extends AbstractSet<Secret> {
        private final List<Secret> secrets;

        Distinct(List<Secret> secrets) {
            this.secrets = secrets;
        }

        @Override
        public Iterator<Secret> iterator() {
            return secrets.iterator();
        }

        @Override
        public int size() {
            return secrets.size();
        }
    }
}
