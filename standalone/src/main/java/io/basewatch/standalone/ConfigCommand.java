package io.basewatch.standalone;

import io.basewatch.settings.Schema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code basewatch config}: the file that {@code serve} and the services are configured with. */
@Command(
        name = "config",
        description = "The file of serve --config: its schema, and whether it can be used.",
        subcommands = {ConfigCommand.Check.class, ConfigCommand.PrintSchema.class})
final class ConfigCommand implements Runnable {

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "say what: check or schema");
        }
    }

    /** {@code config check}. */
    @Command(
            name = "check",
            description = "Says all that is wrong with a file, each with file, line, key and what would do."
                    + " Starts nothing and asks nobody; whether registries let us in is tried by 'registries check'.",
            footer = {"", "Exit code: 0 it can be used, 1 something is wrong, 64 wrong usage."})
    static final class Check implements Callable<Integer> {

        @Parameters(paramLabel = "FILE", description = "YAML, as for serve --config.")
        Path file = Path.of("basewatch.yaml");

        @Mixin
        OutputOptions output = new OutputOptions();

        @Override
        public Integer call() throws IOException {
            List<String> problems = SettingsTrial.problems(file);
            output.tell(() -> json(problems), terminal -> text(problems));
            return problems.isEmpty() ? Basewatch.OK : Basewatch.FAILED;
        }

        private String text(List<String> problems) {
            return problems.isEmpty()
                    ? file + ": ok\n"
                    : problems.stream()
                            .map(line -> ReportText.printable(line) + "\n")
                            .collect(Collectors.joining());
        }

        private String json(List<String> problems) {
            return OutputOptions.document(json -> {
                json.writeStringProperty("file", file.toString());
                json.writeBooleanProperty("good", problems.isEmpty());
                json.writeArrayPropertyStart("problems");
                problems.forEach(json::writeString);
                json.writeEndArray();
            });
        }
    }

    /** {@code config schema}. */
    @Command(
            name = "schema",
            description = "Prints the file's JSON schema, by which editors help.",
            footer = {"", "Exit code: 0 printed, 64 wrong usage."})
    static final class PrintSchema implements Callable<Integer> {

        @Override
        public Integer call() {
            System.out.print(Schema.bundled().text());
            System.out.flush();
            return Basewatch.OK;
        }
    }
}
