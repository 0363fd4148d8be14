package io.dynamiccredentials.aws;

import io.dynamiccredentials.wire.HttpReply;
import java.io.IOException;

/** Thrown through the SDK for an answer that says success and is not fit for the SDK's parser. */
final class UnusableAnswerException extends IOException {
    private static final long serialVersionUID = 1;

    private final String why;
    private final int status;
    private final String requestId;

    UnusableAnswerException(String why, HttpReply reply) {
        super(why);
        this.why = why;
        this.status = reply.status();
        this.requestId = reply.header(StsHttpClient.REQUEST_ID).orElse("");
    }

    String why() {
        return why;
    }

    int status() {
        return status;
    }

    String requestId() {
        return requestId;
    }
}
