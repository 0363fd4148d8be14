package io.dynamiccredentials.aws.trust;

import static io.dynamiccredentials.aws.trust.TrustConditionKey.canonical;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.UntrustedText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request to assume a role as its trust policy sees it: who asks, for which actions, and what the keys of conditions
 * are. Immutable.
 *
 * <p>A key that nothing set is absent from the request.
 */
public final class AwsTrustRequest {
    private static final String WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity";
    private static final String SOURCE_IDENTITY_CLAIM = "https://aws.amazon.com/source_identity";
    private static final Pattern PROVIDER = Pattern.compile("arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/(.+)");
    private static final Pattern ROLE =
            Pattern.compile("arn:([a-z-]+):iam::([0-9]{12}):role/(?:[!-~]+/)?([\\w+=,.@-]{1,64})");
    private static final Pattern USER =
            Pattern.compile("arn:([a-z-]+):iam::([0-9]{12}):user/(?:[!-~]+/)?([\\w+=,.@-]{1,64})");
    private static final Pattern SESSION_NAME = Pattern.compile("[\\w+=,.@-]{2,64}");

    private final Set<String> principals;
    private final List<String> actions;
    private final Map<String, List<String>> keys;

    private AwsTrustRequest(Builder builder) {
        this.principals = builder.principals;
        this.actions = List.copyOf(builder.actions);
        this.keys = Map.copyOf(builder.keys);
    }

    /**
     * Starts a request by the holder of a token whose signature was verified. Its claims become keys as AWS makes them:
     * {@code aud} is {@code azp} if the token has that, and then {@code oaud} what the token calls {@code aud}. Session
     * tags and a source identity in it are asked for, too.
     *
     * @param providerArn the ARN of the OIDC identity provider that vouches for the token
     * @throws IllegalArgumentException if {@code providerArn} is none, or the tags or source identity are not in the
     *     form of AWS
     */
    public static Builder byToken(String providerArn, JsonNode claims) {
        Matcher provider = PROVIDER.matcher(providerArn);
        if (!provider.matches()) {
            throw new IllegalArgumentException("The provider must be named by its ARN, such as "
                    + "\"arn:aws:iam::123456789012:oidc-provider/ci.example\"; it was \"" + providerArn + "\"");
        }
        Builder request = new Builder(Set.of(providerArn), WEB_IDENTITY);
        boolean authorizedParty = claims.has("azp");
        for (Map.Entry<String, JsonNode> claim : claims.properties()) {
            String name = claim.getKey().equals("aud") && authorizedParty ? "oaud" : claim.getKey();
            // A claim of that name is not what AWS calls so.
            boolean pretended = claim.getKey().equals("oaud");
            if (!pretended && TrustConditionKey.isKey(provider.group(1), name)) {
                request.put(provider.group(1) + ":" + name, texts(claim.getValue()));
            }
        }
        if (authorizedParty) {
            request.put(provider.group(1) + ":aud", texts(claims.get("azp")));
        }
        if (claims.has(SOURCE_IDENTITY_CLAIM)) {
            JsonNode name = claims.get(SOURCE_IDENTITY_CLAIM);
            request.sourceIdentity(name.isTextual() ? name.textValue() : "");
        }
        return request.tags(AwsSessionTags.of(claims));
    }

    /**
     * Starts a request by a session of the role {@code roleArn}.
     *
     * @throws IllegalArgumentException if {@code roleArn} is not the ARN of a role, or {@code sessionName} none of a
     *     session
     */
    public static Builder bySession(String roleArn, String sessionName) {
        Matcher role = ROLE.matcher(roleArn);
        if (!role.matches()) {
            throw new IllegalArgumentException("The role of a session must be named by its ARN, such as "
                    + "\"arn:aws:iam::123456789012:role/deploy\"; it was \"" + roleArn + "\"");
        }
        requireName(sessionName);
        // STS drops the role's path.
        String session = "arn:" + role.group(1) + ":sts::" + role.group(2) + ":assumed-role/" + role.group(3) + "/"
                + sessionName;
        return byPrincipal(role.group(1), role.group(2), roleArn, session).key("aws:PrincipalType", "AssumedRole");
    }

    /**
     * Starts a request by a user.
     *
     * @throws IllegalArgumentException if {@code userArn} is not the ARN of a user
     */
    public static Builder byUser(String userArn) {
        Matcher user = USER.matcher(userArn);
        if (!user.matches()) {
            throw new IllegalArgumentException("A user must be named by the ARN, such as "
                    + "\"arn:aws:iam::123456789012:user/vault\"; it was \"" + userArn + "\"");
        }
        return byPrincipal(user.group(1), user.group(2), userArn, userArn)
                .key("aws:PrincipalType", "User")
                .key("aws:username", user.group(3));
    }

