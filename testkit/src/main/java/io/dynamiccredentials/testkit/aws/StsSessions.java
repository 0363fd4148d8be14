package io.dynamiccredentials.testkit.aws;

import io.dynamiccredentials.aws.trust.AwsTrustRequest;
import java.time.Clock;

/** What both ways to a session have in common. */
final class StsSessions {
    private StsSessions() {}

    /** Adds to a request for a session what every one has. */
    static AwsTrustRequest.Builder request(AwsTrustRequest.Builder request, AssumeRoleForm form, Clock clock) {
        return request(request, form.sessionName(), clock);
    }

    /** Adds to a request for a session of that name what every one has. */
    static AwsTrustRequest.Builder request(AwsTrustRequest.Builder request, String sessionName, Clock clock) {
        // What stands for AWS's own endpoint is taken for it, though it has no TLS.
        return request.sessionName(sessionName)
                .at(clock.instant())
                .key("aws:SourceIp", "127.0.0.1")
                .key("aws:SecureTransport", "true");
    }

    static void requireDuration(AssumeRoleForm form, FakeAwsRole role) {
        if (form.duration().compareTo(role.maxSession()) > 0) {
            throw StsRefusedException.validation(
                    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
        }
    }
}
