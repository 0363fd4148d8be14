package io.dynamiccredentials.token;

import static io.dynamiccredentials.jwk.SigningAlgorithm.ES256;
import static io.dynamiccredentials.jwk.SigningAlgorithm.RS256;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.wire.UntrustedText;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a platform asks of the tokens, the keys and the address of an issuer whose tokens it shall take.
 *
 * <p>Whatever the rules, a {@link JwtTokenIssuer} has a header of {@code typ}, {@code alg} and {@code kid}, one
 * audience as a string, integer times, a subject of 1 to 255 ASCII characters, and RSA keys of 2048 bits or more. These
 * are the rules on top:
 *
 * <table>
 * <caption>Rules by relying party; a dash is no rule</caption>
 * <tr><th></th><th>AWS</th><th>Google</th><th>Entra</th><th>Vault</th><th>lowest common</th></tr>
 * <tr><td>algorithm</td><td>RS256, ES256</td><td>RS256, ES256</td><td>RS256</td><td>RS256, ES256, EdDSA</td><td>RS256</td></tr>
 * <tr><td>lifetime</td><td>24 h</td><td>24 h</td><td>24 h</td><td>24 h</td><td>1 h</td></tr>
 * <tr><td>issuer, characters</td><td>255</td><td>-</td><td>600</td><td>-</td><td>255</td></tr>
 * <tr><td>port in the issuer</td><td>none</td><td>any</td><td>any</td><td>any</td><td>none</td></tr>
 * <tr><td>audience, characters</td><td>255</td><td>256</td><td>600</td><td>-</td><td>255</td></tr>
 * <tr><td>subject, bytes</td><td>255</td><td>127</td><td>255</td><td>255</td><td>127</td></tr>
 * <tr><td>published keys</td><td>100 RSA, 100 EC</td><td>-</td><td>100</td><td>-</td><td>100</td></tr>
 * <tr><td>token, characters</td><td>16384</td><td>16384</td><td>16384</td><td>16384</td><td>8192</td></tr>
 * <tr><td>session tags</td><td>checked</td><td>-</td><td>-</td><td>-</td><td>checked</td></tr>
 * </table>
 *
 * <p>Of the key sets these are the rules for fetched ones: Google takes 8 keys at most when they are uploaded. A
 * platform may take more than it documents; these rules don't. Immutable.
 */
public final class RelyingPartyRules {
    private static final Duration DAY = Duration.ofHours(24);

    /** What the verifier and the fakes of this library read at most; platforms without a limit here document none. */
    private static final int MAX_TOKEN_CHARACTERS = 16_384;

    private static final int UNLIMITED = Integer.MAX_VALUE;

    private static final Pattern PRINTABLE = Pattern.compile("[!-~](?:[ -~]*[!-~])?");

    private final String name;
    private final Set<SigningAlgorithm> algorithms;
    private final Duration maxLifetime;
    private final Sizes sizes;
    private final Set<Trait> traits;

    private RelyingPartyRules(
            String name, Set<SigningAlgorithm> algorithms, Duration maxLifetime, Sizes sizes, Set<Trait> traits) {
        this.name = name;
        this.algorithms = algorithms;
        this.maxLifetime = maxLifetime;
        this.sizes = sizes;
        this.traits = traits;
    }

    /** Returns the rules of AWS STS. */
    public static RelyingPartyRules aws() {
        return new RelyingPartyRules(
                "AWS",
                EnumSet.of(RS256, ES256),
                DAY,
                new Sizes(255, 255, 255, 100, MAX_TOKEN_CHARACTERS),
                EnumSet.of(
                        Trait.NO_PORT, Trait.KEYS_COUNTED_BY_ALGORITHM, Trait.SESSION_TAGS, Trait.PRINTABLE_AUDIENCE));
    }

    /** Returns the rules of Google Cloud's workload identity federation. */
    public static RelyingPartyRules google() {
        return new RelyingPartyRules(
                "Google Cloud",
                EnumSet.of(RS256, ES256),
                DAY,
                new Sizes(UNLIMITED, 256, 127, UNLIMITED, MAX_TOKEN_CHARACTERS),
                EnumSet.of(Trait.PRINTABLE_AUDIENCE));
    }

    /** Returns the rules of Microsoft Entra ID. */
    public static RelyingPartyRules entra() {
        return new RelyingPartyRules(
                "Entra",
                EnumSet.of(RS256),
                DAY,
                new Sizes(600, 600, 255, 100, MAX_TOKEN_CHARACTERS),
                EnumSet.of(Trait.PRINTABLE_AUDIENCE));
    }

    /** Returns the rules of Vault's JWT login, the loosest of all: its administrator chooses most of them. */
    public static RelyingPartyRules vault() {
        return new RelyingPartyRules(
                "Vault",
                SigningAlgorithm.forIssuing(),
                DAY,
                new Sizes(UNLIMITED, UNLIMITED, 255, UNLIMITED, MAX_TOKEN_CHARACTERS),
                EnumSet.noneOf(Trait.class));
    }

    /** Returns rules that keep those of all four platforms, with room to spare in lifetime and size. */
    public static RelyingPartyRules lowestCommon() {
        return new RelyingPartyRules(
                "the lowest common relying party",
                EnumSet.of(RS256),
                Duration.ofHours(1),
                new Sizes(255, 255, 127, 100, 8192),
                EnumSet.of(Trait.NO_PORT, Trait.SESSION_TAGS, Trait.PRINTABLE_AUDIENCE));
    }

    /** Returns whose rules they are. */
    @Override
    public String toString() {
        return "RelyingPartyRules[" + name + "]";
    }

