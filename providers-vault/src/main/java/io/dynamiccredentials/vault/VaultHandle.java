package io.dynamiccredentials.vault;

import io.dynamiccredentials.exchange.RevocationHandle;
import io.dynamiccredentials.wire.UntrustedText;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * By what a Vault token, and what a secrets engine made with it, can be ended by somebody else. Immutable.
 *
 * <p>Its members in a {@link RevocationHandle} of platform {@code Vault} are {@code address} and, as far as there are
 * such, {@code namespace}, {@code accessor} of the token, {@code lease} of the secret, and {@code outlives=yes} if the
 * secret lives on when the token is dead.
 *
 * @param outlives whether there is a secret that nobody can end
 */
record VaultHandle(
        URI address, Optional<String> namespace, Optional<String> accessor, Optional<String> lease, boolean outlives) {
    private static final int MAX_LEASE_ID = 1024;
    private static final Pattern ACCESSOR = Pattern.compile("[A-Za-z0-9_-]{1,128}(?:\\.[A-Za-z0-9_-]{1,64})?");

    /** Makes the handle of a token; empty if Vault has no way to end it. */
    static Optional<RevocationHandle> ofToken(VaultClient client, VaultTokenCredentials token) {
        return new VaultHandle(client.address(), client.namespace(), accessorOf(token), Optional.empty(), false)
                .written();
    }

    /** Makes the handle of what an engine made; empty if neither it nor the token can be ended. */
    static Optional<RevocationHandle> ofSecret(VaultClient client, VaultBackedCredentials<?> credentials) {
        Optional<String> lease = credentials.lease().map(VaultLease::id);
        return new VaultHandle(
                        client.address(), client.namespace(), accessorOf(credentials.login()), lease, lease.isEmpty())
                .written();
    }

    private static Optional<String> accessorOf(VaultTokenCredentials token) {
        return token.batch() ? Optional.empty() : Optional.of(token.accessor()).filter(VaultHandle::isAccessor);
    }

    private Optional<RevocationHandle> written() {
        if (accessor.isEmpty() && lease.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> members = new TreeMap<>();
        members.put("address", address.toString());
        namespace.ifPresent(name -> members.put("namespace", name));
        accessor.ifPresent(name -> members.put("accessor", name));
        lease.ifPresent(id -> members.put("lease", id));
        if (outlives) {
            members.put("outlives", "yes");
        }
        return Optional.of(new RevocationHandle(VaultJwtExchanger.PLATFORM, members));
    }

    /**
     * Reads a handle, which may be of a stranger.
     *
     * @throws IllegalArgumentException if it is not of that form
     */
    static VaultHandle read(RevocationHandle handle) {
        Map<String, String> members = new TreeMap<>(handle.members());
        Optional<String> address = take(members, "address");
        Optional<String> namespace = take(members, "namespace");
        Optional<String> accessor = take(members, "accessor");
        Optional<String> lease = take(members, "lease");
        Optional<String> outlives = take(members, "outlives");
        require(handle.platform().equals(VaultJwtExchanger.PLATFORM), "it is of another platform");
        require(members.isEmpty(), "it has other members than address, namespace, accessor, lease and outlives");
        require(address.isPresent(), "it has no address");
        require(namespace.stream().allMatch(VaultJwtExchanger::isPath), "its namespace is none");
        require(accessor.stream().allMatch(VaultHandle::isAccessor), "its accessor is none");
        require(lease.stream().allMatch(VaultHandle::isLease), "its lease is none");
        require(outlives.stream().allMatch("yes"::equals), "its member \"outlives\" is not \"yes\"");
        require(accessor.isPresent() || lease.isPresent(), "it has neither an accessor nor a lease");
        return new VaultHandle(
                VaultJwtExchanger.requireAddress(URI.create(address.orElseThrow())),
                namespace,
                accessor,
                lease,
                outlives.isPresent());
    }

    private static Optional<String> take(Map<String, String> members, String name) {
        return Optional.ofNullable(members.remove(name));
    }

    private static boolean isAccessor(String accessor) {
        return ACCESSOR.matcher(accessor).matches();
    }

    private static boolean isLease(String lease) {
        return lease.length() <= MAX_LEASE_ID && UntrustedText.isVisibleAscii(lease);
    }

    private static void require(boolean wellFormed, String how) {
        if (!wellFormed) {
            throw new IllegalArgumentException("This handle of Vault credentials can't be used: " + how
                    + ". Check who writes to the journal of leases");
        }
    }
}
