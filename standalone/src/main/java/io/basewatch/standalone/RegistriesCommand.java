package io.basewatch.standalone;

import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistryEntries;
import io.basewatch.ociregistry.RegistryEntry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code basewatch registries}: whether a configuration's registries can be watched, before anything is. */
@Command(
        name = "registries",
        description = "Tries the registries of a configuration.",
        subcommands = RegistriesCommand.Check.class)
final class RegistriesCommand implements Runnable {

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "say what: check");
        }
    }

    /** {@code registries check}. */
    @Command(
            name = "check",
            description = "Says of each registry what works, what is missing, and what a sweep costs in requests."
                    + " Reads lists and a few manifests, no layers; changes nothing.",
            footer = {"", "Exit code: 0 all can be watched, 1 something is missing, 64 wrong usage."})
    static final class Check implements Callable<Integer> {

        @Spec
        @Nullable
        CommandSpec spec;

        @Parameters(
                arity = "0..1",
                paramLabel = "HOST",
                description = "Only this one of the configuration's, as in registry.example.com:5000.")
        @Nullable
        String host;

        @Option(names = "--config", paramLabel = "FILE", description = "The YAML file that serve is started with.")
        @Nullable
        Path config;

        @Option(
                names = "--registry",
                paramLabel = "URL",
                description = "Instead of a file: https://host[:port], or http:// for plain text. Repeatable.")
        List<URI> urls = List.of();

        @Mixin
        OutputOptions output = new OutputOptions();

        @Override
        public Integer call() throws IOException {
            boolean works = true;
            boolean isAny = false;
            for (RegistryEntry entry : entries()) {
                RegistryTrial trial;
                try (Registry registry = Registry.connect(entry.settings())) {
                    if (host != null && !host.equals(registry.host())) {
                        continue;
                    }
                    trial = RegistryTrial.of(registry, entry);
                } catch (IllegalArgumentException e) {
                    throw wrong(String.valueOf(e.getMessage()));
                }
                output.tell(
                        () -> json(trial),
                        terminal -> trial.lines().stream()
                                .map(line -> ReportText.printable(line) + "\n")
                                .collect(Collectors.joining()));
                isAny = true;
                works &= trial.works();
            }
            if (!isAny) {
                throw wrong(
                        host == null
                                ? "--config " + config + " has no entries under basewatch.registries"
                                : "there is no registry '" + host + "' among them");
            }
            return works ? Basewatch.OK : Basewatch.FAILED;
        }

        private static String json(RegistryTrial trial) {
            return OutputOptions.document(json -> {
                json.writeBooleanProperty("works", trial.works());
                json.writeArrayPropertyStart("lines");
                trial.lines().forEach(json::writeString);
                json.writeEndArray();
            });
        }

        private List<RegistryEntry> entries() throws IOException {
            Path file = config;
            if (urls.isEmpty() == (file == null)) {
                throw wrong("say which registries: --config FILE, or --registry URL");
            }
            return file == null
                    ? urls.stream().map(Check::plain).toList()
                    : SettingsFile.read("--config", file, (settings, all) -> {
                        RegistryEntries read = settings.bindOrCreate("basewatch", RegistryEntries.class);
                        // Whatever is not legal in any of them is told, whichever is asked for.
                        read.settings();
                        read.registries().forEach(RegistryEntry::requireUsable);
                        return read.registries();
                    });
        }

        private static RegistryEntry plain(URI url) {
            return RegistryEntry.at(url).build();
        }

        private RuntimeException wrong(String message) {
            return spec == null
                    ? new IllegalArgumentException(message)
                    : new ParameterException(spec.commandLine(), message);
        }
    }
}
