package io.dynamiccredentials.testkit.assertions;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.gcp.ProviderDecision;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.testkit.gcp.FakeGoogleCloud;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import java.util.Map;

/** Asks Google Cloud about a token. */
final class GoogleCloudTrial {
    private static final String TYPE = "urn:ietf:params:oauth:token-type:";

    private GoogleCloudTrial() {}

    static Verdict judge(Trial trial, WorkloadIdentityProvider provider) {
        try (FakeGoogleCloud google = FakeGoogleCloud.start(trial.clock(), Trial.tls())) {
            google.provider(provider);
            trial.introduceTo(google);
            HttpReply reply = Trial.post(
                    google.tokenUrl(),
                    Map.of(
                            "grant_type",
                            "urn:ietf:params:oauth:grant-type:token-exchange",
                            "audience",
                            "//iam.googleapis.com/" + provider.name(),
                            "scope",
                            "https://www.googleapis.com/auth/cloud-platform",
                            "requested_token_type",
                            TYPE + "access_token",
                            "subject_token_type",
                            TYPE + "jwt",
                            "subject_token",
                            trial.compact()));
            return reply.status() == 200 ? Verdict.ACCEPTED : refused(reply.body(), trial, provider);
        }
    }

    private static Verdict refused(String body, Trial trial, WorkloadIdentityProvider provider) {
        JsonNode error = StrictJson.parseObject(body);
        String mismatch = provider.decide(trial.claims(), trial.now()) instanceof ProviderDecision.Refused refused
                ? "expected " + refused.expected() + ", actual " + refused.actual()
                : "";
        return Verdict.refused(
                error.path("error").asText() + ": "
                        + error.path("error_description").asText(),
                mismatch);
    }
}
