package io.dynamiccredentials.aws;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The ARN of an IAM role, taken apart. */
record RoleArn(String text, String partition, String account, String name) {
    static final String EXPECTED =
            "the ARN of an IAM role, such as \"arn:aws:iam::123456789012:role/deploy\", in partition aws, aws-cn, aws-us-gov, "
                    + "aws-iso, aws-iso-b, aws-iso-e, aws-iso-f or aws-eusc";

    // A path may have all printable ASCII; quotes and backslashes are left out, since the ARN stands in messages.
    private static final Pattern FORM = Pattern.compile("arn:(aws|aws-cn|aws-us-gov|aws-iso(?:-[bef])?|aws-eusc)"
            + ":iam::([0-9]{12}):role/(?:[!#-.0-\\[\\]-~]+/){0,64}([\\w+=,.@-]{1,64})");

    private static final int MAX_LENGTH = 2048;

    /** Reads an ARN; empty if it is not that of a role. */
    static Optional<RoleArn> parse(String text) {
        if (text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        Matcher matcher = FORM.matcher(text);
        return matcher.matches()
                ? Optional.of(new RoleArn(text, matcher.group(1), matcher.group(2), matcher.group(3)))
                : Optional.empty();
    }

    /** Tells whether {@code arn} is that of a session of this role. */
    boolean isAssumedAs(String sessionName, String arn) {
        // STS drops the role's path. Two roles of an account never differ in case alone.
        String expected = "arn:" + partition + ":sts::" + account + ":assumed-role/" + name + "/" + sessionName;
        return expected.equalsIgnoreCase(arn);
    }

    @Override
    public String toString() {
        return text;
    }
}
