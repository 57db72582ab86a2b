package io.basewatch.fleetmodel;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One package database of an image. The first of a fingerprint's list is the system's own.
 *
 * @param manager {@code apk}, {@code dpkg}, {@code rpm}, {@code opkg}, {@code pacman}, {@code xbps}…
 * @param count installed packages; null when the database is there but cannot be counted (the reason is then among the contradictions)
 */
public record PackageDatabase(String manager, @Nullable Integer count, List<Evidence> evidence) {

    public PackageDatabase {
        evidence = List.copyOf(evidence);
    }
}
