package io.dynamiccredentials.testkit;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Which requests a fake platform had, in the order of their answers. Safe for use by many threads. */
public final class CallLog {
    private static final int FIRST_ERROR = 400;

    private final List<Call> calls = new CopyOnWriteArrayList<>();

    /** Starts without any request. */
    CallLog() {}

    /**
     * One request. Immutable.
     *
     * @param operation what was asked for, in the platform's own words, such as {@code AssumeRole} or {@code login}
     * @param status the status of the answer; 0 if the connection was ended without one
     */
    public record Call(String operation, int status) {}

    /** Returns all requests. */
    public List<Call> all() {
        return List.copyOf(calls);
    }

    /** Returns how many requests there were. */
    public int count() {
        return calls.size();
    }

    /** Returns how many requests there were for {@code operation}. */
    public int count(String operation) {
        return (int) calls.stream()
                .filter(call -> call.operation().equals(operation))
                .count();
    }

    /** Returns how many requests were answered with an error, whoever sent them. */
    public int refused() {
        return (int) calls.stream().filter(call -> call.status() >= FIRST_ERROR).count();
    }

    void add(String operation, int status) {
        calls.add(new Call(operation, status));
    }

    void clear() {
        calls.clear();
    }
}
