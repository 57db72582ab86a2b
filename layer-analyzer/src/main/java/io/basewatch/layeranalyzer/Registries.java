package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Repository;
import io.basewatch.ociregistry.ImageSource;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistrySettings;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The registries the analyzer may talk to. An event never leads it to another one. */
final class Registries implements AutoCloseable {

    private volatile Map<String, Registry> byHost = Map.of();

    private Map<String, RegistrySettings> written = Map.of();

    /**
     * @param settings each of another registry
     */
    Registries(List<RegistrySettings> settings) {
        take(settings);
    }

    /**
     * From now on these and no others; what is in hand of one that is not among them is ended.
     *
     * @return hosts of those that are new, or spoken to in another way
     * @throws IllegalArgumentException when one cannot be used; then all stays as it was
     */
    synchronized Set<String> take(List<RegistrySettings> settings) {
        Map<String, Registry> now = new HashMap<>();
        Map<String, RegistrySettings> written = new HashMap<>();
        Set<String> begun = new HashSet<>();
        for (RegistrySettings each : settings) {
            Registry registry = Registry.connect(each);
            String host = registry.host();
            Registry known = byHost.get(host);
            if (known != null && each.equals(this.written.get(host))) {
                registry = known;
            } else {
                begun.add(host);
            }
            now.put(host, registry);
            written.put(host, each);
        }
        byHost = Map.copyOf(now);
        this.written = written;
        return begun;
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
