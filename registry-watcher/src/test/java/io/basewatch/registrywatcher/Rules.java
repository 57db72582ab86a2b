package io.basewatch.registrywatcher;

import io.basewatch.ociregistry.NamePatterns;
import io.basewatch.ociregistry.NewestTags;
import io.basewatch.ociregistry.WantedPlatforms;

/** Rules of tests that are about something else. */
final class Rules {

    private Rules() {}

    /** All of a registry, two repositories at once. */
    static WatchRules all(RemovalBrake brake, Cadence cadence) {
        return some(NamePatterns.ALL, NamePatterns.ALL, brake, cadence);
    }

    static WatchRules some(NamePatterns repositories, NamePatterns tags, RemovalBrake brake, Cadence cadence) {
        return new WatchRules(
                repositories, tags, NewestTags.ALL, WantedPlatforms.ALL, false, tag -> false, 2, brake, cadence);
    }
}
