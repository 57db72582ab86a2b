package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fleetmodel.Evidence;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One package database as read.
 *
 * @param count null when it could not be read to its end: what was read is in the list all the same
 */
record Database(String manager, @Nullable Integer count, List<InstalledPackage> packages, List<Evidence> evidence) {

    Database {
        packages = List.copyOf(packages);
        evidence = List.copyOf(evidence);
    }

    boolean isEmpty() {
        return count != null && count == 0;
    }

    boolean lists(Set<String> names) {
        return packages.stream().anyMatch(installed -> names.contains(installed.name()));
    }
}
