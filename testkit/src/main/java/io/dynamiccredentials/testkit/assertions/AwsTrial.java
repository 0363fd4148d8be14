package io.dynamiccredentials.testkit.assertions;

import io.dynamiccredentials.aws.trust.AwsTrustPolicyDocument;
import io.dynamiccredentials.aws.trust.AwsTrustRequest;
import io.dynamiccredentials.testkit.aws.FakeAws;
import io.dynamiccredentials.wire.HttpReply;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks AWS about a token. */
final class AwsTrial {
    private static final Pattern ROLE = Pattern.compile("arn:([a-z-]+):iam::([0-9]{12}):role/.+");
    private static final Pattern ERROR = Pattern.compile("<Code>([^<]*)</Code>\\s*<Message>([^<]*)</Message>");

    private AwsTrial() {}

    static Verdict judge(Trial trial, String roleArn, AwsTrustPolicyDocument policy, Set<String> clientIds) {
        Matcher role = requireRole(roleArn);
        try (FakeAws aws = FakeAws.start(trial.clock())) {
            aws.oidcProvider(role.group(2), trial.issuer(), clientIds.toArray(new String[0]))
                    .role(roleArn, policy);
            trial.introduceTo(aws);
            HttpReply reply = Trial.post(
                    aws.address(),
                    Map.of(
                            "Action", "AssumeRoleWithWebIdentity",
                            "Version", "2011-06-15",
                            "RoleArn", roleArn,
                            "RoleSessionName", "trial",
                            "WebIdentityToken", trial.compact()));
            return reply.status() == 200
                    ? Verdict.ACCEPTED
                    : refused(reply.body(), trial, providerArn(role, trial), policy);
        }
    }

    static Matcher requireRole(String roleArn) {
        Matcher role = ROLE.matcher(roleArn);
        if (!role.matches()) {
            throw new IllegalArgumentException(
                    "Expected the ARN of a role, such as \"arn:aws:iam::123456789012:role/deploy\"; it was \"" + roleArn
                            + "\"");
        }
        return role;
    }

    private static Verdict refused(String body, Trial trial, String providerArn, AwsTrustPolicyDocument policy) {
        Matcher error = ERROR.matcher(body);
        String text = error.find() ? error.group(1) + ": " + error.group(2) : "an answer without an error";
        // AWS gives no reason for an AccessDenied. The policy knows it.
        String mismatch = text.startsWith("AccessDenied")
                ? policy.decide(AwsTrustRequest.byToken(providerArn, trial.claims())
                                .sessionName("trial")
                                .at(trial.now())
                                .key("aws:SourceIp", "127.0.0.1")
                                .key("aws:SecureTransport", "true")
                                .build())
                        .toString()
                : "";
        return Verdict.refused(text, mismatch);
    }

    private static String providerArn(Matcher role, Trial trial) {
        return "arn:" + role.group(1) + ":iam::" + role.group(2) + ":oidc-provider/"
                + trial.issuer().value().replaceFirst("^https?://", "");
    }
}
