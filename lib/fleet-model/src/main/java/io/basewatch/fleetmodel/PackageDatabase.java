package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One package database of an image. The first of a fingerprint's list is the system's own.
 *
 * @param manager {@code apk}, {@code dpkg}, {@code rpm}, {@code opkg}, {@code pacman}, {@code xbps}…; {@code unknown} for {@link #unknown}
 * @param count installed packages; null when the database is there but cannot be counted (the reason is then among the contradictions)
 * @param evidence empty only for {@link #unknown}
 */
public record PackageDatabase(String manager, @Nullable Integer count, List<Evidence> evidence) {

    private static final String UNKNOWN = "unknown";

    public PackageDatabase {
        evidence = List.copyOf(evidence);
    }

    /** Stands for those of an image in which none was found, while not all of it was read. */
    public static PackageDatabase unknown() {
        return new PackageDatabase(UNKNOWN, null, List.of());
    }

    @JsonIgnore
    public boolean isUnknown() {
        return manager.equals(UNKNOWN);
    }
}
