package io.dynamiccredentials.testkit.vault;

import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.DENY;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.READ;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.SUDO;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.testkit.Conversation;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.vault.VaultJwtExchanger;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultTokenCredentials;
import io.dynamiccredentials.wire.HttpReply;
import io.github.jopenlibs.vault.api.Auth;
import io.github.jopenlibs.vault.response.AuthResponse;
import io.github.jopenlibs.vault.response.LookupResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tokens: what becomes of them, line by line. */
class VaultTokenConversationTest extends VaultConversation {
    private static final String INVALID = "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n";

    @Conversation(value = "D6 renew-self: a new lease_duration", sdk = true)
    void renewSelf_movesTheEnd() throws Exception {
        String token = login();
        clock.advance(Duration.ofMinutes(15));

        AuthResponse answer = driver(token).auth().renewSelf();

        assertThat(answer.getAuthClientToken()).isEqualTo(token);
        assertThat(answer.getAuthLeaseDuration()).isEqualTo(1200);
        clock.advance(Duration.ofMinutes(19));
        assertThat(driver(token).auth().lookupSelf().getTTL()).isEqualTo(60);
    }

    @Conversation(value = "D6 renew-self: increment, as a text and in seconds", sdk = true)
    void renewSelf_increment_counts() throws Exception {
        String token = login();

        assertThat(driver(token).auth().renewSelf(90).getAuthLeaseDuration()).isEqualTo(90);
        assertThat(duration(post("auth/token/renew-self", token, Map.of("increment", "1h30m"))))
                .isEqualTo(5400);
        assertThat(post("auth/token/renew-self", token, Map.of("increment", "soon"))
                        .status())
                .isEqualTo(400);
    }

    @Conversation("D6 renew-self: capped by the maximum, with a warning")
    void renewSelf_beyondTheMaximum_isCappedAndWarns() throws Exception {
        vault.role(
                role().tokens(tokens().maxTtl(Duration.ofMinutes(30)).build()).build());
        String token = login();
        clock.advance(Duration.ofMinutes(15));

        JsonNode answer = json(post("auth/token/renew-self", token, Map.of()));

        assertThat(answer.path("auth").path("lease_duration").intValue()).isEqualTo(900);
        assertThat(answer.path("warnings").toString())
                .isEqualTo("[\"TTL of \\\"20m\\\" exceeded the effective max_ttl of \\\"15m\\\"; TTL value is capped "
                        + "accordingly\"]");
        assertThat(answer.path("mount_type").textValue()).isEqualTo("token");
    }

    @Conversation("D6 renew-self: at the maximum there is nothing left")
    void renewSelf_explicitMaximum_holdsAlsoForAPeriod() throws Exception {
        vault.role(role().tokens(tokens().period(Duration.ofMinutes(10))
                        .explicitMaxTtl(Duration.ofMinutes(15))
                        .build())
                .build());
        String token = login();
        clock.advance(Duration.ofMinutes(9));

        assertThat(duration(post("auth/token/renew-self", token, Map.of("increment", 9999))))
                .isEqualTo(360);
        clock.advance(Duration.ofMinutes(6));
        assertAnswer(post("auth/token/renew-self", token, Map.of()), 403, INVALID);
    }

    @Conversation(value = "D6 renew-self: a period has no end", sdk = true)
    void renewSelf_periodic_livesOnAndOn() throws Exception {
        vault.role(role().tokens(tokens().period(Duration.ofMinutes(10))
                        .maxTtl(Duration.ofMinutes(20))
                        .build())
                .build());
        String token = login();
        for (int i = 0; i < 10; i++) {
            clock.advance(Duration.ofMinutes(9));
            assertThat(driver(token).auth().renewSelf().getAuthLeaseDuration()).isEqualTo(600);
        }
        assertThat(json(get("auth/token/lookup-self", token))
                        .path("data")
                        .path("period")
                        .intValue())
                .isEqualTo(600);
    }

