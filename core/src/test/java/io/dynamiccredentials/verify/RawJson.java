package io.dynamiccredentials.verify;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** A JSON object whose members are written as they are given, right or wrong. Immutable. */
record RawJson(Map<String, String> members) {

    static RawJson of(Map<String, String> members) {
        return new RawJson(new LinkedHashMap<>(members));
    }

    RawJson with(String name, String json) {
        Map<String, String> changed = new LinkedHashMap<>(members);
        changed.put(name, json);
        return new RawJson(changed);
    }

    RawJson with(String name, long number) {
        return with(name, String.valueOf(number));
    }

    RawJson withText(String name, String text) {
        return with(name, '"' + text + '"');
    }

    RawJson without(String name) {
        Map<String, String> changed = new LinkedHashMap<>(members);
        changed.remove(name);
        return new RawJson(changed);
    }

    /** Adds a member without looking whether its name is there already, which a map could not hold. */
    String andAlso(String member) {
        String text = toString();
        return text.substring(0, text.length() - 1) + "," + member + "}";
    }

    @Override
    public String toString() {
        return members.entrySet().stream()
                .map(member -> '"' + member.getKey() + "\":" + member.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }
}
