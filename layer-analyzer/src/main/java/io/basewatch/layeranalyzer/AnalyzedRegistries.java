package io.basewatch.layeranalyzer;

import io.basewatch.ociregistry.RegistryEntry;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The registries that all services share, {@code basewatch.registries}.
 *
 * @param registries whose images are analyzed; events of others are given up
 */
@ConfigurationProperties("basewatch")
record AnalyzedRegistries(@DefaultValue List<RegistryEntry> registries) {

    AnalyzedRegistries {
        registries = List.copyOf(registries);
    }
}
