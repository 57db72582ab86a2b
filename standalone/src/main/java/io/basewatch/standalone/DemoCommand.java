package io.basewatch.standalone;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code basewatch demo}: the same as serve, on a small sample fleet in a registry of its own. */
@Command(
        name = "demo",
        description = "Shows Basewatch on a sample fleet that it serves itself: nothing else is needed.",
        footer = {"", "Exit code: 0 ended as asked, 1 could not start or broke, 64 wrong usage."})
final class DemoCommand implements Callable<Integer> {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "data/demo",
            description = "Where everything is kept (default: ./data/demo).")
    Path data = Path.of("data/demo");

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "Port of the API on 127.0.0.1 (default: 8080; 0 takes any that is free).")
    int port;

    @Option(names = "--once", description = "Ends after the sweep and its table.")
    boolean once;

    @Mixin
    TerminalOptions terminal = new TerminalOptions();

    @Override
    public Integer call() throws Exception {
        AllInOne.logTo(DataDirectory.log(data));
        try (SampleRegistry registry = SampleRegistry.start(data)) {
            System.err.println("basewatch: a sample registry serves "
                    + SampleFleet.images().size() + " images on " + registry.url());
            return Serving.run(
                    new AllInOne.Settings(data, port, null, ServeCommand.settings(List.of(URI.create(registry.url())))),
                    once,
                    terminal.out(),
                    System.out,
                    System.err);
        }
    }
}
