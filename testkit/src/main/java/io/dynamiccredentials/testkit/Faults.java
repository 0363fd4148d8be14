package io.dynamiccredentials.testkit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says which requests to a fake platform go wrong, and how. Without any, none does. Safe for use by many threads.
 *
 * <pre>{@code
 * aws.faults().next(Fault.throttled(), Fault.failed(503));          // the next two requests, one each
 * vault.faults().of("login").onCall(3, Fault.reset());              // the third login from now
 * google.faults().randomly(42, 10, Fault.lost(), Fault.stalled());  // one request in ten, the same ones each time
 * }</pre>
 *
 * <p>A request takes one fault: of its operation's own, if there are any, else of all operations'; of these a numbered
 * or next one first, then a random one, then the lasting one.
 */
public final class Faults {
    private final Map<String, Faults> ofOperations = new HashMap<>();
    private final Deque<Fault> next = new ArrayDeque<>();
    private final Map<Integer, Fault> numbered = new HashMap<>();
    private @Nullable Supplier<Optional<Fault>> random;
    private @Nullable Fault lasting;
    private int calls;
    private int injected;

    /** Starts without any fault. */
    Faults() {}

    /** Has the next requests go wrong, one for each fault, after those that were said before. */
    public synchronized Faults next(Fault... faults) {
        next.addAll(List.of(faults));
        return this;
    }

    /**
     * Has one request go wrong.
     *
     * @param number which one from now on; 1 is the next
     * @throws IllegalArgumentException if {@code number} is smaller than 1, or has a fault already
     */
    public synchronized Faults onCall(int number, Fault fault) {
        if (number < 1) {
            throw new IllegalArgumentException("Calls are counted from 1; it was " + number);
        }
        if (numbered.putIfAbsent(calls + number, fault) != null) {
            throw new IllegalArgumentException(
                    "Call " + number + " from now has a fault already. Use another, or clear()");
        }
        return this;
    }

    /** Has all requests go wrong, until {@link #clear}. */
    public synchronized Faults always(Fault fault) {
        lasting = fault;
        return this;
    }

    /**
     * Has requests go wrong at random, until {@link #clear}: with the same seed the same ones in the same way.
     *
     * @param percent how many of a hundred, 0 to 100
     * @param faults of which one is chosen each time, all equally often
     * @throws IllegalArgumentException if {@code percent} is out of range or there is no fault
     */
    public synchronized Faults randomly(long seed, int percent, Fault... faults) {
        if (percent < 0 || percent > 100 || faults.length == 0) {
            throw new IllegalArgumentException(
                    "Random faults need a share of 0 to 100 percent and at least one fault; they were " + percent
                            + " and " + faults.length);
        }
        List<Fault> choice = List.of(faults);
        Random dice = new Random(seed);
        random = () ->
                dice.nextInt(100) < percent ? Optional.of(choice.get(dice.nextInt(choice.size()))) : Optional.empty();
        return this;
    }

    /** Returns the faults of one operation only, such as {@code AssumeRole} or {@code login}. */
    public synchronized Faults of(String operation) {
        return ofOperations.computeIfAbsent(operation, name -> new Faults());
    }

    /** Forgets all faults, also those of single operations, and how many there were. */
    public synchronized void clear() {
        ofOperations.values().forEach(Faults::clear);
        next.clear();
        numbered.clear();
        random = null;
        lasting = null;
        calls = 0;
        injected = 0;
    }

    /** Returns how many requests went wrong so far. */
    public synchronized int injected() {
        return injected
                + ofOperations.values().stream().mapToInt(Faults::injected).sum();
    }

    /** Returns what goes wrong with this request, once. */
    synchronized Optional<Fault> take(String operation) {
        Faults own = ofOperations.get(operation);
        Optional<Fault> ofOperation = own == null ? Optional.empty() : own.take(operation);
        calls++;
        return ofOperation.isPresent() ? ofOperation : takeOwn();
    }

    private Optional<Fault> takeOwn() {
        Fault fault = numbered.remove(calls);
        if (fault == null) {
            fault = next.pollFirst();
        }
        if (fault == null && random != null) {
            fault = random.get().orElse(null);
        }
        if (fault == null) {
            fault = lasting;
        }
        if (fault != null) {
            injected++;
        }
        return Optional.ofNullable(fault);
    }
}
