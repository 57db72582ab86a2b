package io.basewatch.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.FileSystemResource;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** A YAML file that a service is configured with, for commands that need some of it. */
final class SettingsFile {

    private static final int MAX_BYTES = 1 << 20;

    private SettingsFile() {}

    /** What is wanted of it. */
    interface Part<T> {
        /** @throws IllegalArgumentException with what is wrong */
        T of(Binder settings, ConfigurableEnvironment all) throws IOException;
    }

    /**
     * @param option that names the file, for people
     * @throws IOException naming file, key, value and what would do
     */
    static <T> T read(String option, Path file, Part<T> part) throws IOException {
        String name = option + " " + file;
        try {
            // As in a service: what is written as ${NAME} is of the process' environment.
            ConfigurableEnvironment all = new StandardEnvironment();
            for (PropertySource<?> source : sources(name, file)) {
                all.getPropertySources().addFirst(source);
            }
            return part.of(Binder.get(all), all);
        } catch (BindException e) {
            // Without the cause, as what is told of such a failure is the cause alone.
            throw new IOException(name + ": " + FailureText.of(e));
        } catch (IllegalArgumentException e) {
            throw new IOException(name + ": " + e.getMessage(), e);
        }
    }

    /**
     * The file's documents in their order, of which a later one is stronger.
     *
     * @param name for people
     */
    static List<PropertySource<?>> sources(String name, Path file) throws IOException {
        if (!Files.isReadable(file) || !Files.isRegularFile(file)) {
            throw new IOException(name + " cannot be read");
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(name + " has more than " + MAX_BYTES + " bytes");
        }
        try {
            return new YamlPropertySourceLoader().load("file", new FileSystemResource(file));
        } catch (MarkedYAMLException e) {
            throw new IOException(name + " is not YAML: " + e.getProblem() + place(e), e);
        } catch (IllegalStateException e) {
            throw new IOException(name + " is not YAML: " + FailureText.of(e), e);
        }
    }

    /** Line and column of what is no YAML, for people. */
    static String place(MarkedYAMLException e) {
        Mark mark = e.getProblemMark();
        return mark == null ? "" : " (line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1) + ")";
    }
}
