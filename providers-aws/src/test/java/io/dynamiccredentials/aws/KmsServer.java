package io.dynamiccredentials.aws;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** A KMS of one account in the JSON protocol 1.1, which signs for real, pages by two, and misbehaves as a test asks. */
final class KmsServer implements AutoCloseable {
    static final String ARN = "arn:aws:kms:eu-central-1:123456789012:key/";

    // RFC 8017, section 9.2: what comes before a SHA-256 in a signature.
    private static final byte[] SHA256_INFO = HexFormat.of().parseHex("3031300d060960864801650304020105000420");
    private static final int PAGE = 2;

    private final ScriptedServer server = ScriptedServer.http(this::answer);
    private final Map<String, Key> keys = new LinkedHashMap<>();
    private final Map<String, String> aliases = new TreeMap<>();
    private BiFunction<String, JsonNode, Optional<Answer>> script = (operation, body) -> Optional.empty();
    private UnaryOperator<byte[]> signatures = signature -> signature;

    private record Key(Map<String, Object> metadata, KeyPair pair) {}

    /** Starts a KMS without keys. */
    static KmsServer start() {
        return new KmsServer();
    }

    /** Returns a client of {@code endpoint} that tries once. */
    static KmsClient client(URI endpoint) {
        return KmsClient.builder()
                .endpointOverride(endpoint)
                .region(Region.EU_CENTRAL_1)
                .fipsEnabled(false)
                .dualstackEnabled(false)
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIAEXAMPLE", "secret-marker")))
                .httpClient(new PlainHttpClient())
                .overrideConfiguration(overrides -> overrides.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .build();
    }

    URI address() {
        return server.address();
    }

    KmsClient client() {
        return client(server.address());
    }

    /** Returns the operations so far. */
    List<String> calls() {
        return server.requests().stream().map(KmsServer::operation).toList();
    }

    /** Returns the bodies of all calls of {@code operation}. */
    List<JsonNode> bodies(String operation) {
        return server.requests().stream()
                .filter(request -> operation(request).equals(operation))
                .map(request -> StrictJson.parseObject(request.body()))
                .toList();
    }

    /** Makes a key under {@code alias} as an operator would, and returns its ARN. */
    synchronized String key(String spec, String alias) {
        String arn = create(spec);
        aliases.put(alias, arn.substring(ARN.length()));
        return arn;
    }

    synchronized KmsServer metadata(String arn, String name, Object value) {
        key(arn).metadata().put(name, value);
        return this;
    }

    synchronized Object metadata(String arn, String name) {
        return Optional.ofNullable(key(arn).metadata().get(name)).orElse("absent");
    }

    synchronized KeyPair pair(String arn) {
        return key(arn).pair();
    }

    synchronized List<String> arns() {
        return keys.keySet().stream().map(ARN::concat).toList();
    }

    synchronized Map<String, String> aliases() {
        return Map.copyOf(aliases);
    }

    /** Lets {@code other} answer an operation where it gives an answer. */
    synchronized void script(BiFunction<String, JsonNode, Optional<Answer>> other) {
        script = other;
    }

    synchronized void answer(String operation, Answer answer) {
        script((asked, body) -> asked.equals(operation) ? Optional.of(answer) : Optional.empty());
    }

    synchronized void signatures(UnaryOperator<byte[]> change) {
        signatures = change;
    }

    static Answer error(int status, String code, String message) {
        return Answer.json(status, "{\"__type\":\"" + code + "\",\"message\":\"" + message + "\"}")
                .header("x-amzn-RequestId", Sts.REQUEST_ID);
    }

    @Override
    public void close() {
        server.close();
    }

    private static String operation(ScriptedServer.Request request) {
        return request.headers().getOrDefault("X-Amz-Target", "").replace("TrentService.", "");
    }

    private synchronized Answer answer(ScriptedServer.Request request) {
        JsonNode body = StrictJson.parseObject(request.body());
        String operation = operation(request);
        return script.apply(operation, body).orElseGet(() -> engine(operation, body));
    }

    private Answer engine(String operation, JsonNode body) {
        return switch (operation) {
            case "ListAliases" -> listAliases(body);
            case "CreateKey" -> {
                String arn = create(body.path("KeySpec").asText());
                yield json(Map.of("KeyMetadata", key(arn).metadata()));
            }
            case "CreateAlias" -> {
                String target = body.path("TargetKeyId").asText();
                aliases.put(body.path("AliasName").asText(), target.substring(ARN.length()));
                yield new Answer(200, Map.of(), "", Answer.Manner.WHOLE);
            }
            case "DeleteAlias" -> {
                aliases.remove(body.path("AliasName").asText());
                yield new Answer(200, Map.of(), "", Answer.Manner.WHOLE);
            }
            default -> withKey(operation, body);
        };
    }

    private Answer withKey(String operation, JsonNode body) {
        String asked = body.path("KeyId").asText();
        String id = asked.startsWith(ARN) ? asked.substring(ARN.length()) : asked;
        Key key = keys.get(id);
        if (key == null) {
            return error(400, "NotFoundException", "Key '" + ARN + id + "' does not exist");
        }
        Object state = key.metadata().getOrDefault("KeyState", "");
        if (operation.equals("DescribeKey")) {
            return json(Map.of("KeyMetadata", key.metadata()));
        }
        if (state.equals("PendingDeletion")) {
            return error(400, "KMSInvalidStateException", ARN + id + " is pending deletion.");
        }
        if (operation.equals("ScheduleKeyDeletion")) {
            key.metadata().put("KeyState", "PendingDeletion");
            key.metadata().put("Days", body.path("PendingWindowInDays").asInt());
            return json(Map.of("KeyId", ARN + id, "KeyState", "PendingDeletion"));
        }
        if (state.equals("Disabled")) {
            return error(400, "DisabledException", ARN + id + " is disabled.");
        }
        return switch (operation) {
            case "GetPublicKey" ->
                json(Map.of(
                        "KeyId",
                        ARN + id,
                        "PublicKey",
                        base64(key.pair().getPublic().getEncoded())));
            case "Sign" -> sign(id, key, body);
            default -> error(400, "UnknownOperationException", operation);
        };
    }

    private Answer sign(String id, Key key, JsonNode body) {
        String algorithm = body.path("SigningAlgorithm").asText();
        byte[] digest = Base64.getDecoder().decode(body.path("Message").asText());
        if (!body.path("MessageType").asText().equals("DIGEST") || digest.length != 32) {
            return error(400, "ValidationException", "Digest is invalid length for algorithm " + algorithm + ".");
        }
        try {
            boolean rsa = algorithm.equals("RSASSA_PKCS1_V1_5_SHA_256");
            Signature signature = Signature.getInstance(rsa ? "NONEwithRSA" : "NONEwithECDSA");
            signature.initSign(key.pair().getPrivate());
            if (rsa) {
                signature.update(SHA256_INFO);
            }
            signature.update(digest);
            String text = base64(signatures.apply(signature.sign()));
            return json(Map.of("KeyId", ARN + id, "Signature", text, "SigningAlgorithm", algorithm));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Answer listAliases(JsonNode body) {
        @Nullable String of = body.has("KeyId") ? body.path("KeyId").asText().substring(ARN.length()) : null;
        List<Map<String, Object>> all = new ArrayList<>();
        aliases.forEach((name, target) -> {
            if (of == null || of.equals(target)) {
                all.add(Map.of("AliasName", name, "TargetKeyId", target));
            }
        });
        // What every account has: an alias of AWS's own without a key.
        if (of == null) {
            all.add(0, Map.of("AliasName", "alias/aws/ebs"));
        }
        int from = body.path("Marker").asInt(0);
        int to = Math.min(all.size(), from + PAGE);
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("Aliases", all.subList(from, to));
        page.put("Truncated", to < all.size());
        if (to < all.size()) {
            page.put("NextMarker", String.valueOf(to));
        }
        return json(page);
    }

    private Key key(String arn) {
        return Optional.ofNullable(keys.get(arn.substring(ARN.length()))).orElseThrow();
    }

    private String create(String spec) {
        String id = UUID.randomUUID().toString();
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("KeyId", id);
        metadata.put("Arn", ARN + id);
        metadata.put("KeyUsage", "SIGN_VERIFY");
        metadata.put("KeySpec", spec);
        metadata.put("KeyState", "Enabled");
        metadata.put("Origin", "AWS_KMS");
        keys.put(id, new Key(metadata, newPair(spec)));
        return ARN + id;
    }

    private static KeyPair newPair(String spec) {
        try {
            if (spec.startsWith("RSA_")) {
                KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
                rsa.initialize(Integer.parseInt(spec.substring("RSA_".length())));
                return rsa.generateKeyPair();
            }
            KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
            ec.initialize(new ECGenParameterSpec(spec.equals("ECC_NIST_P384") ? "secp384r1" : "secp256r1"));
            return ec.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static Answer json(Map<String, ?> body) {
        return Answer.json(200, StrictJson.write(body)).header("x-amzn-RequestId", Sts.REQUEST_ID);
    }
}
