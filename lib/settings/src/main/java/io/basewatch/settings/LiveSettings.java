package io.basewatch.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.env.PropertiesPropertySourceLoader;
import org.springframework.boot.env.PropertySourceLoader;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;

/**
 * A part of the settings that is taken over while the process runs, when the files that it was started with have other contents. What cannot be used is refused as a whole: what was
 * taken over last stays, and {@link #problem()} says why. Files are known by their contents, so that it does not matter how they are replaced (Kubernetes' mounts are links).
 */
public final class LiveSettings {

    private static final Logger log = LoggerFactory.getLogger(LiveSettings.class);

    /** How often it is worth a look. */
    public static final Duration GLANCE = Duration.ofSeconds(5);

    private static final int MAX_BYTES = 1 << 20;

    /** Boot's view of all others. */
    private static final String VIEW = "configurationProperties";

    /** Takes over what is set now. */
    public interface Taker {
        /**
         * @throws RuntimeException with what is wrong; then nothing was taken over
         */
        void take(Binder settings);
    }

    private final ConfigurableEnvironment environment;
    private final String part;
    private final Taker taker;
    private final Map<Path, Held> files = new LinkedHashMap<>();
    private volatile @Nullable String problem;
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    /** A file as it was looked at last, and the sources that were made of it last. */
    private static final class Held {
        private final List<String> sources = new ArrayList<>();
        private byte @Nullable [] seen;
        private List<PropertySource<?>> read = List.of();
    }

    /**
     * @param environment that the process was started with
     * @param part the name that all that is taken over begins with, such as {@code basewatch.registries}
     */
    public LiveSettings(ConfigurableEnvironment environment, String part, Taker taker) {
        this.environment = environment;
        this.part = part;
        this.taker = taker;
        for (PropertySource<?> source : environment.getPropertySources()) {
            Path file = file(source);
            if (file != null) {
                Held held = files.computeIfAbsent(file, path -> new Held());
                held.sources.add(source.getName());
                held.read = add(held.read, source);
            }
        }
        files.forEach((file, held) -> {
            try {
                held.seen = bytes(file);
            } catch (IOException e) {
                log.warn("cannot be read again, changes of it are not taken over file={}", file);
            }
        });
    }

    private static List<PropertySource<?>> add(List<PropertySource<?>> list, PropertySource<?> one) {
        List<PropertySource<?>> more = new ArrayList<>(list);
        more.add(one);
        return more;
    }

    /** Why the files as they are now were not taken over; empty when they were. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** How often changed files were taken over. */
    public long taken() {
        return taken.get();
    }

    /** How often they were refused. */
    public long refused() {
        return refused.get();
    }

    /** Looks whether a file has other contents than at the last look, and takes over what it says. Never throws because of what a file says. */
    public synchronized void look() {
        Map<Path, byte[]> now = new LinkedHashMap<>();
        boolean changed = false;
        for (Map.Entry<Path, Held> each : files.entrySet()) {
            byte[] bytes;
            try {
                bytes = bytes(each.getKey());
            } catch (IOException e) {
                // It may be about to be replaced.
                refuse(each.getKey() + " cannot be read: " + e.getClass().getSimpleName(), false);
                return;
            }
            now.put(each.getKey(), bytes);
            changed |= !Arrays.equals(bytes, each.getValue().seen);
        }
        if (!changed) {
            if (problem != null && problem.contains(" cannot be read: ")) {
                problem = null;
            }
            return;
        }
        now.forEach((file, bytes) -> held(file).seen = bytes);
        take();
    }

    private Held held(Path file) {
        return Objects.requireNonNull(files.get(file));
    }

    private void take() {
        Map<Path, List<PropertySource<?>>> read = new LinkedHashMap<>();
        try {
            for (Path file : files.keySet()) {
                read.put(file, read(file));
            }
            ConfigurableEnvironment changed = with(read);
            List<Problem> names = SettingsCheck.names(changed);
            if (!names.isEmpty()) {
                throw new WrongSettingsException(names);
            }
            taker.take(Binder.get(changed));
        } catch (IOException | RuntimeException e) {
            refuse(text(e), true);
            return;
        }
        Set<String> others = new TreeSet<>();
        read.forEach((file, sources) -> {
            others.addAll(differences(held(file).read, sources));
            held(file).read = sources;
        });
        problem = null;
        taken.incrementAndGet();
        log.info("changed settings taken over files={}", files.keySet());
        if (!others.isEmpty()) {
            log.warn("changed settings that are taken over by the next start only settings={}", others);
        }
    }

