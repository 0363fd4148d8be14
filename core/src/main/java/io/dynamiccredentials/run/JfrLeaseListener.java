package io.dynamiccredentials.run;

import java.util.Map;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * Puts an event named {@value #EVENT} into the JDK's flight recordings for each event of a lease. Costs next to nothing
 * while none is recorded. Safe for use by many threads.
 *
 * <p>Values are as those of {@link Slf4jLeaseListener}, without the quotes around them; what is not known is empty.
 * Needs the module {@code jdk.jfr}, which all JDKs have.
 */
public final class JfrLeaseListener implements LeaseListener {
    /** The name by which recordings know the events. */
    public static final String EVENT = "io.dynamiccredentials.Lease";

    private JfrLeaseListener() {}

    /** Makes a listener. */
    public static JfrLeaseListener create() {
        return new JfrLeaseListener();
    }

    @Override
    public void on(LeaseEvent event) {
        Recorded recorded = new Recorded();
        if (recorded.shouldCommit()) {
            recorded.fill(event);
            recorded.commit();
        }
    }

    /** What recordings hold of an event. */
    @Name(EVENT)
    @Label("Lease Event")
    @Description("Something happened to the lease of a run's credentials")
    @Category("Dynamic Credentials")
    @StackTrace(false)
    static final class Recorded extends Event {
        @Label("Kind")
        String kind = "";

        @Label("Happened At")
        @Description("When it happened, in RFC 3339")
        String happenedAt = "";

        @Label("Run")
        String run = "";

        @Label("Configuration")
        String configuration = "";

        @Label("Token Id")
        @Description("The jti of the identity token")
        String tokenId = "";

        @Label("Token Fingerprint")
        @Description("The first 8 hexadecimal digits of the SHA-256 of the identity token")
        String tokenFingerprint = "";

        @Label("Request Id")
        @Description("The platform's id of the request")
        String requestId = "";

        @Label("Principal")
        @Description("Who the platform says the holder is")
        String principal = "";

        @Label("Detail")
        String detail = "";

        private void fill(LeaseEvent event) {
            Map<String, String> fields = EventText.fields(event);
            kind = event.kind().name();
            happenedAt = event.at().toString();
            run = unquoted(fields, "run");
            configuration = unquoted(fields, "configuration");
            tokenId = unquoted(fields, "token_id");
            tokenFingerprint = unquoted(fields, "token_fingerprint");
            requestId = unquoted(fields, "request_id");
            principal = unquoted(fields, "principal");
            detail = unquoted(fields, "detail");
        }

        private static String unquoted(Map<String, String> fields, String key) {
            String quoted = fields.getOrDefault(key, "\"\"");
            return quoted.substring(1, quoted.length() - 1);
        }
    }
}
