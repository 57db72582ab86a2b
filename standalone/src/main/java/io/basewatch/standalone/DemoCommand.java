package io.basewatch.standalone;

import io.basewatch.eventlog.EventLog;
import io.basewatch.fleetstore.BacklogJournal;
import io.basewatch.fleetstore.FleetQueries;
import io.basewatch.fleetstore.TagHistory;
import io.basewatch.fleetstore.TrendArchive;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

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
            converter = Port.class,
            description = "Port of the API on 127.0.0.1 (default: 8080; 0 takes any that is free).")
    int port;

    @Option(names = "--once", description = "Ends after the sweep and its table.")
    boolean once;

    @Mixin
    TerminalOptions terminal = new TerminalOptions();

    @Override
    public Integer call() throws Exception {
        if (!DataDirectory.isFreeForASample(data)) {
            throw new IOException("--data " + data
                    + " holds a fleet that is no sample: the demo would put its own into it. Give it another folder");
        }
        AllInOne.logTo(DataDirectory.log(data));
        try (SampleRegistry registry = SampleRegistry.startClosed(data)) {
            System.err.println("basewatch: a sample registry serves "
                    + SampleFleet.now().size() + " tags on " + registry.url()
                    + "; what is told of the days before today is made up");
            return Serving.run(
                    settings(data, port, registry), once, terminal.out(), new Sample(registry), System.out, System.err);
        }
    }

    static AllInOne.Settings settings(Path data, int port, SampleRegistry registry) {
        Map<String, String> settings = new LinkedHashMap<>(SampleFleet.settings());
        // A few images are counted in no time, and whoever looks at a demonstration looks soon.
        settings.put("basewatch.trends.interval", "10s");
        settings.putAll(ServeCommand.settings(List.of(URI.create(registry.url()))));
        return new AllInOne.Settings(data, port, null, settings);
    }

    /** Gives the sample fleet its past, and what somebody has decided about it; once, as everything is kept. */
    static final class Sample implements Serving.Companion {

        private static final Logger LOG = LoggerFactory.getLogger(DemoCommand.class);

        private static final String WAIVED = "/data/notebooks";

        private final SampleRegistry registry;
        private final SampleHistory history;
        private boolean isNew;

        Sample(SampleRegistry registry) {
            this.registry = registry;
            this.history = new SampleHistory(registry, LocalDate.now(ZoneOffset.UTC));
        }

        @Override
        public void started(AllInOne running) {
            isNew = !SampleHistory.isTold(running.part(TagHistory.class));
            if (isNew) {
                history.tell(running.part(EventLog.class));
            }
            registry.open();
        }

        @Override
        public void swept(AllInOne running) throws InterruptedException {
            if (isNew) {
                history.count(
                        running.part(FleetQueries.class),
                        running.lifecycle(),
                        running.part(TrendArchive.class),
                        running.part(BacklogJournal.class));
                try {
                    waive(new ServerClient(running.url()));
                } catch (IOException e) {
                    LOG.info("nothing is waived in the sample: {}", e.getMessage());
                }
            }
        }

        /** Left out where the backlog does not have it in time, or who asks has to say who they are. */
        private static void waive(ServerClient service) throws IOException, InterruptedException {
            for (int tries = 0; tries < 40; tries++) {
                for (JsonNode entry : service.get("/api/v1/backlog").path("items")) {
                    if (entry.path("name").asString().endsWith(WAIVED)) {
                        Map<String, String> decision = new LinkedHashMap<>();
                        decision.put("entry", entry.path("id").asString());
                        decision.put("reason", "The notebooks move to the new platform in spring (sample).");
                        decision.put("author", "jo@example.com");
                        decision.put(
                                "until",
                                LocalDate.now(ZoneOffset.UTC).plusDays(120).toString());
                        service.post("/api/v1/waivers", decision);
                        return;
                    }
                }
                Thread.sleep(250);
            }
        }
    }
}