    @Conversation(value = "D6 renew-self: what the role says by now", sdk = true)
    void renewSelf_roleWrittenAnew_isTheNewLife() throws Exception {
        String token = login();
        vault.role(role().tokens(tokens().ttl(Duration.ofMinutes(5)).build()).build());

        assertThat(driver(token).auth().renewSelf().getAuthLeaseDuration()).isEqualTo(300);
        vault.namespace("").removeRole("jwt", "ci");
        assertThat(post("auth/token/renew-self", token, Map.of()).status()).isEqualTo(500);
    }

    @Conversation(value = "D6 renew-self: batch tokens cannot be renewed", sdk = true)
    void batchToken_canNeitherBeRenewedNorRevoked() throws Exception {
        vault.role(role().tokens(tokens().batch().build()).build());
        String token = login();

        assertThat(token).startsWith("hvb.");
        assertRefused(() -> driver(token).auth().renewSelf(), 400, "batch tokens cannot be renewed");
        assertRefused(() -> driver(token).auth().revokeSelf(), 400, "batch tokens cannot be revoked");
        LookupResponse answer = driver(token).auth().lookupSelf();
        assertThat(answer.isRenewable()).isFalse();
        assertThat(answer.getAccessor()).isEmpty();
        clock.advance(TTL);
        assertRefused(() -> driver(token).auth().lookupSelf(), 403, INVALID);
    }

    @Conversation(value = "D6 renew-self: batch tokens, to our exchanger", sdk = true)
    void batchToken_toOurExchanger_livesToItsEnd() {
        vault.role(role().tokens(tokens().batch().build()).build());
        VaultJwtExchanger exchanger = VaultJwtExchanger.builder(vault.address(), "ci", http)
                .clock(clock)
                .build();
        VaultTokenCredentials token = exchanger.exchange(issuer.issue(Runs.plan(), AUDIENCE));

        assertThat(token.renewable()).isFalse();
        assertThat(exchanger.revoke(token)).isEqualTo(new Revocation.LivesUntil(token.expiresAt()));
        assertThat(exchanger.handle(token)).isEmpty();
        assertThat(vault.live()).hasSize(1);
    }

    @Conversation("D6 renew: token not found")
    void renew_unknownToken_isRefused() throws Exception {
        String token = login();

        assertAnswer(post("auth/token/renew", token, Map.of("token", "hvs.unknown")), 400, "token not found");
        assertAnswer(post("auth/token/renew", token, Map.of()), 400, "missing token ID");
        assertThat(duration(post("auth/token/renew", token, Map.of("token", login(), "increment", 60))))
                .isEqualTo(60);
    }

    @Conversation(value = "D6 revoke-self: 204", sdk = true)
    void revokeSelf_isDeadAfterwards() throws Exception {
        String token = login();

        assertThat(send("POST", "auth/token/revoke-self", token, "").status()).isEqualTo(204);

        assertRefused(() -> driver(token).auth().lookupSelf(), 403, INVALID);
        assertRefused(() -> driver(token).auth().revokeSelf(), 403, INVALID);
        assertThat(vault.live()).isEmpty();
        assertThat(vault.handedOut()).hasSize(1);
    }

    @Conversation("D6 revoke: by another token")
    void revoke_otherToken_isDeadAndAnUnknownOneDoesNotMatter() throws Exception {
        String other = login();
        String token = login();

        assertThat(post("auth/token/revoke", token, Map.of("token", other)).status())
                .isEqualTo(204);
        assertThat(post("auth/token/revoke", token, Map.of("token", other)).status())
                .isEqualTo(204);
        assertAnswer(post("auth/token/revoke", token, Map.of()), 400, "missing token ID");
        assertThat(get("auth/token/lookup-self", other).status()).isEqualTo(403);
        assertThat(get("auth/token/lookup-self", token).status()).isEqualTo(200);
    }

