package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.io.IOException;

/** Turns what Vault answers into our exception. Vault has no error codes, only an HTTP status and texts. */
final class VaultFailures {
    private final String object;
    private final String audience;

    /** Describes what Vault may refuse, for example {@code the login for role "ci" at "https://vault.example"}. */
    VaultFailures(String object, String audience) {
        this.object = object;
        this.audience = audience;
    }

    CredentialExchangeException of(HttpReply reply) {
        String text = errors(reply);
        return switch (reply.status()) {
            case 400 -> badRequest(reply, text);
            case 403 ->
                refused(
                        Kind.REFUSED,
                        reply,
                        text,
                        "Check that the token is alive, that its policy allows this"
                                + " path, and that the role's token_bound_cidrs include this host");
            case 404, 405 ->
                refused(
                        Kind.MISCONFIGURED,
                        reply,
                        text,
                        "Check the namespace and the path at which the JWT" + " auth method is mounted");
            case 413 -> refused(Kind.MISCONFIGURED, reply, text, "Raise Vault's max_request_size");
            case 429 -> refused(Kind.THROTTLED, reply, text, "Try again later, or raise Vault's rate limit quota");
            case 301, 302, 303, 307, 308 ->
                refused(
                        Kind.MISCONFIGURED,
                        reply,
                        "redirect to " + reply.header("Location").orElse("nowhere"),
                        "Redirects are not followed, so that a token reaches"
                                + " no other host. Give the address of the active node");
            // 412: a replica has not caught up. 472, 473: a node that serves others. 503: sealed, or no active node.
            case 412, 472, 473, 500, 502, 503, 504 ->
                refused(
                        Kind.UNREACHABLE,
                        reply,
                        text,
                        "Check that Vault is unsealed" + " and has an active node, then try again");
            default -> refused(Kind.UNINTELLIGIBLE, reply, text, "Check that the address is Vault's");
        };
    }

    CredentialExchangeException needsSecondFactor(HttpReply reply) {
        return refused(
                Kind.REFUSED,
                reply,
                "",
                "Vault asks for a second factor, which no workload has. Exempt the role" + " from MFA");
    }

    CredentialExchangeException unintelligible(HttpReply reply, String why) {
        return CredentialExchangeException.builder(
                        VaultJwtExchanger.PLATFORM,
                        Kind.UNINTELLIGIBLE,
                        "Vault answered " + object + " without usable credentials: " + why,
                        "Check that the address is Vault's and that no proxy rewrites its answers")
                .status(reply.status())
                .build();
    }

    CredentialExchangeException noAnswer(IOException e) {
        return CredentialExchangeException.builder(
                        VaultJwtExchanger.PLATFORM,
                        Kind.UNREACHABLE,
                        "Vault gave no whole answer to " + object,
                        "Check the address, the network and Vault's certificate, then try again")
                .detail(e.getClass().getSimpleName() + ": " + e.getMessage())
                .cause(e)
                .build();
    }

    CredentialExchangeException interrupted(InterruptedException e) {
        return CredentialExchangeException.builder(
                        VaultJwtExchanger.PLATFORM,
                        Kind.UNREACHABLE,
                        "The thread was interrupted during " + object,
                        "Nothing is known about the outcome")
                .retryable(false)
                .cause(e)
                .build();
    }

    private CredentialExchangeException badRequest(HttpReply reply, String text) {
        boolean wrongSetup = text.startsWith("role ")
                || text.startsWith("missing role")
                || text.startsWith("could not load configuration")
                || text.startsWith("error configuring token validator");
        return wrongSetup
                ? refused(
                        Kind.MISCONFIGURED,
                        reply,
                        text,
                        "Check that the role exists in this namespace and that the JWT" + " auth method is configured")
                : refused(
                        Kind.REFUSED,
                        reply,
                        text,
                        "Check the role's bound_audiences for \"" + audience + "\", its"
                                + " bound_subject and bound_claims, and the method's oidc_discovery_url and bound_issuer");
    }

    private CredentialExchangeException refused(Kind kind, HttpReply reply, String text, String remedy) {
        String step = "Vault refused " + object;
        return CredentialExchangeException.builder(VaultJwtExchanger.PLATFORM, kind, step, remedy)
                .status(reply.status())
                .detail(text)
                .build();
    }

    /** Returns the first of {@code {"errors":["…"]}}; of any other body only that it is one. */
    private static String errors(HttpReply reply) {
        try {
            JsonNode first = StrictJson.parseObject(reply.body()).path("errors").path(0);
            return first.isTextual() ? first.textValue() : "";
        } catch (IllegalArgumentException e) {
            return reply.body().isEmpty() ? "" : "an answer that is no JSON: " + UntrustedText.clean(reply.body());
        }
    }
}
