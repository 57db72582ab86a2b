package io.basewatch.standalone;

import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.EventTopics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code basewatch replay-dead}: for after what made events fail was put right. */
@Command(
        name = "replay-dead",
        description = "Tells all events again that were given up (topic " + EventTopics.DEAD
                + "), each once however often this is run.",
        footer = {"", "Exit code: 0 told, 1 they could not be, 64 wrong usage."})
final class ReplayDeadCommand implements Callable<Integer> {

    @Spec
    @Nullable
    CommandSpec spec;

    @Option(
            names = "--brokers",
            paramLabel = "HOST:PORT",
            description = "Kafka of services that run alone; several with commas. They may be running.")
    @Nullable
    String brokers;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "data",
            description = "Without --brokers: the folder of 'serve', which must not be running (default: ./data).")
    Path data = Path.of("data");

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() throws Exception {
        long told = brokers != null ? DeadEvents.replay(brokers) : replayInFolder();
        output.tell(() -> "{\"told\":" + told + "}", terminal -> Counted.of(told, "event", "events") + " told again\n");
        return Basewatch.OK;
    }

    private long replayInFolder() throws IOException, InterruptedException {
        if (!Files.isDirectory(data.resolve("kafka"))) {
            String message = "--data " + data + " has no events: give the folder of 'serve', or --brokers";
            throw spec == null
                    ? new IllegalStateException(message)
                    : new ParameterException(spec.commandLine(), message);
        }
        try (DataDirectory folder = DataDirectory.open(data)) {
            AllInOne.logTo(folder.log());
            try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.kafka(), EmbeddedKafka.Ports.free())) {
                return DeadEvents.replay(kafka.bootstrapServers());
            }
        }
    }
}
