package io.dynamiccredentials.journal;

import io.dynamiccredentials.exchange.RevocationHandle;
import java.time.Instant;
import java.util.Optional;

/** Something that has to be known about a lease to end it after its process died. Holds no secret. */
public sealed interface LeaseFact {

    /**
     * The run has a directory of files.
     *
     * @param machine the machine that it is on
     * @param path its absolute path
     */
    record Directory(String machine, String path) implements LeaseFact {

        /**
         * Checks that it can be found again.
         *
         * @throws IllegalArgumentException if it is not whole
         */
        public Directory {
            FactText.require("machine", machine);
            FactText.require("path of the directory", path);
        }
    }

    /**
     * The run has a file outside its directory.
     *
     * @param machine the machine that it is on
     * @param path its absolute path
     * @param fileKey what tells it from another file at the same path; empty before it is created, so that it holds
     *     nothing yet
     */
    record OutsideFile(String machine, String path, Optional<String> fileKey) implements LeaseFact {

        /**
         * Checks that it can be found again.
         *
         * @throws IllegalArgumentException if it is not whole
         */
        public OutsideFile {
            FactText.require("machine", machine);
            FactText.require("path of the file", path);
            fileKey.ifPresent(key -> FactText.require("key of the file", key));
        }
    }

    /**
     * The run has a process.
     *
     * @param machine the machine that it is on
     * @param pid its number
     * @param startedAt when it started, which tells it from a later one of the same number
     */
    record StartedProcess(String machine, long pid, Instant startedAt) implements LeaseFact {

        /**
         * Checks that it can be found again.
         *
         * @throws IllegalArgumentException if it is not whole
         */
        public StartedProcess {
            FactText.require("machine", machine);
            if (pid <= 0) {
                throw new IllegalArgumentException("The number of a process is 1 or more; it was " + pid);
            }
        }
    }

    /**
     * An identity token was issued, and is about to be traded: credentials may come of it that nobody hears of.
     *
     * @param configuration the configuration that it is for, for example {@code AWS (PROD)}
     * @param tokenId its {@code jti}
     * @param expiresAt when it ends
     */
    record IssuedToken(String configuration, String tokenId, Instant expiresAt) implements LeaseFact {

        /**
         * Checks that it can be named.
         *
         * @throws IllegalArgumentException if it is not whole
         */
        public IssuedToken {
            FactText.require("configuration", configuration);
            FactText.require("token's id", tokenId);
        }
    }

    /**
     * Credentials were obtained, and are about to be given to the run.
     *
     * @param configuration the configuration that they are of
     * @param tokenId the {@code jti} of the token that bought them
     * @param principal who their holder is
     * @param expiresAt when they end by themselves
     * @param handle by what they can be ended; empty if they can't be
     */
    record ObtainedCredentials(
            String configuration,
            String tokenId,
            String principal,
            Instant expiresAt,
            Optional<RevocationHandle> handle)
            implements LeaseFact {

        /**
         * Checks that they can be named.
         *
         * @throws IllegalArgumentException if it is not whole
         */
        public ObtainedCredentials {
            FactText.require("configuration", configuration);
            FactText.require("token's id", tokenId);
            FactText.require("credentials' principal", principal);
        }
    }
}
