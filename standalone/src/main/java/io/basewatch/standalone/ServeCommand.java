package io.basewatch.standalone;

import io.basewatch.ociregistry.RegistrySettings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code basewatch serve}: the whole product on one machine. */
@Command(
        name = "serve",
        description =
                "Watches registries: watcher, Kafka, analyzer, store and API in this process. Only this machine can ask, unless --listen says otherwise.",
        footer = {"", "Exit code: 0 ended as asked, 1 could not start or broke, 64 wrong usage."})
final class ServeCommand implements Callable<Integer> {

    @Spec
    @Nullable
    CommandSpec spec;

    @Option(
            names = "--registry",
            paramLabel = "URL",
            description = "Registry to watch: https://host[:port], or http:// for plain text. Repeatable. "
                    + "Credentials are taken from docker's config file, or given in --config.")
    List<URI> registries = List.of();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "YAML file with registries, credentials, patterns, intervals and certificates.")
    @Nullable
    Path config;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "data",
            description = "Where everything is kept (default: ./data).")
    Path data = Path.of("data");

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            converter = Port.class,
            description = "Port of the API (default: 8080; 0 takes any that is free).")
    int port;

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description =
                    "Where the API listens (default: 127.0.0.1; 0.0.0.0 for all addresses of this machine). Where others can reach"
                            + " it, who asks needs a token: see 'basewatch token create'.")
    String listen = "127.0.0.1";

    @Option(names = "--once", description = "Ends after the first sweep and its table.")
    boolean once;

    @Mixin
    TerminalOptions terminal = new TerminalOptions();

    @Override
    public Integer call() throws Exception {
        if (registries.isEmpty() && config == null) {
            throw wrong("nothing to watch: give --registry URL (repeatable) or --config FILE");
        }
        if (!registries.isEmpty() && config != null) {
            throw wrong("give the registries either by --registry or in --config, not by both");
        }
        for (URI registry : registries) {
            try {
                RegistrySettings.of(registry);
            } catch (IllegalArgumentException e) {
                throw wrong("--registry: " + e.getMessage());
            }
        }
        if (config != null && !Files.isReadable(config)) {
            throw wrong("--config " + config + " cannot be read");
        }
        if (!listen.matches("[0-9A-Za-z.:-]{1,255}")) {
            throw wrong("--listen '" + listen
                    + "' is no address of this machine: give 127.0.0.1, 0.0.0.0 or one of its own");
        }
        Map<String, String> settings = new LinkedHashMap<>(settings(registries));
        settings.put(AllInOne.ADDRESS, listen);
        return Serving.run(
                new AllInOne.Settings(data, port, config, settings),
                once,
                terminal.out(),
                Serving.Companion.NONE,
                System.out,
                System.err);
    }

    private RuntimeException wrong(String message) {
        return spec == null ? new IllegalStateException(message) : new ParameterException(spec.commandLine(), message);
    }

    /** What registries given by URL only are in the settings' names. */
    static Map<String, String> settings(List<URI> registries) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (int i = 0; i < registries.size(); i++) {
            settings.put(
                    "basewatch.registries[" + i + "].url", registries.get(i).toString());
        }
        return settings;
    }
}
