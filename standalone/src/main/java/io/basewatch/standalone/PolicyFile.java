package io.basewatch.standalone;

import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lifecycle.SupportPolicy;
import io.basewatch.reportapi.PlaceSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.FileSystemResource;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** What support counts where, out of the file that a service is configured with as well. */
final class PolicyFile {

    private static final int MAX_BYTES = 1 << 20;

    private PolicyFile() {}

    /**
     * @throws IOException naming file, key, value and what would do
     */
    static SupportPolicy read(Path file) throws IOException {
        if (!Files.isReadable(file) || !Files.isRegularFile(file)) {
            throw new IOException("--policy " + file + " cannot be read");
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("--policy " + file + " has more than " + MAX_BYTES + " bytes");
        }
        try {
            List<PropertySource<?>> sources =
                    new YamlPropertySourceLoader().load("policy", new FileSystemResource(file));
            SupportPolicy policy = PlaceSettings.policy(new Binder(ConfigurationPropertySources.from(sources)));
            if (sources.stream()
                    .noneMatch(source -> source.containsProperty("basewatch.policy[0].repositories[0]")
                            || source.containsProperty("basewatch.policy[0].repositories"))) {
                throw new IOException("--policy " + file + " has no entries under basewatch.policy");
            }
            List<String> problems = policy.problems(Lifecycle.bundled());
            if (!problems.isEmpty()) {
                throw new IOException("--policy " + file + ": " + String.join("; ", problems));
            }
            return policy;
        } catch (MarkedYAMLException e) {
            throw new IOException("--policy " + file + " is not YAML: " + e.getProblem(), e);
        } catch (BindException e) {
            // Without the cause, as what is told of such a failure is the cause alone.
            throw new IOException("--policy " + file + ": " + FailureText.of(e));
        } catch (IllegalArgumentException e) {
            throw new IOException("--policy " + file + ": " + e.getMessage(), e);
        }
    }
}
