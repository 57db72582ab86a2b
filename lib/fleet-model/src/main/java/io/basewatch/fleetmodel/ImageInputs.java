package io.basewatch.fleetmodel;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an image's manifest and config say about how it was made, how and where it is started. Field names follow the OCI image-spec, config.md.
 *
 * @param entrypoint may be empty
 * @param cmd may be empty
 * @param env {@code NAME=value} as listed
 * @param user that the program runs as, as written; null where nothing says it
 * @param workingDir null where nothing says it
 * @param exposedPorts {@code 8080/tcp}, sorted
 * @param history the lowest step first
 * @param annotations of the manifest
 * @param platform null where nothing says it
 * @param builtFrom images that its build used, as the attestation of the build beside it in its index says; empty where there is none
 */
public record ImageInputs(
        List<String> entrypoint,
        List<String> cmd,
        List<String> env,
        Map<String, String> labels,
        @Nullable String user,
        @Nullable String workingDir,
        List<String> exposedPorts,
        List<Step> history,
        Map<String, String> annotations,
        @Nullable Platform platform,
        List<Material> builtFrom) {

    /**
     * An image that a build used.
     *
     * @param reference as in {@code docker.io/library/python:3.11-slim}
     * @param digest of its manifest or index; null where only a name is given
     */
    public record Material(String reference, @Nullable Digest digest) {}

    /**
     * One step of how the image was built, as its builder wrote it down.
     *
     * @param created null where nothing says it
     * @param createdBy the command; empty where nothing says it
     * @param emptyLayer whether it made no layer
     */
    public record Step(@Nullable Instant created, String createdBy, boolean emptyLayer) {}

    /** Raised when {@link #kept} keeps more than before: then manifest and config are read again, no layer. */
    public static final int VERSION = 1;

    public static final ImageInputs NONE = new ImageInputs(List.of(), List.of(), List.of(), Map.of());

    /** What container runtimes take where the config says nothing. */
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final int MAX_DIRECTORIES = 64;

    private static final int MAX_TEXT = 4_096;
    private static final int MAX_WORDS = 200;
    private static final int MAX_PAIRS = 200;
    private static final int MAX_PORTS = 100;
    private static final int MAX_STEPS = 500;
    private static final int MAX_MATERIALS = 50;

    /** Of labels, of annotations, of history. */
    private static final int MAX_CHARACTERS = 64 << 10;

    private static final Pattern A_VERSION =
            Pattern.compile("[A-Za-z0-9_]{1,60}_VERSION=[0-9v][0-9A-Za-z.:~+_-]{0,60}");

    /** What changes how a loader, a C library or a runtime behaves. */
    private static final Pattern TELLING = Pattern.compile(
            "(LD_|LC_|MALLOC_|NODE_|JAVA_|JDK_|PYTHON|DOTNET_|CORECLR_|GLIBC_|MUSL_|RUBY|PERL|PHP_|CUDA_|NVIDIA_)[A-Z0-9_]{0,100}"
                    + "|LANG|LANGUAGE|TZ|TZDIR|GODEBUG|GOMEMLIMIT|GOMAXPROCS|LOCPATH|GCONV_PATH|RES_OPTIONS|LOCALDOMAIN|OPENSSL_CONF|UV_USE_IO_URING");

    public ImageInputs(List<String> entrypoint, List<String> cmd, List<String> env, Map<String, String> labels) {
        this(entrypoint, cmd, env, labels, null, null, List.of(), List.of(), Map.of(), null, List.of());
    }

    public ImageInputs {
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        env = List.copyOf(env);
        labels = Map.copyOf(labels);
        exposedPorts = List.copyOf(exposedPorts);
        history = List.copyOf(history);
        annotations = Map.copyOf(annotations);
        // Inputs that were kept before anybody looked for it do not say.
        builtFrom = Objects.requireNonNullElse(builtFrom, List.<Material>of()).stream()
                .limit(MAX_MATERIALS)
                .toList();
    }

    /** The absolute directories in which a program is looked for by its name, in order; the first {@value #MAX_DIRECTORIES}. */
    public List<String> searchPath() {
        String path = env.stream()
                .filter(variable -> variable.startsWith("PATH="))
                .map(variable -> variable.substring("PATH=".length()))
                .reduce(DEFAULT_PATH, (before, now) -> now);
        return Arrays.stream(path.split(":"))
                .filter(directory -> directory.startsWith("/"))
                .limit(MAX_DIRECTORIES)
                .toList();
    }

    /** The same, of an image whose manifest has these annotations. */
    public ImageInputs annotated(Map<String, String> more) {
        return new ImageInputs(
                entrypoint, cmd, env, labels, user, workingDir, exposedPorts, history, more, platform, builtFrom);
    }

    /** The same, of an image whose build is attested to have used these. */
    public ImageInputs from(List<Material> materials) {
        return new ImageInputs(
                entrypoint,
                cmd,
                env,
                labels,
                user,
                workingDir,
                exposedPorts,
                history,
                annotations,
                platform,
                materials);
    }

    /** The same, for an image that is said to run there. */
    public ImageInputs on(@Nullable Platform where) {
        return new ImageInputs(
                entrypoint, cmd, env, labels, user, workingDir, exposedPorts, history, annotations, where, builtFrom);
    }

    /**
     * What somebody looks at who judges the image: of what is said of how it was made, hardly anything, as it differs from build to build.
     *
     * @param label names of those that are looked at
     * @param step commands of those that are looked at
     * @return without annotations, attested materials, ports and the steps' times
     */
    public ImageInputs narrowed(Predicate<String> label, Predicate<String> step) {
        Map<String, String> some = new TreeMap<>(labels);
        some.keySet().removeIf(label.negate());
        List<Step> steps = history.stream()
                .filter(made -> step.test(made.createdBy()))
                .map(made -> new Step(null, made.createdBy(), made.emptyLayer()))
                .toList();
        return new ImageInputs(
                entrypoint, cmd, env, some, user, workingDir, List.of(), steps, Map.of(), platform, List.of());
    }

    /**
     * The part that may be kept with an image, and is all that anybody is asked to judge by: small enough for that, and without what nobody else should have. Of the
     * environment {@code PATH}, variables {@code *_VERSION} that are one, and those that a loader, a C library or a runtime listens to; of the rest all, up to some
     * 64 KiB each. Texts of more than {@value #MAX_TEXT} characters are left out; what looks like a secret is masked ({@link Secrets}).
     */
    public ImageInputs kept() {
        return new ImageInputs(
                words(entrypoint),
                words(cmd),
                variables(),
                pairs(labels),
                text(user),
                text(workingDir),
                exposedPorts.stream()
                        .filter(port -> port.length() <= 100)
                        .limit(MAX_PORTS)
                        .sorted()
                        .toList(),
                steps(),
                pairs(annotations),
                platform,
                builtFrom);
    }

    /** A command that is too long to be kept is cut where it is: its program is what matters most. */
    private static List<String> words(List<String> command) {
        List<String> kept = new ArrayList<>();
        int characters = 0;
        for (String word : Secrets.maskedArguments(command)) {
            characters += word.length();
            if (word.length() > MAX_TEXT || kept.size() == MAX_WORDS || characters > MAX_CHARACTERS) {
                break;
            }
            kept.add(word);
        }
        return kept;
    }

    private List<String> variables() {
        Map<String, String> kept = new TreeMap<>();
        for (String variable : env) {
            int equals = variable.indexOf('=');
            if (equals <= 0 || variable.length() > MAX_TEXT) {
                continue;
            }
            String name = variable.substring(0, equals);
            if (name.equals("PATH")
                    || A_VERSION.matcher(variable).matches()
                    || TELLING.matcher(name).matches()) {
                kept.put(name, variable.substring(equals + 1));
            }
        }
        return kept.entrySet().stream()
                .limit(MAX_PAIRS)
                .map(variable -> variable.getKey() + "=" + Secrets.maskedValue(variable.getKey(), variable.getValue()))
                .toList();
    }

    private static Map<String, String> pairs(Map<String, String> pairs) {
        Map<String, String> kept = new TreeMap<>();
        int characters = 0;
        for (Map.Entry<String, String> pair : new TreeMap<>(pairs).entrySet()) {
            int length = pair.getKey().length() + pair.getValue().length();
            if (pair.getKey().length() > MAX_TEXT || pair.getValue().length() > MAX_TEXT) {
                continue;
            }
            characters += length;
            if (kept.size() == MAX_PAIRS || characters > MAX_CHARACTERS) {
                break;
            }
            kept.put(pair.getKey(), Secrets.maskedValue(pair.getKey(), pair.getValue()));
        }
        return kept;
    }

    private static @Nullable String text(@Nullable String text) {
        return text == null || text.isEmpty() || text.length() > MAX_TEXT ? null : text;
    }

    private List<Step> steps() {
        List<Step> kept = new ArrayList<>();
        int characters = 0;
        for (Step step : history) {
            String command =
                    step.createdBy().length() > MAX_TEXT ? step.createdBy().substring(0, MAX_TEXT) : step.createdBy();
            characters += command.length();
            if (kept.size() == MAX_STEPS || characters > MAX_CHARACTERS) {
                break;
            }
            kept.add(new Step(step.created(), Secrets.masked(command), step.emptyLayer()));
        }
        return kept;
    }
}