    @Conversation("D6 revoke-accessor, lookup-accessor and renew-accessor")
    void accessor_namesAToken() throws Exception {
        String token = login();
        String accessor = json(get("auth/token/lookup-self", login()))
                .path("data")
                .path("accessor")
                .textValue();
        Map<String, String> body = Map.of("accessor", accessor);

        assertThat(json(post("auth/token/lookup-accessor", token, body))
                        .path("data")
                        .path("accessor")
                        .textValue())
                .isEqualTo(accessor);
        assertThat(duration(post("auth/token/renew-accessor", token, body))).isEqualTo(1200);
        assertThat(post("auth/token/revoke-accessor", token, body).status()).isEqualTo(204);
        String gone = "1 error occurred:\n\t* invalid accessor\n\n";
        assertAnswer(post("auth/token/revoke-accessor", token, body), 400, gone);
        assertAnswer(post("auth/token/lookup-accessor", token, body), 400, gone);
        assertAnswer(
                post("auth/token/revoke-accessor", token, Map.of()),
                400,
                "1 error occurred:\n\t* missing accessor\n\n");
    }

    @Conversation(value = "D6 lookup-self: all members of data", sdk = true)
    void lookupSelf_tellsAll() throws Exception {
        String token = login();
        clock.advance(Duration.ofMinutes(1));

        JsonNode data = json(get("auth/token/lookup-self", token)).path("data");
        LookupResponse read = driver(token).auth().lookupSelf();

        assertThat(read.getId()).isEqualTo(token);
        assertThat(read.getTTL()).isEqualTo(1140);
        assertThat(read.getCreationTTL()).isEqualTo(1200);
        assertThat(read.getCreationTime()).isEqualTo(Runs.NOW.getEpochSecond());
        assertThat(read.getPath()).isEqualTo("auth/jwt/login");
        assertThat(read.getPolicies()).containsExactly("default");
        assertThat(read.isOrphan()).isTrue();
        assertThat(read.getDisplayName()).isEqualTo("jwt-" + Runs.plan().subject());
        assertThat(data.path("expire_time").textValue())
                .isEqualTo(Runs.NOW.plus(TTL).toString());
        assertThat(data.path("issue_time").textValue()).isEqualTo(Runs.NOW.toString());
        assertThat(data.path("explicit_max_ttl").intValue()).isZero();
        assertThat(data.path("meta").toString()).isEqualTo("{\"role\":\"ci\"}");
        assertThat(data.path("num_uses").intValue()).isZero();
        assertThat(data.path("renewable").booleanValue()).isTrue();
        assertThat(data.path("type").textValue()).isEqualTo("service");
        assertThat(data.path("entity_id").textValue()).isNotEmpty();
        assertThat(data.has("period") || data.has("namespace_path") || data.has("last_renewal"))
                .isFalse();
        driver(token).auth().renewSelf();
        assertThat(driver(token).auth().lookupSelf().getLastRenewalTime())
                .isEqualTo(Runs.NOW.plusSeconds(60).getEpochSecond());
    }

    @Conversation("D4 auth/token/lookup of a bad token")
    void lookup_badToken_saysSo() throws Exception {
        String token = login();

        assertAnswer(post("auth/token/lookup", token, Map.of("token", "hvs.unknown")), 403, "bad token");
        assertThat(json(post("auth/token/lookup", token, Map.of("token", login())))
                        .path("data")
                        .path("id")
                        .textValue())
                .isNotEqualTo(token);
    }

    @Conversation(value = "D2 token_num_uses: as many requests, and no more", sdk = true)
    void numUses_usedUp_isDead() throws Exception {
        vault.role(role().tokens(tokens().numUses(2).build()).build());
        String token = login();

        assertThat(driver(token).auth().lookupSelf().getNumUses()).isEqualTo(1);
        assertRefused(
                () -> driver(token).auth().createToken(new Auth.TokenRequest()),
                400,
                "restricted use token cannot generate child tokens");
        assertThat(vault.live()).as("nothing is left of it").isEmpty();
        assertRefused(() -> driver(token).auth().lookupSelf(), 403, INVALID);
        assertThat(vault.live()).isEmpty();
    }

