package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Repository;
import io.basewatch.ociregistry.ImageSource;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistrySettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The registries the analyzer may talk to. An event never leads it to another one. */
final class Registries implements AutoCloseable {

    private final Map<String, Registry> byHost = new HashMap<>();

    /**
     * @param settings each of another registry
     */
    Registries(List<RegistrySettings> settings) {
        for (RegistrySettings each : settings) {
            Registry registry = Registry.connect(each);
            byHost.put(registry.host(), registry);
        }
    }

    Optional<ImageSource> source(Repository repository) {
        return Optional.ofNullable(byHost.get(repository.registry()))
                .map(registry -> registry.repository(repository.name()));
    }

    Set<String> hosts() {
        return Set.copyOf(byHost.keySet());
    }

    @Override
    public void close() {
        byHost.values().forEach(Registry::close);
    }
}
