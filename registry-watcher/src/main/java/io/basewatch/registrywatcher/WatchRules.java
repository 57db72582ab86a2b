package io.basewatch.registrywatcher;

import io.basewatch.ociregistry.NamePatterns;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * What of a registry is watched, and how.
 *
 * @param immutable tags that never move: each is asked for once
 * @param parallelRepositories looked at at once
 * @param staleness how old what is known of a repository may get: what is promised
 */
record WatchRules(
        NamePatterns repositories,
        NamePatterns tags,
        Predicate<String> immutable,
        int parallelRepositories,
        RemovalBrake brake,
        Duration staleness) {}
