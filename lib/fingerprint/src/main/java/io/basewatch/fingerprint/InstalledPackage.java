package io.basewatch.fingerprint;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One package of a package database. Null where the database has no such field.
 *
 * @param version as the manager spells it, with epoch and release: {@code 1.2.5-r0}, {@code 1:2.3-4}
 * @param source origin or source package
 * @param files what it owns; {@link OwnedFiles#NONE} where the database does not list them
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
        OwnedFiles files) {

    public InstalledPackage(
            String manager,
            String name,
            String version,
            @Nullable String architecture,
            @Nullable String source,
            @Nullable String vendor,
            @Nullable Instant installed,
            long installedBytes,
            List<String> files) {
        this(
                manager,
                name,
                version,
                architecture,
                source,
                vendor,
                installed,
                installedBytes,
                files.isEmpty() ? OwnedFiles.NONE : OwnedFiles.of(files));
    }
}
