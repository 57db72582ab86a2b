package io.basewatch.fingerprint;

import java.util.List;
import java.util.Map;

/**
 * What an image's config says about how it is started.
 *
 * @param entrypoint may be empty
 * @param cmd may be empty
 * @param env {@code NAME=value} as listed
 */
public record ImageHints(List<String> entrypoint, List<String> cmd, List<String> env, Map<String, String> labels) {

    public static final ImageHints NONE = new ImageHints(List.of(), List.of(), List.of(), Map.of());

    public ImageHints {
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        env = List.copyOf(env);
        labels = Map.copyOf(labels);
    }
}
