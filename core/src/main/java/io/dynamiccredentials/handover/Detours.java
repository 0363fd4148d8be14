package io.dynamiccredentials.handover;

import io.dynamiccredentials.config.PlatformSettings;
import java.util.Set;

/** Variables by which a workspace could have its tools send the token elsewhere, or unencrypted. */
final class Detours {
    private Detours() {}

    /**
     * Refuses a variable of the workspace.
     *
     * @throws IllegalArgumentException if it is set to anything but one of {@code harmless}
     */
    static void refuse(PlatformSettings settings, String variable, Set<String> harmless) {
        settings.workspaceVariable(variable)
                .ifPresent(own -> own.require(
                        harmless::contains,
                        (harmless.isEmpty()
                                        ? "removed from the workspace"
                                        : "removed from the workspace, or " + harmless)
                                + ", since no workspace chooses where its token is sent"));
    }
}
