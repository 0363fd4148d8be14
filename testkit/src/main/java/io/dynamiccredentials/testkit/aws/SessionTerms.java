package io.dynamiccredentials.testkit.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.aws.trust.AwsSessionTags;
import io.dynamiccredentials.wire.StrictJson;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.zip.Deflater;

/** The policies and tags of a session, and how much of its token they take. */
final class SessionTerms {
    private static final int MAX_PLAIN = 2048;

    /**
     * How many packed bytes a session's token has for them. AWS says neither this nor how it packs; it says only that
     * the packed size has a limit of its own, and how many hundredths of that are taken. Here that is what the JDK's
     * Deflater makes of the texts, one to a line, against as many bytes as the plain text may have characters. Real
     * sizes differ: a test can rely on little being taken and on much being refused, not on where the line is.
     */
    private static final int MAX_PACKED = 2048;

    private SessionTerms() {}

    /**
     * Checks policies and tags, and returns how many hundredths of the space they take; empty if there are none.
     *
     * @throws StsRefusedException if a policy is no JSON object, or all of it does not fit
     */
    static OptionalInt packedSize(AssumeRoleForm form, AwsSessionTags tags) {
        Optional<String> policy = form.policy();
        if (policy.isPresent() && !isObject(policy.get())) {
            throw new StsRefusedException(400, "MalformedPolicyDocument", "The policy is not in valid JSON format.");
        }
        String policies = policy.orElse("") + String.join("", form.policyArns());
        if (policies.length() > MAX_PLAIN) {
            throw tooLarge((policies.length() * 100 + MAX_PLAIN - 1) / MAX_PLAIN);
        }
        if (policies.isEmpty() && tags.isEmpty()) {
            return OptionalInt.empty();
        }
        StringBuilder text = new StringBuilder(policies);
        new TreeMap<>(tags.all())
                .forEach((key, value) ->
                        text.append('\n').append(key).append('\n').append(value));
        int percent = (deflated(text.toString()) * 100 + MAX_PACKED - 1) / MAX_PACKED;
        if (percent > 100) {
            throw tooLarge(percent);
        }
        return OptionalInt.of(percent);
    }

    private static StsRefusedException tooLarge(int percent) {
        // The text is not known for sure.
        return new StsRefusedException(
                400,
                "PackedPolicyTooLarge",
                "Packed policy consumes " + percent + "% of allotted space, please use smaller policy.");
    }

    private static boolean isObject(String json) {
        try {
            return StrictJson.parseObject(json).isObject();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static int deflated(String text) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        try {
            deflater.setInput(text.getBytes(UTF_8));
            deflater.finish();
            byte[] buffer = new byte[4096];
            while (!deflater.finished()) {
                deflater.deflate(buffer);
            }
            return Math.toIntExact(deflater.getBytesWritten());
        } finally {
            deflater.end();
        }
    }
}
