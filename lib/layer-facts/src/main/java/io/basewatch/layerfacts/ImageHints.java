package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an image's config says about how and where it is started.
 *
 * @param entrypoint may be empty
 * @param cmd may be empty
 * @param env {@code NAME=value} as listed
 * @param platform null where nothing says it
 */
public record ImageHints(
        List<String> entrypoint,
        List<String> cmd,
        List<String> env,
        Map<String, String> labels,
        @Nullable Platform platform) {

    public static final ImageHints NONE = new ImageHints(List.of(), List.of(), List.of(), Map.of());

    public ImageHints(List<String> entrypoint, List<String> cmd, List<String> env, Map<String, String> labels) {
        this(entrypoint, cmd, env, labels, null);
    }

    public ImageHints {
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        env = List.copyOf(env);
        labels = Map.copyOf(labels);
    }

    /** The same, for an image that is said to run there. */
    public ImageHints on(@Nullable Platform where) {
        return new ImageHints(entrypoint, cmd, env, labels, where);
    }

    private static final int MAX_TEXT = 4_096;
    private static final int MAX_VERSIONS = 200;
    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9_]{1,60}_VERSION=[0-9v][0-9A-Za-z.:~+_-]{0,60}");
    private static final Pattern LABEL = Pattern.compile(
            "name|com\\.redhat\\.component|com\\.suse\\.bci|org\\.opencontainers\\.image\\.base\\.(name|digest)");

    /**
     * The part that detectors get, small enough to be kept with each image, and without what configs carry that nobody else should have:
     * the platform, the program that is started without its arguments, {@code PATH}, variables {@code *_VERSION} that are one, and a few labels. Texts
     * of more than {@value #MAX_TEXT} characters are left out. A detector that needs more widens this, and raises {@link
     * Fingerprinter#FACTS_VERSION}.
     */
    public ImageHints kept() {
        List<String> variables = new ArrayList<>();
        env.stream()
                .filter(variable -> variable.startsWith("PATH=") && variable.length() <= MAX_TEXT)
                .reduce((before, now) -> now)
                .ifPresent(variables::add);
        env.stream()
                .filter(variable -> VERSION.matcher(variable).matches())
                .limit(MAX_VERSIONS)
                .forEach(variables::add);
        Map<String, String> described = new TreeMap<>();
        labels.forEach((key, value) -> {
            if (LABEL.matcher(key).matches() && value.length() <= MAX_TEXT) {
                described.put(key, value);
            }
        });
        return new ImageHints(program(entrypoint), program(cmd), variables, described, platform);
    }

    private static List<String> program(List<String> command) {
        return command.stream()
                .limit(1)
                .filter(program -> program.length() <= MAX_TEXT)
                .toList();
    }
}
