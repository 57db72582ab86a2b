package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One package database of an image. The first of a fingerprint's list is the system's own.
 *
 * @param manager {@code apk}, {@code dpkg}, {@code rpm}, {@code opkg}, {@code pacman}, {@code xbps}…; {@code unknown} for {@link #unknown}
 * @param count installed packages; null when the database is there but cannot be counted (the reason is then among the contradictions)
 * @param evidence empty only for {@link #unknown}
 * @param sketch which ones are installed; null where none is, where they cannot be told, and in what an older program wrote
 */
public record PackageDatabase(
        String manager,
        @Nullable Integer count,
        List<Evidence> evidence,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable PackageSketch sketch) {

    private static final String UNKNOWN = "unknown";

    /** One of which it is not told which packages it has. */
    public PackageDatabase(String manager, @Nullable Integer count, List<Evidence> evidence) {
        this(manager, count, evidence, null);
    }

    public PackageDatabase {
        evidence = List.copyOf(evidence);
    }

    /** Stands for those of an image in which none was found, while not all of it was read. */
    public static PackageDatabase unknown() {
        return new PackageDatabase(UNKNOWN, null, List.of());
    }

    public PackageDatabase withoutSketch() {
        return new PackageDatabase(manager, count, evidence);
    }

    @JsonIgnore
    public boolean isUnknown() {
        return manager.equals(UNKNOWN);
    }
}
