package io.dynamiccredentials.testkit.aws;

import io.dynamiccredentials.aws.trust.AwsSessionTags;
import io.dynamiccredentials.aws.trust.AwsTrustRequest;
import io.dynamiccredentials.testkit.aws.FakeAwsKey.Terms;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** {@code AssumeRole}: what STS checks of a request that a session or a user signed. */
final class RoleByKey {
    static final String OPERATION = "AssumeRole";

    private static final Duration LONGEST_CHAINED = Duration.ofHours(1);

    private final Clock clock;
    private final FakeIam iam;
    private final FakeAwsKeys keys;

    RoleByKey(Clock clock, FakeIam iam, FakeAwsKeys keys) {
        this.clock = clock;
        this.iam = iam;
        this.keys = keys;
    }

    /**
     * Returns the result of a request of {@code caller}. What the caller's own policies allow is not looked at.
     *
     * @throws StsRefusedException if it is refused
     */
    Map<String, Object> answer(FakeAwsKey caller, Map<String, String> fields) {
        AssumeRoleForm form = AssumeRoleForm.byKey(fields);
        AwsSessionTags tags = tags(caller, form);
        Optional<String> inherited = caller.terms().sourceIdentity();
        boolean changed =
                inherited.isPresent() && form.sourceIdentity().isPresent() && !inherited.equals(form.sourceIdentity());
        Optional<String> sourceIdentity = inherited.or(form::sourceIdentity);
        FakeAwsRole role = iam.role(form.roleArn())
                .filter(known -> !changed && trusts(known, caller, form, tags, sourceIdentity))
                .orElseThrow(() -> denied(caller, form.roleArn()));
        if (caller.isOfSession() && form.duration().compareTo(LONGEST_CHAINED) > 0) {
            throw StsRefusedException.validation("The requested DurationSeconds exceeds the 1 hour session limit for "
                    + "roles assumed by role chaining.");
        }
        StsSessions.requireDuration(form, role);
        OptionalInt packed = SessionTerms.packedSize(form, tags);
        Terms terms = new Terms(tags, sourceIdentity, form.policy(), form.policyArns());
        Map<String, Object> result = new LinkedHashMap<>(
                AwsAnswer.session(keys.ofSession(role, form.sessionName(), form.duration(), caller.origin(), terms)));
        sourceIdentity.ifPresent(name -> result.put("SourceIdentity", name));
        packed.ifPresent(percent -> result.put("PackedPolicySize", percent));
        return result;
    }

    private static StsRefusedException denied(FakeAwsKey caller, String roleArn) {
        return StsRefusedException.accessDenied(
                "User: " + caller.arn() + " is not authorized to perform: sts:AssumeRole on resource: " + roleArn);
    }

    /** Returns the tags of the session: those that the caller's session passes on, and those that are asked for. */
    private static AwsSessionTags tags(FakeAwsKey caller, AssumeRoleForm form) {
        AwsSessionTags inherited = caller.terms().tags().inherited();
        Set<String> fixed = new HashSet<>();
        inherited.all().keySet().forEach(key -> fixed.add(key.toLowerCase(Locale.ROOT)));
        Map<String, String> all = new LinkedHashMap<>(inherited.all());
        form.tags().forEach((key, value) -> {
            if (fixed.contains(key.toLowerCase(Locale.ROOT))) {
                // The code is not known.
                throw StsRefusedException.validation(
                        "The tag key " + key + " can't be passed, since the session inherits it as transitive.");
            }
            all.put(key, value);
        });
        Set<String> transitive = new HashSet<>(inherited.transitiveKeys());
        transitive.addAll(form.transitiveTagKeys());
        try {
            return new AwsSessionTags(all, transitive);
        } catch (IllegalArgumentException e) {
            throw StsRefusedException.validation("The tags of the session, with those that it inherits, must be at "
                    + "most 50, and each transitive key one of theirs.");
        }
    }

    private boolean trusts(
            FakeAwsRole role,
            FakeAwsKey caller,
            AssumeRoleForm form,
            AwsSessionTags tags,
            Optional<String> sourceIdentity) {
        AwsTrustRequest.Builder request = caller.isOfSession()
                ? AwsTrustRequest.bySession(caller.principal(), caller.sessionName())
                        .key("aws:MultiFactorAuthPresent", "false")
                : AwsTrustRequest.byUser(caller.principal());
        request.key("aws:userid", caller.userId())
                .principalTags(caller.terms().tags().all())
                .tags(tags);
        sourceIdentity.ifPresent(request::sourceIdentity);
        caller.terms().sourceIdentity().ifPresent(name -> request.key("aws:SourceIdentity", name));
        form.externalId().ifPresent(request::externalId);
        return role.trust()
                .decide(StsSessions.request(request, form, clock).build())
                .isAllowed();
    }
}