    @Conversation(value = "D2 token_bound_cidrs: a token from elsewhere", sdk = true)
    void boundCidrs_ofAParent_bindItsChildren() throws Exception {
        vault.role(role().tokens(tokens().boundCidrs("127.0.0.1").build()).build());
        String token = login();

        String child = driver(token).auth().createToken(new Auth.TokenRequest()).getAuthClientToken();

        assertThat(driver(child).auth().lookupSelf().isOrphan()).isFalse();
    }

    @Conversation(value = "D8 auth/token/create: a child dies with its parent", sdk = true)
    void create_child_diesWithItsParent() throws Exception {
        String parent = login();
        AuthResponse made = driver(parent)
                .auth()
                .createToken(new Auth.TokenRequest()
                        .ttl("1h")
                        .displayName("terraform run")
                        .polices(List.of("default")));
        String child = made.getAuthClientToken();
        String grandchild =
                driver(child).auth().createToken(new Auth.TokenRequest()).getAuthClientToken();

        assertThat(made.getAuthLeaseDuration()).isEqualTo(3600);
        LookupResponse told = driver(child).auth().lookupSelf();
        assertThat(told.getDisplayName()).isEqualTo("token-terraform-run");
        assertThat(told.isOrphan()).isFalse();
        assertThat(told.getPath()).isEqualTo("auth/token/create");
        assertThat(vault.live()).hasSize(3);
        driver(parent).auth().revokeSelf();
        assertRefused(() -> driver(child).auth().lookupSelf(), 403, INVALID);
        assertRefused(() -> driver(grandchild).auth().lookupSelf(), 403, INVALID);
        assertThat(vault.live()).isEmpty();
    }

    @Conversation(value = "D8 auth/token/create: a child dies when its parent ends", sdk = true)
    void create_child_diesWhenItsParentEnds() throws Exception {
        String parent = login();
        String child = driver(parent)
                .auth()
                .createToken(new Auth.TokenRequest().ttl("1h"))
                .getAuthClientToken();
        clock.advance(TTL.minusSeconds(1));
        assertThat(driver(child).auth().lookupSelf().getTTL()).isEqualTo(2401);

        clock.advance(Duration.ofSeconds(1));

        assertRefused(() -> driver(child).auth().lookupSelf(), 403, INVALID);
    }

    @Conversation(value = "D8 auth/token/create: this needs the right, which default does not give", sdk = true)
    void create_defaultPolicy_isDenied() throws Exception {
        vault.permit("auth/token/create", DENY);
        String token = login();

        assertRefused(
                () -> driver(token).auth().createToken(new Auth.TokenRequest()),
                403,
                "1 error occurred:\n\t* permission denied\n\n");
    }

    @Conversation("D8 auth/token/create: no more than its parent")
    void create_morePolicies_isRefused() throws Exception {
        String token = login();

        assertAnswer(
                post("auth/token/create", token, Map.of("policies", List.of("admin"))),
                400,
                "child policies must be subset of parent");
        assertAnswer(
                post("auth/token/create", token, Map.of("no_parent", true)),
                400,
                "root or sudo privileges required to create orphan token");
        assertAnswer(
                post("auth/token/create", token, Map.of("period", "1h")),
                400,
                "root or sudo privileges required to create periodic token");
        assertAnswer(
                post("auth/token/create", token, Map.of("id", "mine")),
                400,
                "root or sudo privileges required to specify token id");
        assertAnswer(
                post("auth/token/create", token, Map.of("num_uses", -1)), 400, "number of uses cannot be negative");
        assertAnswer(post("auth/token/create", token, Map.of("type", "other")), 400, "invalid 'token_type' value");
        assertAnswer(
                post("auth/token/create", token, Map.of("type", "batch", "num_uses", 1)),
                400,
                "batch tokens cannot have \"num_uses\" set");
        assertThat(json(post("auth/token/create", token, Map.of("no_default_policy", true)))
                        .path("auth")
                        .path("policies")
                        .isEmpty())
                .isTrue();
    }

