package io.dynamiccredentials.journal;

import io.dynamiccredentials.exchange.RevocationHandle;
import io.dynamiccredentials.journal.LeaseFact.IssuedToken;
import io.dynamiccredentials.journal.LeaseFact.ObtainedCredentials;
import io.dynamiccredentials.journal.LeaseFact.StartedProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds what of an open lease still matters to whoever may have to end it. */
final class LivingFacts {
    /** For so long after its end somebody may ask what a token has bought. */
    private static final Duration ASKED_FOR = Duration.ofDays(1);

    private final Instant cut;
    private final String machine;
    private final Set<String> tokens = new HashSet<>();
    private final Map<RevocationHandle, ObtainedCredentials> handles = new HashMap<>();

    private LivingFacts(List<LeaseFact> facts, Instant now, String machine) {
        this.cut = cut(facts, now.minus(ASKED_FOR));
        this.machine = machine;
        for (LeaseFact fact : facts) {
            if (fact instanceof IssuedToken token && !token.expiresAt().isBefore(cut)) {
                tokens.add(token.tokenId());
            } else if (fact instanceof ObtainedCredentials credentials) {
                credentials.handle().ifPresent(handle -> handles.merge(handle, credentials, LivingFacts::laterEnding));
            }
        }
    }

    /**
     * Returns, in their order, the directories and files; the processes but those of this machine that are gone; the
     * tokens and credentials that have not ended for a day; and of credentials with a handle always the ones that end
     * last.
     *
     * @param machine the name of this machine
     */
    static List<LeaseFact> of(List<LeaseFact> facts, Instant now, String machine) {
        LivingFacts living = new LivingFacts(facts, now, machine);
        return facts.stream().filter(living::isOne).toList();
    }

    /** What ended last stays in any case: by its end one knows for how long the lease was in use. */
    private static Instant cut(List<LeaseFact> facts, Instant cut) {
        Optional<Instant> last =
                facts.stream().flatMap(fact -> end(fact).stream()).max(Instant::compareTo);
        return last.filter(cut::isAfter).orElse(cut);
    }

    private static Optional<Instant> end(LeaseFact fact) {
        if (fact instanceof IssuedToken token) {
            return Optional.of(token.expiresAt());
        }
        return fact instanceof ObtainedCredentials credentials
                ? Optional.of(credentials.expiresAt())
                : Optional.empty();
    }

    private boolean isOne(LeaseFact fact) {
        if (fact instanceof StartedProcess process) {
            return !process.machine().equals(machine)
                    || ProcessHandle.of(process.pid()).isPresent();
        }
        if (fact instanceof ObtainedCredentials credentials) {
            // Without it a token that is still told of would seem to have bought nobody knows what.
            return tokens.contains(credentials.tokenId())
                    || credentials
                            .handle()
                            .map(handle -> credentials.equals(handles.get(handle)))
                            .orElseGet(() -> !credentials.expiresAt().isBefore(cut));
        }
        return end(fact).filter(cut::isAfter).isEmpty();
    }

    private static ObtainedCredentials laterEnding(ObtainedCredentials one, ObtainedCredentials other) {
        return other.expiresAt().isBefore(one.expiresAt()) ? one : other;
    }
}
