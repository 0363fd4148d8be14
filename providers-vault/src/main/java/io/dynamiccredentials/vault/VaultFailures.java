package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.exchange.ExchangeFailures;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.RetryAfter;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;

/** Turns what Vault answers into our exception. Vault has no error codes, only an HTTP status and texts. */
final class VaultFailures {
    static final String CHECK_ADDRESS = "Check that the address is Vault's and that no proxy rewrites its answers";

    private static final String NO_METHOD = "Check the namespace and the path at which the JWT auth method is mounted";

    private static final String NO_ROLE =
            "Check that the role exists in this namespace and that the JWT auth method is configured";
    private static final String DOWN = "Check that Vault is unsealed and has an active node, then try again";

    /** What the method or an engine says when the fault is in how it is set up, and not in who asks. */
    private static final Pattern SETUP = Pattern.compile("(?is)(?:role |missing role|could not load configuration"
            + "|error configuring token validator|did not supply a role_arn|role_arn |role set |static account ).*");

    /** What the method says of an identity token that came too late. */
    private static final Pattern EXPIRED = Pattern.compile("(?is)error validating token:.*expired.*");

    private final ExchangeFailures failures;
    private final String forbidden;
    private final String unwelcome;
    private final String absent;
    private final String setup;
    private final String down;

    private VaultFailures(String object, String forbidden, String unwelcome, String absent) {
        this(object, forbidden, unwelcome, absent, NO_ROLE, DOWN);
    }

    private VaultFailures(String object, String forbidden, String unwelcome, String absent, String setup, String down) {
        this.failures = ExchangeFailures.of(VaultJwtExchanger.PLATFORM, object);
        this.forbidden = forbidden;
        this.unwelcome = unwelcome;
        this.absent = absent;
        this.setup = setup;
        this.down = down;
    }

    /** Describes what can go wrong before there is a Vault token. */
    static VaultFailures ofLogin(String object, String audience) {
        return new VaultFailures(
                object,
                // Where no method is mounted Vault answers as it does to anybody without a token.
                "Check the namespace and the path at which the JWT auth method is mounted, and that the role's "
                        + "token_bound_cidrs include this host",
                "Check the role's bound_audiences for \"" + audience
                        + "\", its bound_subject and bound_claims, and the "
                        + "method's oidc_discovery_url and bound_issuer",
                NO_METHOD);
    }

    /** Describes what can go wrong with a Vault token. */
    static VaultFailures ofToken(String object) {
        return new VaultFailures(
                object,
                "Check that the token is alive and that its policies allow this path, as \"default\" does",
                "Check that the token is alive and of a type that can do this",
                NO_METHOD);
    }

    /** Describes what can go wrong with a secret that an engine makes at another platform. */
    static VaultFailures ofEngine(String object) {
        return new VaultFailures(
                object,
                "Check that the policies of the login's role allow to read this path",
                "Check the role in the secrets engine",
                "Check the namespace, the path at which the secrets engine is mounted, and the role in it",
                "Check that the role exists in the secrets engine and is of the type that the workspace names",
                "Check that Vault is unsealed, and that the secrets engine may make such secrets at its platform");
    }

    /** Describes what can go wrong with a lease. */
    static VaultFailures ofLease(String object) {
        return new VaultFailures(
                object,
                "Check that the policies of the login's role allow this path; \"default\" allows to renew and not to "
                        + "revoke",
                "Check that the lease is alive",
                "Check the namespace",
                "Check that the lease is alive",
                "Check that Vault is unsealed, and that the secrets engine can end such secrets at its platform");
    }

    /** Describes what can go wrong with a token that somebody else has. */
    static VaultFailures ofAccessor(String object) {
        return new VaultFailures(
                object,
                "Check that the policies of the sweeper's role allow \"update\" on auth/token/revoke-accessor, which "
                        + "\"default\" does not",
                "Check that the token is of this namespace",
                NO_METHOD);
    }

    /** Describes what can go wrong with a key of the transit engine. */
    static VaultFailures ofTransit(String object) {
        return new VaultFailures(
                object,
                "Check that the Vault token is alive and that its policies allow this path",
                "Check the versions and the type of the key, and that it was not deleted",
                "Check the namespace and the path at which transit is mounted");
    }

    CredentialExchangeException of(HttpReply reply) {
        CredentialExchangeException.Builder failure = describe(reply);
        retryAfter(reply).ifPresent(failure::retryAfter);
        return failure.build();
    }