    @Conversation("D8 auth/token/create: with sudo, and still not root")
    void create_sudo_mayDoMore() throws Exception {
        vault.permit("auth/token/create", UPDATE, SUDO);
        String token = login();

        JsonNode auth = json(post(
                        "auth/token/create",
                        token,
                        Map.of("policies", List.of("admin"), "no_parent", true, "period", "1h", "num_uses", 5)))
                .path("auth");
        assertThat(auth.path("policies").toString()).isEqualTo("[\"admin\",\"default\"]");
        assertThat(auth.path("orphan").booleanValue()).isTrue();
        assertThat(auth.path("num_uses").intValue()).isEqualTo(5);
        assertAnswer(
                post("auth/token/create", token, Map.of("policies", List.of("root"))),
                400,
                "root tokens may not be created without parent token being root");
    }

    @Conversation("D8 auth/token/create: what it is told and what it inherits")
    void create_metadataAndLimits_areTheChilds() throws Exception {
        String token = login();

        JsonNode auth = json(post(
                        "auth/token/create",
                        token,
                        Map.of("meta", Map.of("run", "7"), "ttl", "2h", "explicit_max_ttl", "1h", "renewable", false)))
                .path("auth");

        assertThat(auth.path("metadata").toString()).isEqualTo("{\"run\":\"7\"}");
        assertThat(auth.path("lease_duration").intValue()).isEqualTo(3600);
        assertThat(auth.path("renewable").booleanValue()).isFalse();
        assertThat(auth.path("entity_id").textValue()).isNotEmpty();
        String child = auth.path("client_token").textValue();
        assertAnswer(post("auth/token/renew-self", child, Map.of()), 400, "lease is not renewable");
        JsonNode orphan =
                json(post("auth/token/create-orphan", token, Map.of())).path("auth");
        assertThat(orphan.path("orphan").booleanValue()).isTrue();
        assertThat(orphan.path("entity_id").textValue()).isEmpty();
        JsonNode batch = json(post("auth/token/create", token, Map.of("type", "batch", "ttl", "1m")))
                .path("auth");
        assertThat(batch.path("client_token").textValue()).startsWith("hvb.");
        assertThat(batch.path("renewable").booleanValue()).isFalse();
        for (String setting : List.of("explicit_max_ttl", "period")) {
            assertAnswer(
                    post("auth/token/create", token, Map.of("type", "batch", setting, "1h")),
                    400,
                    "batch tokens cannot have \"" + setting + "\" set");
        }
    }

    @Conversation("D8 auth/token/create: default is inherited, and not given")
    void create_defaultPolicy_isInherited() throws Exception {
        vault.policy(FakeVaultPolicy.named("maker").rule("auth/token/create", UPDATE));
        vault.role(role().tokens(tokens().policies("maker").noDefaultPolicy().build())
                .build());
        String bare = login();
        vault.role(role().tokens(tokens().policies("maker").build()).build());
        String usual = login();

        assertThat(childPolicies(bare, Map.of())).isEqualTo("[\"maker\"]");
        assertThat(childPolicies(bare, Map.of("policies", List.of("maker")))).isEqualTo("[\"maker\"]");
        assertThat(childPolicies(usual, Map.of("policies", List.of("maker")))).isEqualTo("[\"default\",\"maker\"]");
        assertThat(childPolicies(usual, Map.of("policies", List.of("maker"), "no_default_policy", true)))
                .isEqualTo("[\"maker\"]");
        assertAnswer(
                post("auth/token/create", bare, Map.of("policies", List.of("default"))),
                400,
                "child policies must be subset of parent");
    }

