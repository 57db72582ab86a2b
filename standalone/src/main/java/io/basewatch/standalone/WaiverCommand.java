package io.basewatch.standalone;

import io.basewatch.fleetmodel.Counted;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
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
import tools.jackson.databind.JsonNode;

/** {@code basewatch waiver}: decisions to leave entries of the backlog for a while. */
@Command(
        name = "waiver",
        description = "Leaves an entry of a running service's backlog for a while, and tells what was decided.",
        subcommands = {WaiverCommand.Give.class, WaiverCommand.Withdraw.class, WaiverCommand.Listed.class})
final class WaiverCommand implements Runnable {

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "say what: give, withdraw or list");
        }
    }

    /** {@code waiver give}. */
    @Command(
            name = "give",
            description = "Leaves an entry until a day, or until there is something that it was not left for.",
            footer = {"", "Exit code: 0 given, 1 refused or the service could not be asked, 64 wrong usage."})
    static final class Give implements Callable<Integer> {

        @Parameters(paramLabel = "ENTRY", description = "Its id, as 'basewatch backlog' lists it.")
        String entry = "";

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
        String reason = "";

        @Option(names = "--author", required = true, paramLabel = "NAME", description = "Who decides.")
        String author = "";

        @Option(
                names = "--until",
                required = true,
                paramLabel = "DAY",
                converter = AsOf.class,
                description = "The last day of it, as in 2027-03-31; within two years.")
        @Nullable
        LocalDate until;

        @Mixin
        ServerOptions service = new ServerOptions();

        @Mixin
        OutputOptions output = new OutputOptions();

        @Override
        public Integer call() throws IOException, InterruptedException {
            Map<String, String> decision = new LinkedHashMap<>();
            decision.put("entry", entry);
            decision.put("reason", reason);
            decision.put("author", author);
            decision.put("until", String.valueOf(until));
            JsonNode given = service.client().post("/api/v1/waivers", decision);
            output.tell(
                    given,
                    terminal -> ReportText.printable(given.path("id").asString() + " leaves "
                                    + given.path("name").asString() + " until "
                                    + given.path("until").asString() + ", given for: " + causes(given))
                            + "\n");
            return Basewatch.OK;
        }
    }

    /** {@code waiver withdraw}. */
    @Command(
            name = "withdraw",
            description = "Takes a waiver back; what was decided stays in the list of those that have ended.",
            footer = {"", "Exit code: 0 taken back, 1 refused or the service could not be asked, 64 wrong usage."})
    static final class Withdraw implements Callable<Integer> {

        @Parameters(paramLabel = "ID", description = "The waiver, as 'basewatch waiver list' names it.")
        String id = "";

        @Option(names = "--author", required = true, paramLabel = "NAME", description = "Who takes it back.")
        String author = "";

        @Option(names = "--reason", paramLabel = "TEXT", description = "Why.")
        @Nullable
        String reason;

        @Mixin
        ServerOptions service = new ServerOptions();

        @Mixin
        OutputOptions output = new OutputOptions();

        @Override
        public Integer call() throws IOException, InterruptedException {
            String query = "?author=" + encoded(author) + (reason == null ? "" : "&reason=" + encoded(reason));
            JsonNode ended = service.client().delete("/api/v1/waivers/" + encoded(id) + query);
            output.tell(
                    ended,
                    terminal -> ReportText.printable(ended.path("id").asString() + " is taken back: "
                                    + ended.path("name").asString() + " is in the backlog again")
                            + "\n");
            return Basewatch.OK;
        }
    }

    /** {@code waiver list}. */
    @Command(
            name = "list",
            description = "Waivers in force, or those that have ended and how.",
            footer = {"", "Exit code: 0 told, 1 the service could not be asked, 64 wrong usage."})
    static final class Listed implements Callable<Integer> {

        @Option(names = "--ended", description = "Those that have ended.")
        boolean ended;

        @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "At most (default: 100).")
        int limit;

        @Mixin
        ServerOptions service = new ServerOptions();

        @Mixin
        OutputOptions output = new OutputOptions();

        @Override
        public Integer call() throws IOException, InterruptedException {
            JsonNode answer =
                    service.client().get("/api/v1/waivers?state=" + (ended ? "ended" : "in-force") + "&limit=" + limit);
            output.tell(answer, terminal -> text(answer, terminal));
            return Basewatch.OK;
        }

        private String text(JsonNode answer, Terminal terminal) {
            TextTable table = ended
                    ? new TextTable("ID", "WHAT", "AUTHOR", "REASON", "ENDED", "WHY")
                    : new TextTable("ID", "WHAT", "AUTHOR", "UNTIL", "REASON", "GIVEN FOR");
            for (JsonNode waiver : answer.path("items")) {
                String id = waiver.path("id").asString();
                String name = waiver.path("name").asString();
                String author = waiver.path("author").asString();
                String reason = waiver.path("reason").asString().replace('\n', ' ');
                if (ended) {
                    table.row(id, name, author, reason, waiver.at("/ended/at").asString(), ending(waiver));
                } else {
                    table.row(id, name, author, waiver.path("until").asString(), reason, causes(waiver));
                }
            }
            return table.shortened("REASON", "GIVEN FOR", "WHY", "WHAT")
                            .names("WHAT")
                            .text(terminal) + "\n"
                    + Counted.of(answer.path("items").size(), "waiver", "waivers")
                    + (answer.path("next").isString() ? "; there are more: ask with a higher --limit" : "") + "\n";
        }

        private static String ending(JsonNode waiver) {
            String by = waiver.at("/ended/by").asString("");
            String detail = waiver.at("/ended/detail").asString("");
            return waiver.at("/ended/why").asString()
                    + (by.isEmpty() ? "" : " by " + by)
                    + (detail.isEmpty() ? "" : ": " + detail);
        }
    }

    private static String causes(JsonNode waiver) {
        String causes =
                waiver.path("causes").valueStream().map(JsonNode::asString).collect(Collectors.joining(", "));
        return causes.isEmpty() ? "nothing that is certain or weighs" : causes;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
