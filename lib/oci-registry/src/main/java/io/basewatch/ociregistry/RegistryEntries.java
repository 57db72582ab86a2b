package io.basewatch.ociregistry;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The registries of a configuration, {@code basewatch.registries}: the same for all services, each of which takes from an entry what concerns it.
 *
 * @param registries null is none
 */
public record RegistryEntries(List<RegistryEntry> registries) {

    public RegistryEntries(@Nullable List<RegistryEntry> registries) {
        this.registries = registries == null ? List.of() : List.copyOf(registries);
    }

    /**
     * How each is talked to, in their order.
     *
     * @throws IllegalArgumentException naming the setting that is not legal, or a registry that is there twice
     */
    public List<RegistrySettings> settings() {
        List<RegistrySettings> settings = new ArrayList<>();
        Set<String> hosts = new HashSet<>();
        for (RegistryEntry entry : registries) {
            RegistrySettings each = entry.settings();
            if (!hosts.add(each.host())) {
                throw new IllegalArgumentException("basewatch.registries names the registry " + each.host() + " twice");
            }
            settings.add(each);
        }
        return settings;
    }

    /**
     * As {@link #settings()}, of a list that was changed while its registries were watched.
     *
     * @throws IllegalArgumentException also when nothing is left of it: a file that is about to be written is empty, too
     */
    public List<RegistrySettings> changedSettings() {
        if (registries.isEmpty()) {
            throw new IllegalArgumentException(
                    "basewatch.registries names no registry any more; if that is meant, start anew with it");
        }
        return settings();
    }
}