    private static Builder byPrincipal(String partition, String account, String arn, String session) {
        Set<String> names =
                new LinkedHashSet<>(List.of(session, arn, account, "arn:" + partition + ":iam::" + account + ":root"));
        return new Builder(names, "sts:AssumeRole")
                .key(TrustConditionKey.PRINCIPAL_ARN, arn)
                .key(TrustConditionKey.PRINCIPAL_ACCOUNT, account);
    }

    /** STS takes a number for the text of its digits. */
    private static List<String> texts(JsonNode claim) {
        List<String> texts = new ArrayList<>();
        for (JsonNode value : claim.isArray() ? claim : List.of(claim)) {
            if (value.isValueNode() && !value.isNull()) {
                texts.add(value.asText());
            }
        }
        return texts;
    }

    private static void requireName(String name) {
        if (!SESSION_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("A session or source identity must have a name of 2 to 64 letters, "
                    + "digits or \"_+=,.@-\"; it was " + UntrustedText.quote(name));
        }
    }

    Set<String> principals() {
        return principals;
    }

    List<String> actions() {
        return actions;
    }

    boolean isByToken() {
        return actions.contains(WEB_IDENTITY);
    }

    /** Returns the values of a key; none if it is absent. */
    List<String> values(TrustConditionKey key) {
        return keys.getOrDefault(key.name(), List.of());
    }

    @Override
    public String toString() {
        return "AwsTrustRequest" + actions + " by " + principals;
    }

    /** Collects what a request says. Not safe for use by several threads. */
    public static final class Builder {
        private final Set<String> principals;
        private final Set<String> actions = new LinkedHashSet<>();
        private final Map<String, List<String>> keys = new HashMap<>();

        private Builder(Set<String> principals, String action) {
            this.principals = principals;
            actions.add(action);
        }

        /**
         * Sets the name of the session.
         *
         * @throws IllegalArgumentException if it is none of a session
         */
        public Builder sessionName(String name) {
            requireName(name);
            return key(TrustConditionKey.ROLE_SESSION_NAME, name);
        }

        /**
         * Asks to set a source identity, which takes {@code sts:SetSourceIdentity}.
         *
         * @throws IllegalArgumentException if it is none
         */
        public Builder sourceIdentity(String name) {
            requireName(name);
            actions.add("sts:SetSourceIdentity");
            return key(TrustConditionKey.SOURCE_IDENTITY, name);
        }

        /** Asks to set session tags, which takes {@code sts:TagSession} if there are any. */
        public Builder tags(AwsSessionTags tags) {
            if (!tags.isEmpty()) {
                actions.add("sts:TagSession");
                tags.all().forEach((name, value) -> key(TrustConditionKey.REQUEST_TAG + name, value));
                put(TrustConditionKey.TAG_KEYS, tags.keys());
                put(
                        TrustConditionKey.TRANSITIVE_TAG_KEYS,
                        tags.transitiveKeys().stream().sorted().toList());
            }
            return this;
        }

        /** Sets the tags that who asks has. */
        public Builder principalTags(Map<String, String> tags) {
            tags.forEach((name, value) -> key(TrustConditionKey.PRINCIPAL_TAG + name, value));
            return this;
        }

        /** Sets the external id. */
        public Builder externalId(String id) {
            return key(TrustConditionKey.EXTERNAL_ID, id);
        }

        /** Sets when the request is made. */
        public Builder at(Instant time) {
            key(
                    TrustConditionKey.CURRENT_TIME,
                    Instant.ofEpochSecond(time.getEpochSecond()).toString());
            return key(TrustConditionKey.EPOCH_TIME, String.valueOf(time.getEpochSecond()));
        }

        /**
         * Sets another key of conditions, such as {@code aws:SourceIp}.
         *
         * @throws IllegalArgumentException if no trust policy here can have it
         */
        public Builder key(String name, String value) {
            TrustConditionKey.parse(name);
            put(name, List.of(value));
            return this;
        }

        private void put(String name, List<String> values) {
            keys.put(canonical(name), List.copyOf(values));
        }

        /** Returns the request. */
        public AwsTrustRequest build() {
            return new AwsTrustRequest(this);
        }
    }
}