    /** Returns what an issuer of that address and lifetime breaks. The form of an address on loopback is not judged. */
    List<BrokenRule> brokenBy(IssuerUrl issuer, Duration lifetime) {
        List<BrokenRule> broken = new ArrayList<>();
        checkLifetime(broken, lifetime);
        checkIssuer(broken, issuer);
        return broken;
    }

    private void checkIssuer(List<BrokenRule> broken, IssuerUrl issuer) {
        if (issuer.value().endsWith("/")) {
            broken.add(broken(
                    "issuer slash",
                    "the issuer's address must not end in a slash",
                    UntrustedText.quote(issuer.value()),
                    "Leave the slash out"));
        }
        if (!issuer.isLoopback()) {
            String remedy = "Give the issuer a shorter address";
            checkSize(broken, "issuer length", "characters", issuer.value().length(), sizes.issuerCharacters(), remedy);
            if (traits.contains(Trait.NO_PORT) && URI.create(issuer.value()).getPort() != -1) {
                broken.add(broken(
                        "issuer port",
                        "the issuer's address must have no port",
                        UntrustedText.quote(issuer.value()),
                        "Serve it on port 443 and leave the port out"));
            }
        }
    }

    /** Returns what these published keys break. Of several algorithms one is enough: a retired key signs no more. */
    List<BrokenRule> brokenBy(JwkSet published) {
        List<BrokenRule> broken = new ArrayList<>();
        Map<SigningAlgorithm, Integer> counts = new EnumMap<>(SigningAlgorithm.class);
        for (PublicJwk key : published.keys()) {
            counts.merge(key.algorithm(), 1, Integer::sum);
        }
        if (Collections.disjoint(algorithms, counts.keySet())) {
            counts.keySet().forEach(algorithm -> checkAlgorithm(broken, algorithm));
        }
        boolean counted = traits.contains(Trait.KEYS_COUNTED_BY_ALGORITHM);
        int most = counted ? Collections.max(counts.values()) : published.keys().size();
        String unit = counted ? "published keys of one algorithm" : "published keys";
        checkSize(
                broken, "keys", unit, most, sizes.keys(), "Rotate less often, or remove keys whose tokens have ended");
        return broken;
    }

    /** Returns what a token of this content breaks. */
    List<BrokenRule> brokenBy(TokenDraft draft) {
        List<BrokenRule> broken = new ArrayList<>();
        checkAlgorithm(broken, draft.algorithm());
        checkLifetime(broken, draft.lifetime());
        String audience = draft.audience();
        checkSize(
                broken,
                "audience length",
                "characters",
                audience.length(),
                sizes.audienceCharacters(),
                "Set a shorter audience, here and at the platform");
        if (traits.contains(Trait.PRINTABLE_AUDIENCE)
                && !PRINTABLE.matcher(audience).matches()) {
            broken.add(broken(
                    "audience form",
                    "an audience must be printable ASCII without a blank at either end",
                    UntrustedText.quote(audience),
                    "Set such an audience, here and at the platform"));
        }
        int subjectBytes = draft.subject().getBytes(UTF_8).length;
        String shorten =
                "Shorten the names of which the subject is made, or name the platforms that the tokens are for "
                        + "with relyingParties(…) or relyingParty(audience, …)";
        checkSize(broken, "subject length", "bytes", subjectBytes, sizes.subjectBytes(), shorten);
        if (traits.contains(Trait.SESSION_TAGS)) {
            for (AwsSessionTags.Fault fault : AwsSessionTags.check(draft.further())) {
                broken.add(broken(fault.rule(), fault.limit(), fault.found(), "Change that claim"));
            }
        }
        return broken;
    }

    /** Returns what a compact token of that length breaks. */
    List<BrokenRule> brokenBy(int tokenCharacters) {
        List<BrokenRule> broken = new ArrayList<>();
        String remedy = "Give the workload fewer or shorter claims";
        checkSize(broken, "token length", "characters", tokenCharacters, sizes.tokenCharacters(), remedy);
        return broken;
    }

    private void checkAlgorithm(List<BrokenRule> broken, SigningAlgorithm algorithm) {
        if (!algorithms.contains(algorithm)) {
            String allowed = algorithms.stream().map(SigningAlgorithm::jwsName).collect(Collectors.joining(" or "));
            broken.add(broken(
                    "algorithm",
                    "keys must be for " + allowed,
                    algorithm.jwsName(),
                    "Use such keys, or name the platforms that the tokens are for with relyingParties(…)"));
        }
    }

    private void checkLifetime(List<BrokenRule> broken, Duration lifetime) {
        if (lifetime.compareTo(maxLifetime) > 0) {
            broken.add(broken(
                    "lifetime",
                    "a token must live at most " + maxLifetime,
                    lifetime.toString(),
                    "Set a shorter lifetime, or name the platforms that the tokens are for with relyingParties(…)"));
        }
    }

    private void checkSize(List<BrokenRule> broken, String rule, String unit, int found, int max, String remedy) {
        if (found > max) {
            broken.add(broken(rule, "at most " + max + " " + unit + " are allowed", Integer.toString(found), remedy));
        }
    }

    private BrokenRule broken(String rule, String limit, String found, String remedy) {
        return new BrokenRule(name, rule, found, limit, remedy);
    }

    private record Sizes(
            int issuerCharacters, int audienceCharacters, int subjectBytes, int keys, int tokenCharacters) {}

    private enum Trait {
        NO_PORT,
        PRINTABLE_AUDIENCE,
        KEYS_COUNTED_BY_ALGORITHM,
        SESSION_TAGS
    }
}
