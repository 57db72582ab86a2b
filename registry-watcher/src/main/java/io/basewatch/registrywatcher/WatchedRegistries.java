package io.basewatch.registrywatcher;

import io.basewatch.ociregistry.RegistryEntry;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The registries that all services share, {@code basewatch.registries}: how each is talked to.
 *
 * @param registries none: nothing is watched
 */
@ConfigurationProperties("basewatch")
record WatchedRegistries(@DefaultValue List<RegistryEntry> registries) {

    WatchedRegistries {
        registries = List.copyOf(registries);
    }

    /**
     * What is watched of the same registries, in the same order: it stands beside how they are talked to.
     */
    @ConfigurationProperties("basewatch")
    record Rules(@DefaultValue List<Rule> registries) {

        Rules {
            registries = List.copyOf(registries);
        }

        Rule of(int registry) {
            return registry < registries.size() ? registries.get(registry) : Rule.EVERYTHING;
        }
    }

    /**
     * @param url of the registry; here only because an entry of a list must have something of its own
     * @param repositories which ones; plain names under {@code include} for a registry that does not list its repositories
     * @param tags which ones, in all of these repositories
     * @param interval null: as for all
     */
    record Rule(
            @Nullable URI url,
            @Nullable NamePatterns repositories,
            @Nullable NamePatterns tags,
            @Nullable Duration interval) {

        static final Rule EVERYTHING = new Rule(null, null, null, null);

        Rule {
            if (interval != null) {
                WatcherSettings.requirePositive("interval of a registry of basewatch.registries", interval);
            }
        }

        NamePatterns watchedRepositories() {
            return repositories == null ? NamePatterns.ALL : repositories;
        }

        NamePatterns watchedTags() {
            return tags == null ? NamePatterns.ALL : tags;
        }
    }
}
