package io.basewatch.standalone;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Which service is asked and how it is told, for each command that asks one. */
final class ServerOptions {

    @Option(
            names = "--server",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "The service (default: http://127.0.0.1:8080).")
    String server = "";

    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec spec;

    /**
     * @throws ParameterException when {@code --server} is no URL of a service
     */
    ServerClient client() {
        try {
            return new ServerClient(server);
        } catch (IllegalArgumentException e) {
            throw wrong(e);
        }
    }

    /** What the command line says wrongly. */
    RuntimeException wrong(IllegalArgumentException e) {
        return spec == null ? e : new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }

    /** An answer as programs get it: one line. */
    static String json(JsonNode answer) {
        return InspectCommand.escaped(answer.toString()) + "\n";
    }
}
