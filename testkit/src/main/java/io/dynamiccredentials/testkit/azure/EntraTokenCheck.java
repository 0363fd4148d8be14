package io.dynamiccredentials.testkit.azure;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.azure.ApplicationTrust;
import io.dynamiccredentials.azure.ApplicationTrust.Accepted;
import io.dynamiccredentials.azure.ApplicationTrust.Refused;
import io.dynamiccredentials.testkit.IssuerKeys;
import io.dynamiccredentials.testkit.ReceivedToken;
import io.dynamiccredentials.testkit.azure.EntraTenants.Application;
import java.time.Instant;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Decides about assertions as Entra does: form, credentials, keys of the issuer, signature, times, in this order.
 *
 * <p>UNVERIFIED: the order, which agrees with all answers that were seen.
 */
record EntraTokenCheck(IssuerKeys keys) {
    private static final Set<String> TYPES = Set.of("JWT", "http://openid.net/specs/jwt/1.0");
    private static final Set<String> ALGORITHMS = Set.of("RS256", "HS256");
    private static final Pattern OF_ENTRA = Pattern.compile("https://(?:sts\\.windows\\.net|sts\\.chinacloudapi\\.cn"
            + "|login\\.microsoftonline\\.(?:com|us)|login\\.(?:partner\\.microsoftonline|chinacloudapi)\\.cn)/.*");

    // UNVERIFIED: five minutes is the default of Microsoft's own token libraries.
    private static final long SKEW_SECONDS = 300;
    private static final long MAX_LIFE_SECONDS = 25 * 3600;

    /** Returns the assertion if the application accepts it. */
    ReceivedToken check(String assertion, Application application, Instant now) throws EntraRefusal {
        ReceivedToken token = ReceivedToken.parse(assertion).orElseThrow(EntraRefusal::malformed);
        requireForm(token);
        Accepted accepted = match(token.claims(), application, now);
        requireSignature(token, accepted);
        requireTime(token.claims(), now);
        return token;
    }

    private static void requireForm(ReceivedToken token) throws EntraRefusal {
        if (!TYPES.contains(token.header().path("typ").asText())) {
            throw EntraRefusal.badType();
        }
        if (!ALGORITHMS.contains(token.algorithm())) {
            throw EntraRefusal.badAlgorithm(token.algorithm());
        }
        if (OF_ENTRA.matcher(token.claims().path("iss").asText()).matches()) {
            throw EntraRefusal.ofEntraItself();
        }
    }

    private static Accepted match(JsonNode claims, Application application, Instant now) throws EntraRefusal {
        ApplicationTrust.Decision decision = application.at(now).decide(claims);
        if (decision instanceof Accepted accepted) {
            return accepted;
        }
        // A credential that is not known everywhere yet: Entra names no part then.
        boolean soon = application.trust().decide(claims) instanceof Accepted;
        throw EntraRefusal.noMatch(soon ? ApplicationTrust.unmatched(claims) : (Refused) decision);
    }

    private void requireSignature(ReceivedToken token, Accepted accepted) throws EntraRefusal {
        IssuerKeys.Answer answer = keys.find(accepted.credential().issuer(), token.keyId());
        if (answer instanceof IssuerKeys.Unreachable) {
            throw EntraRefusal.issuerUnreachable();
        }
        if (!(answer instanceof IssuerKeys.Found found)) {
            throw EntraRefusal.unknownKey(
                    token.keyId(), accepted.credential().issuer().value());
        }
        // The text names HS256, for which there is no key here.
        if (!token.algorithm().equals("RS256") || !token.isSignedBy(found.key())) {
            throw EntraRefusal.badSignature();
        }
    }

    private static void requireTime(JsonNode claims, Instant now) throws EntraRefusal {
        JsonNode until = claims.path("exp");
        JsonNode from = claims.has("nbf") ? claims.path("nbf") : claims.path("iat");
        if (!until.isNumber() || !from.isNumber()) {
            throw EntraRefusal.malformed();
        }
        double second = now.getEpochSecond() + now.getNano() / 1e9;
        if (from.doubleValue() - SKEW_SECONDS > second || until.doubleValue() + SKEW_SECONDS <= second) {
            throw EntraRefusal.outsideItsTime(now, instant(from), instant(until));
        }
        if (until.doubleValue() - from.doubleValue() > MAX_LIFE_SECONDS) {
            throw EntraRefusal.livesTooLong();
        }
    }

    private static Instant instant(JsonNode seconds) {
        long bounded = Math.max(0, Math.min(seconds.longValue(), 253_402_300_799L));
        return Instant.ofEpochSecond(bounded);
    }
}