    private CredentialExchangeException.Builder describe(HttpReply reply) {
        int status = reply.status();
        String text = errors(reply);
        return switch (status) {
            case 400 -> badRequest(text);
            case 403 -> answered(Kind.REFUSED, status, text, forbidden);
            case 404, 405 -> answered(Kind.MISCONFIGURED, status, text, absent);
            case 413 -> answered(Kind.MISCONFIGURED, status, text, "Raise Vault's max_request_size");
            case 429 -> answered(Kind.THROTTLED, status, text, "Try again later, or raise Vault's rate limit quota");
            case 301, 302, 303, 307, 308 ->
                failures.redirected(status, reply.header("Location").orElse(""), "Give the address of the active node");
            // 412: a replica has not caught up. 472, 473: a node that serves others. 503: sealed, or no active node.
            case 412, 472, 473, 500, 502, 503, 504 -> answered(Kind.UNREACHABLE, status, text, down);
            default -> otherStatus(status, text);
        };
    }

    /** Takes the failures of proxies for passing ones. Vault answers 501 where it is not set up yet. */
    private CredentialExchangeException.Builder otherStatus(int status, String text) {
        return status > 501
                ? answered(Kind.UNREACHABLE, status, text, down)
                : answered(Kind.UNINTELLIGIBLE, status, text, "Check that the address is Vault's");
    }

    /**
     * Returns how long Vault wants to be left alone. A date counts from the one that the same answer has, so that no
     * clock of this machine matters.
     */
    private static Optional<Duration> retryAfter(HttpReply reply) {
        String date = reply.header("Date").orElse("");
        try {
            return RetryAfter.of(
                    reply,
                    ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant());
        } catch (DateTimeException e) {
            // Far in the future every date has passed, and seconds count as they are.
            return RetryAfter.of(reply, Instant.MAX);
        }
    }

    /** Tells whether Vault says that the token itself is dead, and not only that it may not do this. */
    static boolean saysInvalidToken(HttpReply reply) {
        try {
            String text = firstError(reply);
            return text.contains("invalid token") || text.contains("bad token");
        } catch (IllegalArgumentException e) {
            // A page of a proxy is not Vault's word.
            return false;
        }
    }

    /**
     * Tells whether Vault says in these words that it does not know what was to be ended, and not only that something
     * is absent or forbidden.
     */
    static boolean saysGone(HttpReply reply, String words) {
        try {
            boolean refused = reply.status() == 400 || reply.status() == 403 || reply.status() == 404;
            return refused && firstError(reply).contains(words);
        } catch (IllegalArgumentException e) {
            // A page of a proxy is not Vault's word.
            return false;
        }
    }

    CredentialExchangeException forbidden(String text) {
        return answered(Kind.REFUSED, 403, text, forbidden).build();
    }

    CredentialExchangeException needsSecondFactor(HttpReply reply) {
        return answered(
                        Kind.REFUSED,
                        reply.status(),
                        "",
                        "Vault asks for a second factor, which no workload has. Exempt the role from MFA")
                .build();
    }

    CredentialExchangeException unintelligible(HttpReply reply, String why) {
        return failures.unintelligible(why, CHECK_ADDRESS)
                .status(reply.status())
                .build();
    }

    CredentialExchangeException wrongEntity(HttpReply reply, String why) {
        return failures.unintelligible(
                        why,
                        "Check which entity has the alias of the role's user_claim, or the setting that expects it")
                .status(reply.status())
                .build();
    }

    CredentialExchangeException noAnswer(IOException e) {
        return failures.noAnswer(e, "Check the address, the network and Vault's certificate");
    }

    CredentialExchangeException interrupted() {
        return failures.interrupted();
    }

    private CredentialExchangeException.Builder badRequest(String text) {
        if (EXPIRED.matcher(text).matches()) {
            return answered(Kind.REFUSED, 400, text, "Issue a new token, and check this machine's clock and Vault's")
                    .worthRetryingWithFreshToken();
        }
        return SETUP.matcher(text).matches()
                ? answered(Kind.MISCONFIGURED, 400, text, setup)
                : answered(Kind.REFUSED, 400, text, unwelcome);
    }

    private CredentialExchangeException.Builder answered(Kind kind, int status, String text, String remedy) {
        return failures.answered(kind, status, remedy).detail(text);
    }

    /** Returns the first of {@code {"errors":["…"]}}; of any other body only that it is one. */
    static String errors(HttpReply reply) {
        try {
            return firstError(reply);
        } catch (IllegalArgumentException e) {
            return reply.body().isEmpty() ? "" : "an answer that is no JSON: " + UntrustedText.cleanPage(reply.body());
        }
    }

    /** Throws IllegalArgumentException for any other body. */
    private static String firstError(HttpReply reply) {
        JsonNode first = StrictJson.parseObject(reply.body()).path("errors").path(0);
        return first.isTextual() ? first.textValue() : "";
    }
}
