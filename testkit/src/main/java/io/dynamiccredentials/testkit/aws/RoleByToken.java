package io.dynamiccredentials.testkit.aws;

import static io.dynamiccredentials.testkit.aws.StsRefusedException.invalidToken;

import io.dynamiccredentials.aws.trust.AwsSessionTags;
import io.dynamiccredentials.aws.trust.AwsTrustRequest;
import io.dynamiccredentials.testkit.ReceivedToken;
import io.dynamiccredentials.testkit.aws.FakeAwsKey.Origin;
import io.dynamiccredentials.testkit.aws.FakeAwsKey.Terms;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code AssumeRoleWithWebIdentity}: what STS checks of a request, in its order. */
final class RoleByToken {
    static final String OPERATION = "AssumeRoleWithWebIdentity";

    private static final String NO_JWT =
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";

    private final Clock clock;
    private final FakeIam iam;
    private final StsKeys issuersKeys;
    private final FakeAwsKeys keys;

    RoleByToken(Clock clock, FakeIam iam, StsKeys issuersKeys, FakeAwsKeys keys) {
        this.clock = clock;
        this.iam = iam;
        this.issuersKeys = issuersKeys;
        this.keys = keys;
    }

    /**
     * Returns the result of the request.
     *
     * @throws StsRefusedException if it is refused
     */
    Map<String, Object> answer(Map<String, String> fields) {
        // AWS documents no order. This one is inferred from reports, and emulators differ in it.
        AssumeRoleForm form = AssumeRoleForm.byToken(fields);
        ReceivedToken token = ReceivedToken.parseLastCounts(form.token())
                .filter(jwt -> StsKeys.algorithm(jwt).isPresent())
                .orElseThrow(() -> invalidToken(NO_JWT));
        StsClaims claims = new StsClaims(token.claims());
        String account = FakeAwsRole.accountOf(form.roleArn());
        FakeAwsProvider provider = iam.provider(account, claims.issuer())
                .orElseThrow(
                        () -> invalidToken("No OpenIDConnect provider found in your account for " + claims.issuer()));
        claims.requireAll();
        String audience = claims.audience(provider.clientIds());
        issuersKeys.requireSignature(token, provider.issuer());
        claims.requireTimes(clock.instant());
        String providerArn = provider.arn(FakeAwsRole.partitionOf(form.roleArn()), account);
        return session(form, claims, audience, providerArn);
    }

    private Map<String, Object> session(AssumeRoleForm form, StsClaims claims, String audience, String providerArn) {
        Origin origin = new Origin(claims.subject(), claims.tokenId());
        AwsSessionTags tags = claims.tags();
        Optional<String> sourceIdentity = claims.sourceIdentity();
        FakeAwsRole role = iam.role(form.roleArn())
                .filter(known -> isTrusted(known, form, claims, providerArn))
                .orElseThrow(() -> StsRefusedException.accessDenied("Not authorized to perform sts:" + OPERATION));
        StsSessions.requireDuration(form, role);
        OptionalInt packed = SessionTerms.packedSize(form, tags);
        FakeAwsKey session = keys.ofSession(
                role,
                form.sessionName(),
                form.duration(),
                origin,
                new Terms(tags, sourceIdentity, form.policy(), form.policyArns()));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("SubjectFromWebIdentityToken", origin.subject());
        result.put("Audience", audience);
        result.putAll(AwsAnswer.session(session));
        result.put("Provider", providerArn);
        sourceIdentity.ifPresent(name -> result.put("SourceIdentity", name));
        packed.ifPresent(percent -> result.put("PackedPolicySize", percent));
        return result;
    }

    private boolean isTrusted(FakeAwsRole role, AssumeRoleForm form, StsClaims claims, String providerArn) {
        AwsTrustRequest.Builder request = AwsTrustRequest.byToken(providerArn, claims.json());
        return role.trust()
                .decide(StsSessions.request(request, form, clock).build())
                .isAllowed();
    }
}
