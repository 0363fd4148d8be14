package io.dynamiccredentials.testkit.aws;

import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.FakeService;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The requests and answers of STS. Safe for use by many threads. */
final class FakeSts implements FakeService {
    private static final int UNAVAILABLE = 503;

    private final RoleByToken byToken;
    private final RoleByKey byKey;
    private final FakeAwsKeys keys;

    FakeSts(RoleByToken byToken, RoleByKey byKey, FakeAwsKeys keys) {
        this.byToken = byToken;
        this.byKey = byKey;
        this.keys = keys;
    }

    @Override
    public String operation(FakeRequest request) {
        return StsQuery.operation(request);
    }

    @Override
    public FakeAnswer answer(FakeRequest request) {
        AwsAnswer form = AwsAnswer.forRequest(request);
        Map<String, String> fields = StsQuery.fields(request);
        String action = fields.getOrDefault("Action", "");
        try {
            return form.success(action, result(request, action, fields));
        } catch (StsRefusedException e) {
            return form.error(e.status(), e.code(), e.text());
        }
    }

    private Map<String, Object> result(FakeRequest request, String action, Map<String, String> fields) {
        String version = fields.getOrDefault("Version", "");
        return switch (version.equals(AwsAnswer.VERSION) ? action : "") {
            case RoleByToken.OPERATION -> byToken.answer(fields);
            case RoleByKey.OPERATION -> byKey.answer(keys.caller(request), fields);
            case "GetCallerIdentity" -> identity(keys.caller(request));
            default ->
                throw new StsRefusedException(
                        400, "InvalidAction", "Could not find operation " + action + " for version " + version);
        };
    }

    private static Map<String, Object> identity(FakeAwsKey caller) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("Arn", caller.arn());
        result.put("UserId", caller.userId());
        result.put("Account", caller.account());
        return result;
    }

    /** STS never says for how long. */
    @Override
    public FakeAnswer throttled(FakeRequest request, Optional<Duration> retryAfter) {
        return AwsAnswer.XML.error(400, "Throttling", "Rate exceeded");
    }

    @Override
    public FakeAnswer failed(FakeRequest request, int status) {
        return status == UNAVAILABLE
                ? AwsAnswer.XML.error(status, "ServiceUnavailable", "The service is unavailable.")
                : AwsAnswer.XML.error(status, "InternalFailure", "An internal error has occurred.");
    }
}
