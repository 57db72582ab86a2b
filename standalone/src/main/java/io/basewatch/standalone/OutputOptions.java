package io.basewatch.standalone;

import java.io.StringWriter;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;

/** Whether people or programs are told, for each command that has something to tell to both. */
final class OutputOptions {

    enum Format {
        TEXT,
        JSON;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text (default), or json: one document per line.")
    Format format = Format.TEXT;

    @Mixin
    TerminalOptions terminal = new TerminalOptions();

    /** A service's answer, to programs as it is. */
    void tell(JsonNode answer, Function<Terminal, String> text) {
        tell(answer::toString, text);
    }

    /**
     * Only what is asked for is made.
     *
     * @param json a document; what a terminal could take for a command is escaped here
     * @param text whole lines
     */
    void tell(Supplier<String> json, Function<Terminal, String> text) {
        System.out.print(
                format == Format.JSON ? InspectCommand.escaped(json.get()) + "\n" : text.apply(terminal.out()));
        System.out.flush();
    }

    /** What a document has in it. */
    interface Part {
        void write(JsonGenerator json);
    }

    /** An object with these fields. */
    static String document(Part part) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            part.write(json);
            json.writeEndObject();
        }
        return text.toString();
    }
}
