package io.dynamiccredentials.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Stops a parser at too many values, before they are made, and at what readers of JSON disagree about. */
final class CountingParser extends JsonParserDelegate {
    private final int maxValues;
    private int values;

    CountingParser(JsonParser parser, int maxValues) {
        super(parser);
        this.maxValues = maxValues;
    }

    @Override
    public @Nullable JsonToken nextToken() throws IOException {
        JsonToken token = super.nextToken();
        if (token == null) {
            return null;
        }
        boolean begins = token.isScalarValue() || token.isStructStart();
        if (begins && ++values > maxValues + 1) {
            throw new IllegalArgumentException("a JSON object of more than " + maxValues + " values");
        }
        boolean text = token == JsonToken.VALUE_STRING || token == JsonToken.FIELD_NAME;
        if (text && !isUnicode(getText())) {
            throw new IllegalArgumentException("JSON with half of a surrogate pair");
        }
        // Others read such a number in other ways, or not at all (RFC 8259, section 6).
        if (token == JsonToken.VALUE_NUMBER_FLOAT && Double.isInfinite(getDoubleValue())) {
            throw new IllegalArgumentException("JSON with a number beyond a double");
        }
        return token;
    }

    private static boolean isUnicode(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return false;
            }
        }
        return true;
    }
}
