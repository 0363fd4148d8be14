package io.dynamiccredentials.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Looks a body over before the SDK parses it, which it does with one more call on the stack for each level.
 *
 * <p>The parser is the one that the SDK uses, on the same bytes: a scan of our own would have to read comments, CDATA
 * and attributes exactly as it does.
 */
final class ShallowXml {
    /** Answers of STS have five levels. */
    static final int MAX_DEPTH = 32;

    // Another encoding would make other tags of the same bytes, and the JDK's parser prints errors in XML 1.1 to
    // stderr.
    private static final Pattern START = Pattern.compile("(?:<\\?xml version=[\"']1\\.0[\"']"
            + "(?: encoding=[\"'](?i:UTF-8)[\"'])?(?: standalone=[\"'](?:yes|no)[\"'])? ?\\?>)?\\s*+<[A-Za-z!]");

    private static final String NO_XML = "the body is no answer of STS in XML";

    private ShallowXml() {}

    /** Returns what is wrong with {@code body}; empty if it is well-formed XML 1.0 without DTD and not too deep. */
    static Optional<String> flaw(String body) {
        if (!START.matcher(body).lookingAt()) {
            return Optional.of(NO_XML);
        }
        XMLInputFactory factory = XMLInputFactory.newInstance();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try {
            return flaw(factory.createXMLStreamReader(new ByteArrayInputStream(body.getBytes(UTF_8))));
        } catch (XMLStreamException e) {
            // Not chained: the parser quotes the body.
            return Optional.of(NO_XML);
        }
    }

    private static Optional<String> flaw(XMLStreamReader reader) throws XMLStreamException {
        int depth = 0;
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> depth++;
                case XMLStreamConstants.END_ELEMENT -> depth--;
                case XMLStreamConstants.DTD -> {
                    return Optional.of("the body has a DOCTYPE");
                }
                default -> {
                    continue;
                }
            }
            if (depth > MAX_DEPTH) {
                return Optional.of("the body is nested deeper than " + MAX_DEPTH + " elements");
            }
        }
        return Optional.empty();
    }
}
