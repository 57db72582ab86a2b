package io.basewatch.standalone;

import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lifecycle.SupportPolicy;
import io.basewatch.reportapi.PlaceSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What support counts where, out of the file that a service is configured with as well. */
final class PolicyFile {

    private PolicyFile() {}

    /**
     * @throws IOException naming file, key, value and what would do
     */
    static SupportPolicy read(Path file) throws IOException {
        return SettingsFile.read("--policy", file, (settings, all) -> {
            SupportPolicy policy = PlaceSettings.policy(settings);
            if (!all.containsProperty("basewatch.policy[0].repositories[0]")
                    && !all.containsProperty("basewatch.policy[0].repositories")) {
                throw new IOException("--policy " + file + " has no entries under basewatch.policy");
            }
            List<String> problems = policy.problems(Lifecycle.bundled());
            if (!problems.isEmpty()) {
                throw new IOException("--policy " + file + ": " + String.join("; ", problems));
            }
            return policy;
        });
    }
}
