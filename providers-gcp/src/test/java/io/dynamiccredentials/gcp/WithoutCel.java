package io.dynamiccredentials.gcp;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.wire.StrictJson;
import java.time.Instant;
import java.util.function.Supplier;

/** A program without the library of CEL on its class path, which prints what still works. */
final class WithoutCel {
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example");

    private WithoutCel() {}

    public static void main(String[] args) {
        ProviderDecision decision = WorkloadIdentityProvider.builder(Google.PROVIDER, ISSUER)
                .map("google.subject", "assertion.sub")
                .map("attribute.repository", "assertion.repository")
                .subjectPattern("acme:*")
                .allowAudience("ci")
                .build()
                .decide(
                        StrictJson.parseObject("{\"iss\":\"https://ci.example\",\"aud\":\"ci\",\"sub\":\"acme:shop\","
                                + "\"repository\":\"r\",\"iat\":0,\"exp\":60}"),
                        Instant.EPOCH);
        System.out.println("simple: " + decision.getClass().getSimpleName());
        print(() -> provider().map("attribute.x", "assertion.a + 'x'").subjectPattern("a*"));
        print(() -> provider().attributeCondition("assertion.a == 'x'"));
    }

    private static WorkloadIdentityProvider.Builder provider() {
        return WorkloadIdentityProvider.builder(Google.PROVIDER, ISSUER).map("google.subject", "assertion.sub");
    }

    private static void print(Supplier<WorkloadIdentityProvider.Builder> provider) {
        try {
            System.out.println(provider.get().build());
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
        }
    }
}
