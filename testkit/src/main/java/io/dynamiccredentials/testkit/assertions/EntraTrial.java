package io.dynamiccredentials.testkit.assertions;

import io.dynamiccredentials.azure.ApplicationTrust;
import io.dynamiccredentials.azure.FederatedIdentityCredential;
import io.dynamiccredentials.testkit.azure.FakeEntra;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** Asks Entra about a token. */
final class EntraTrial {
    private static final String TENANT = "11111111-2222-4333-8444-555555555555";
    private static final String CLIENT = "aaaaaaaa-0000-4000-8000-000000000001";

    private EntraTrial() {}

    static Verdict judge(Trial trial, List<FederatedIdentityCredential> credentials) {
        try (FakeEntra entra = FakeEntra.start(trial.clock(), Trial.tls())) {
            entra.tenant(TENANT).application(TENANT, CLIENT, credentials.toArray(new FederatedIdentityCredential[0]));
            trial.introduceTo(entra);
            HttpReply reply = Trial.post(
                    URI.create(entra.address() + "/" + TENANT + "/oauth2/v2.0/token"),
                    Map.of(
                            "grant_type", "client_credentials",
                            "client_id", CLIENT,
                            "scope", "https://management.azure.com/.default",
                            "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                            "client_assertion", trial.compact()));
            return reply.status() == 200 ? Verdict.ACCEPTED : refused(reply.body(), trial, credentials);
        }
    }

    private static Verdict refused(String body, Trial trial, List<FederatedIdentityCredential> credentials) {
        String description =
                StrictJson.parseObject(body).path("error_description").asText();
        String mismatch =
                new ApplicationTrust(credentials).decide(trial.claims()) instanceof ApplicationTrust.Refused refused
                        ? "expected " + refused.expected() + ", actual " + refused.actual()
                        : "";
        return Verdict.refused(description.lines().findFirst().orElse(""), mismatch);
    }
}
