package io.basewatch.tracing;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where traces go.
 *
 * @param endpoint of a collector that speaks OTLP over HTTP, such as {@code http://collector:4318}; null for no traces at all
 * @param sampled the part of all traces that is told, from 0 to 1
 */
@ConfigurationProperties("basewatch.tracing")
record TracingSettings(
        @Nullable URI endpoint, @DefaultValue("1") double sampled) {

    private static final String PATH = "/v1/traces";

    TracingSettings {
        if (!(sampled >= 0 && sampled <= 1)) {
            throw new IllegalArgumentException(
                    "basewatch.tracing.sampled is " + sampled + ", it must be a part from 0 to 1, such as 0.1");
        }
        if (endpoint != null) {
            String scheme = String.valueOf(endpoint.getScheme());
            boolean isPlain = endpoint.getRawUserInfo() == null
                    && endpoint.getRawQuery() == null
                    && endpoint.getRawFragment() == null;
            boolean isHttp = scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https");
            if (!isHttp || endpoint.getHost() == null || !isPlain) {
                // Not repeated: there may be a password in it.
                throw new IllegalArgumentException(
                        "basewatch.tracing.endpoint must be http://host:port or https://host:port of an OTLP collector, without user, query and fragment");
            }
            String path = endpoint.getPath();
            if (path == null || path.isEmpty() || path.equals("/")) {
                endpoint = endpoint.resolve(PATH);
            }
        }
    }
}
