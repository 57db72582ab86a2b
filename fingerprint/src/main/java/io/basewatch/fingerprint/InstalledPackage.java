package io.basewatch.fingerprint;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One package of a package database. Null where the database has no such field.
 *
 * @param version as the manager spells it, with epoch and release: {@code 1.2.5-r0}, {@code 1:2.3-4}
 * @param source origin or source package
 * @param files paths it owns, relative to the root; empty where the database does not list them
 */
public record InstalledPackage(
        String manager,
        String name,
        String version,
        @Nullable String architecture,
        @Nullable String source,
        @Nullable String vendor,
        @Nullable Instant installed,
        long installedBytes,
        List<String> files) {

    public InstalledPackage {
        files = List.copyOf(files);
    }
}