    private String childPolicies(String token, Map<String, ?> body) throws Exception {
        return json(post("auth/token/create", token, body))
                .path("auth")
                .path("policies")
                .toString();
    }

    @Conversation("D8 auth/token/create: a batch token can't")
    void create_byABatchToken_isRefused() throws Exception {
        vault.role(role().tokens(tokens().batch().build()).build());

        assertAnswer(post("auth/token/create", login(), Map.of()), 400, "batch tokens cannot create more tokens");
    }

    @Conversation("D6 revoke-orphan: children live on")
    void revokeOrphan_childrenLiveOn() throws Exception {
        String parent = login();
        String child = json(post("auth/token/create", parent, Map.of()))
                .path("auth")
                .path("client_token")
                .textValue();
        String operator = login();
        Map<String, String> body = Map.of("token", parent);

        assertAnswer(
                post("auth/token/revoke-orphan", operator, body), 403, "1 error occurred:\n\t* permission denied\n\n");
        vault.permit("auth/token/revoke-orphan", UPDATE, SUDO);
        assertThat(post("auth/token/revoke-orphan", operator, body).status()).isEqualTo(204);

        assertThat(get("auth/token/lookup-self", parent).status()).isEqualTo(403);
        assertThat(json(get("auth/token/lookup-self", child))
                        .path("data")
                        .path("orphan")
                        .booleanValue())
                .isTrue();
        assertAnswer(post("auth/token/revoke-orphan", operator, body), 400, "token to revoke not found");
    }

    @Conversation(value = "D4 403: policy denial", sdk = true)
    void read_noPolicy_isDenied() throws Exception {
        vault.engine(FakeVaultKv.at("kv", clock).put("a", Map.of("b", "c")));
        vault.permit("kv/data/*", DENY);
        String token = login();

        assertNotRead(driver(token).logical().read("kv/data/a"), 403, "1 error occurred:\n\t* permission denied\n\n");
    }

    @Conversation(value = "D4 403: no token", sdk = true)
    void read_noToken_isForbidden() throws Exception {
        assertRefused(() -> driver("").auth().lookupSelf(), 403, "permission denied");
        vault.openBao();
        assertRefused(() -> driver("s.unknown").auth().lookupSelf(), 403, "permission denied");
    }

    @Conversation("D5 Authorization: Bearer")
    void bearer_isAToken() throws Exception {
        HttpReply reply = get("auth/token/lookup-self", "", "Authorization", "Bearer " + login());

        assertThat(json(reply).path("data").path("type").textValue()).isEqualTo("service");
    }

    @Conversation("D4 405: unsupported operation")
    void get_whatIsWritten_isUnsupported() throws Exception {
        vault.permit("auth/token/renew-self", READ);
        assertAnswer(get("auth/token/renew-self", login()), 405, "unsupported operation");
        assertAnswer(get("auth/jwt/login", ""), 405, "unsupported operation");
    }

    @Conversation(value = "D4 404: no mount", sdk = true)
    void read_unmountedPath_saysSo() throws Exception {
        String token = login();

        assertNotRead(
                driver(token).logical().read("nowhere/x"),
                404,
                "no handler for route \"nowhere/x\". route entry not found.");
    }

    @Test
    void role_periodBeyondTheMount_isRefused() {
        VaultJwtRole tooLong = role().tokens(
                        tokens().period(Duration.ofDays(32).plusSeconds(1)).build())
                .build();
        assertThatThrownBy(() -> vault.role(tooLong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("greater than the backend's maximum lease TTL of '768h'");
        vault.role(role().tokens(tokens().period(Duration.ofDays(32)).build()).build());
    }

    private static int duration(HttpReply reply) {
        return json(reply).path("auth").path("lease_duration").intValue();
    }
}
