package io.basewatch.standalone;

import io.basewatch.settings.Schema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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

        @Override
        public Integer call() throws IOException {
            List<String> problems = SettingsTrial.problems(file);
            problems.forEach(line -> System.out.println(ReportText.printable(line)));
            if (problems.isEmpty()) {
                System.out.println(file + ": ok");
            }
            System.out.flush();
            return problems.isEmpty() ? Basewatch.OK : Basewatch.FAILED;
        }
    }

    /** {@code config schema}. */
    @Command(name = "schema", description = "Prints the file's JSON schema, by which editors help.")
    static final class PrintSchema implements Callable<Integer> {

        @Override
        public Integer call() {
            System.out.print(Schema.bundled().text());
            System.out.flush();
            return Basewatch.OK;
        }
    }
}
