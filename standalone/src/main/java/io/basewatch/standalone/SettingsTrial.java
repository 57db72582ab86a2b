package io.basewatch.standalone;

import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistryEntries;
import io.basewatch.ociregistry.RegistryEntry;
import io.basewatch.reportapi.PlaceSettings;
import io.basewatch.settings.Problem;
import io.basewatch.settings.SettingsCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;

/** Tries a file of settings on all that services make of it, without any of them. */
final class SettingsTrial {

    private static final String REGISTRIES = "basewatch.registries";

    private final Path file;
    private final ConfigurableEnvironment environment = new StandardEnvironment();
    private final List<EnumerablePropertySource<?>> sources = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();

    private SettingsTrial(Path file) throws IOException {
        this.file = file;
        for (PropertySource<?> source : SettingsFile.sources(file.toString(), file)) {
            environment.getPropertySources().addFirst(source);
            if (source instanceof EnumerablePropertySource<?> all) {
                sources.add(all);
            }
        }
    }

    /**
     * All that is wrong, a line for each; of what is wrong with single settings in the order of the file, then what does not go together.
     *
     * @throws IOException when it cannot be read or is no YAML
     */
    static List<String> problems(Path file) throws IOException {
        SettingsTrial trial = new SettingsTrial(file);
        trial.run();
        return trial.problems.stream().map(trial::line).toList();
    }

    private String line(Problem problem) {
        String place = problem.place();
        String line = place == null ? "" : place.substring(place.lastIndexOf(':'));
        return file + line + ": " + (problem.key().isEmpty() ? "" : problem.key() + " ") + problem.text();
    }

    private void run() {
        for (EnumerablePropertySource<?> source : sources) {
            problems.addAll(SettingsCheck.all(environment, source));
        }
        List<Problem> single = List.copyOf(problems);
        Binder binder = Binder.get(environment);
        kinds().forEach((prefix, type) -> {
            if (isFree(single, prefix)) {
                attempt(prefix, () -> binder.bindOrCreate(prefix, Bindable.of(type)));
            }
        });
        if (isFree(single, "basewatch.policy")) {
            attempt("basewatch.policy", () -> {
                List<String> wrong = PlaceSettings.policy(binder).problems(Lifecycle.bundled());
                if (!wrong.isEmpty()) {
                    throw new IllegalArgumentException(String.join("; ", wrong));
                }
            });
        }
        if (isFree(single, "basewatch.owners")) {
            attempt("basewatch.owners", () -> PlaceSettings.owners(binder));
        }
        registries(single, binder);
    }

    private void registries(List<Problem> single, Binder binder) {
        int before = problems.size();
        for (int i = 0; place(REGISTRIES + "[" + i + "]") != null; i++) {
            String key = REGISTRIES + "[" + i + "]";
            if (isFree(single, key)) {
                attempt(key, () -> {
                    RegistryEntry entry = binder.bind(key, RegistryEntry.class).get();
                    entry.immutable();
                    try (Registry registry = Registry.connect(entry.settings())) {
                        registry.listing(entry.watchedRepositories());
                    }
                });
            }
        }
        if (problems.size() == before && isFree(single, REGISTRIES)) {
            attempt(
                    REGISTRIES,
                    () -> binder.bindOrCreate("basewatch", RegistryEntries.class)
                            .settings());
        }
    }

    /** Whether none of these is about a setting or one below it: then what is wrong has been told. */
    private static boolean isFree(List<Problem> problems, String key) {
        return problems.stream().noneMatch(problem -> isBelow(problem.key(), key));
    }

    private static boolean isBelow(String name, String key) {
        return name.startsWith(key) && (name.length() == key.length() || ".[".indexOf(name.charAt(key.length())) >= 0);
    }

    private void attempt(String key, Runnable binding) {
        try {
            binding.run();
        } catch (RuntimeException e) {
            problems.add(new Problem("", place(key), FailureText.of(e)));
        }
    }

    /** Where the first setting below a key stands; null when there is none. */
    private @Nullable String place(String key) {
        for (EnumerablePropertySource<?> source : sources) {
            for (String name : source.getPropertyNames()) {
                if (isBelow(name, key)) {
                    return SettingsCheck.place(source, name);
                }
            }
        }
        return null;
    }

    /** What services bind, by its prefix. */
    static Map<String, Class<?>> kinds() {
        ClassPathScanningCandidateComponentProvider scan = new ClassPathScanningCandidateComponentProvider(false);
        scan.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
        Map<String, Class<?>> kinds = new LinkedHashMap<>();
        scan.findCandidateComponents("io.basewatch").stream()
                .map(BeanDefinition::getBeanClassName)
                .map(name -> ClassUtils.resolveClassName(String.valueOf(name), SettingsTrial.class.getClassLoader()))
                .forEach(type -> kinds.put(
                        type.getAnnotation(ConfigurationProperties.class).value(), type));
        return kinds;
    }
}