    private void refuse(String text, boolean counted) {
        if (!text.equals(problem)) {
            log.error("changed settings refused, those before stay problem=\"{}\"", text);
        }
        problem = text;
        if (counted) {
            refused.incrementAndGet();
        }
    }

    /** Of a failed binding what made it fail, without the value. */
    private static String text(Exception e) {
        ConfigurationProperty property = e instanceof BindException failed ? failed.getProperty() : null;
        Optional<String> trouble = property == null
                ? Optional.empty()
                : Schema.bundled().trouble(property.getName(), String.valueOf(property.getValue()));
        if (property != null && trouble.isPresent()) {
            return property.getName() + " " + trouble.get();
        }
        Throwable at = e;
        for (int depth = 0; at.getCause() != null && at instanceof BindException && depth < 10; depth++) {
            at = at.getCause();
        }
        String key = e instanceof BindException binding ? binding.getName() + ": " : "";
        return key
                + (at.getMessage() == null ? at.getClass().getSimpleName() : Problem.withoutSecrets(at.getMessage()));
    }

    /** Names outside of the part whose values differ. */
    private Set<String> differences(List<PropertySource<?>> before, List<PropertySource<?>> now) {
        Map<String, Object> old = values(before);
        Map<String, Object> others = values(now);
        Set<String> names = new TreeSet<>();
        for (Map<String, Object> one : List.of(old, others)) {
            one.keySet().stream()
                    .filter(name -> !name.startsWith(part))
                    .filter(name -> !Objects.equals(old.get(name), others.get(name)))
                    .forEach(names::add);
        }
        return names;
    }

    private static Map<String, Object> values(List<PropertySource<?>> sources) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (PropertySource<?> source : sources) {
            if (source instanceof EnumerablePropertySource<?> all) {
                for (String name : all.getPropertyNames()) {
                    values.putIfAbsent(name, String.valueOf(all.getProperty(name)));
                }
            }
        }
        return values;
    }

    /** The strongest first. */
    private static List<PropertySource<?>> read(Path file) throws IOException {
        PropertySourceLoader loader = file.toString().endsWith(".properties")
                ? new PropertiesPropertySourceLoader()
                : new YamlPropertySourceLoader();
        List<PropertySource<?>> read = new ArrayList<>();
        try {
            for (PropertySource<?> source : loader.load("live " + file, new FileSystemResource(file))) {
                if (source.containsProperty("spring.config.activate.on-profile")) {
                    throw new IOException(file + " has parts for profiles, which are taken over by a start only");
                }
                read.add(0, source);
            }
        } catch (RuntimeException e) {
            throw new IOException(
                    file + " is not YAML: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
        return read;
    }

    private ConfigurableEnvironment with(Map<Path, List<PropertySource<?>>> read) {
        ConfigurableEnvironment changed = new StandardEnvironment();
        MutablePropertySources sources = changed.getPropertySources();
        List.copyOf(sources.stream().map(PropertySource::getName).toList()).forEach(sources::remove);
        Map<String, Path> firsts = new LinkedHashMap<>();
        Set<String> replaced = new TreeSet<>();
        files.forEach((file, held) -> {
            firsts.put(held.sources.get(0), file);
            replaced.addAll(held.sources);
        });
        for (PropertySource<?> source : environment.getPropertySources()) {
            Path file = firsts.get(source.getName());
            if (file != null) {
                Objects.requireNonNull(read.get(file)).forEach(sources::addLast);
            } else if (!replaced.contains(source.getName()) && !source.getName().equals(VIEW)) {
                sources.addLast(source);
            }
        }
        return changed;
    }

    private static byte[] bytes(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("no file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IOException("more than " + MAX_BYTES + " bytes");
            }
            return bytes;
        }
    }

    /** What a source was read from, when that is a file beside the program. */
    private static @Nullable Path file(PropertySource<?> source) {
        if (!(source instanceof EnumerablePropertySource<?> all)
                || source.getName().contains("class path resource")) {
            return null;
        }
        for (String name : all.getPropertyNames()) {
            Origin origin = OriginLookup.getOrigin(source, name);
            Resource resource = origin instanceof TextResourceOrigin text ? text.getResource() : null;
            if (resource != null && resource.isFile()) {
                try {
                    return resource.getFile().toPath();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return null;
    }
}
