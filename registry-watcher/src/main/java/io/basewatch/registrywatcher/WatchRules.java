package io.basewatch.registrywatcher;

import io.basewatch.ociregistry.NamePatterns;
import io.basewatch.ociregistry.NewestTags;
import io.basewatch.ociregistry.WantedPlatforms;
import java.util.function.Predicate;

/**
 * What of a registry is watched, and how.
 *
 * @param platforms of whose images are told
 * @param referrers whether what refers to new images is asked for
 * @param immutable tags that never move: each is asked for once
 * @param parallelRepositories looked at at once
 * @param cadence how often each repository is looked at
 */
record WatchRules(
        NamePatterns repositories,
        NamePatterns tags,
        NewestTags newest,
        WantedPlatforms platforms,
        boolean referrers,
        Predicate<String> immutable,
        int parallelRepositories,
        RemovalBrake brake,
        Cadence cadence) {}
