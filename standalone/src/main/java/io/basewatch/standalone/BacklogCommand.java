package io.basewatch.standalone;

import io.basewatch.fleetmodel.Counted;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code basewatch backlog}: what of a fleet to move first, and how. */
@Command(
        name = "backlog",
        description = "Asks a running service what to move first; with an entry's id, for its plan.",
        footer = {"", "Exit code: 0 told, 1 the service could not be asked, 64 wrong usage."})
final class BacklogCommand implements Callable<Integer> {

    private static final int LINES = 5;

    @Parameters(arity = "0..1", paramLabel = "ID", description = "An entry, as the list names them.")
    @Nullable
    String id;

    @Mixin
    ServerOptions service = new ServerOptions();

    @Option(
            names = "--include",
            paramLabel = "WHY[,WHY]…",
            description = "Entries with one of these reasons: past-support, ending, certain, risk, musl, unknown.")
    @Nullable
    String include;

    @Option(names = "--owner", paramLabel = "NAME", description = "Only entries with images of this owner.")
    @Nullable
    String owner;

    @Option(
            names = "--sort",
            paramLabel = "BY",
            description = "score (default), benefit, effort, images, tags or repositories.")
    @Nullable
    String sort;

    @Option(names = "--group", paramLabel = "BY", description = "Entries put together by owner, base or repository.")
    @Nullable
    String group;

    @Option(
            names = "--waived",
            paramLabel = "WHICH",
            description = "without (default), with or only those that somebody decided to leave for a while.")
    @Nullable
    String waived;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "Entries at most (default: 20).")
    int limit;

    @Option(
            names = "--as-of",
            paramLabel = "DAY",
            converter = AsOf.class,
            description = "The day that support counts on (default: the service's today, UTC).")
    @Nullable
    LocalDate asOf;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        ServerClient client = service.client();
        String asked = id;
        JsonNode answer = client.get(path(asked));
        output.tell(
                answer,
                terminal -> asked != null
                        ? plan(answer)
                        : group != null ? groups(answer, terminal) : list(answer, terminal));
        return Basewatch.OK;
    }

    private String path(@Nullable String asked) {
        List<String> query = new ArrayList<>();
        if (asked == null) {
            query.add("limit=" + limit);
            add(query, "include", include);
            add(query, "owner", owner);
            add(query, "sort", sort);
            add(query, "group", group);
            add(query, "waived", waived);
        }
        add(query, "asOf", asOf == null ? null : asOf.toString());
        return "/api/v1/backlog" + (asked == null ? "" : "/" + encoded(asked))
                + (query.isEmpty() ? "" : "?" + String.join("&", query));
    }

    private static void add(List<String> query, String name, @Nullable String value) {
        if (value != null) {
            query.add(name + "=" + encoded(value));
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    static String list(JsonNode answer, Terminal terminal) {
        StringBuilder text = new StringBuilder();
        TextTable table = new TextTable(
                        "#", "SCORE", "WHAT", "STANDS ON", "SUPPORT", "IMAGES", "DOCKERFILES", "TO", "ID")
                .right("#", "SCORE", "IMAGES", "DOCKERFILES")
                .shortened("STANDS ON", "SUPPORT", "TO", "WHAT")
                .names("WHAT");
        for (JsonNode item : answer.path("items")) {
            table.row(
                    item.path("rank").asInt(),
                    String.format(Locale.ROOT, "%.2f", item.path("score").asDouble()),
                    item.path("name").asString(),
                    standsOn(item),
                    ReportText.toned(support(item)),
                    item.path("images").asLong(),
                    item.path("changeCount").asLong(),
                    targets(item),
                    item.path("id").asString());
        }
        text.append(table.text(terminal))
                .append('\n')
                .append(Counted.of(answer.path("total").asInt(), "entry", "entries"))
                .append(" as of ")
                .append(ReportText.printable(answer.path("day").asString()))
                .append(
                        answer.path("waived").asLong() == 0
                                ? ""
                                : ", " + answer.path("waived").asLong() + " waived for a while")
                .append(
                        answer.path("pending").asLong() == 0
                                ? ""
                                : ", while "
                                        + Counted.of(answer.path("pending").asLong(), "image waits", "images wait")
                                        + " for " + (answer.path("pending").asLong() == 1 ? "its" : "their")
                                        + " analysis")
                .append(
                        answer.path("unread").asLong() == 0
                                ? ""
                                : ", and of " + answer.path("unread").asLong()
                                        + " more may be said, as "
                                        + (answer.path("unread").asLong() == 1 ? "it is" : "they are")
                                        + " not read wholly")
                .append("; 'basewatch backlog ID' tells how to move one\n");
        return text.toString();
    }

    private static String groups(JsonNode answer, Terminal terminal) {
        TextTable table = new TextTable("GROUP", "ENTRIES", "IMAGES", "DOCKERFILES", "BENEFIT", "FIRST")
                .right("ENTRIES", "IMAGES", "DOCKERFILES", "BENEFIT")
                .shortened("FIRST", "GROUP")
                .names("FIRST");
        for (JsonNode item : answer.path("items")) {
            table.row(
                    item.path("name").asString("(none)"),
                    item.path("entries").asLong(),
                    item.path("images").asLong(),
                    item.path("dockerfiles").asLong(),
                    String.format(Locale.ROOT, "%.2f", item.path("benefit").asDouble()),
                    item.at("/first/0/name").asString("") + " (#"
                            + item.at("/first/0/rank").asLong() + ")");
        }
        return table.text(terminal) + "\n"
                + Counted.of(answer.path("total").asInt(), "group", "groups") + " as of "
                + ReportText.printable(answer.path("day").asString()) + "\n";
    }

    /** The first, and how many others there are. */
    private static String targets(JsonNode item) {
        int others = item.path("targets").size() - 1;
        return item.at("/targets/0/target/image").asString("-") + (others > 0 ? " +" + others : "");
    }

    private static String standsOn(JsonNode item) {
        String release =
                item.at("/support/cycle").asString(item.at("/standsOn/version").asString(""));
        return (item.at("/standsOn/distro").asString("unknown") + " " + release).trim();
    }

    private static String support(JsonNode item) {
        String until = item.at("/support/ltsEnds").asString("");
        return item.at("/support/phase").asString("unknown") + (until.isEmpty() ? "" : " " + until);
    }

    static String plan(JsonNode plan) {
        StringBuilder text = new StringBuilder();
        JsonNode entry = plan.path("entry");
        line(text, entry.path("name").asString() + ", on " + standsOn(entry) + " (" + support(entry) + ")");
        line(
                text,
                "  to move: " + Counted.of(entry.path("images").asLong(), "image", "images") + " in "
                        + Counted.of(entry.path("repositories").asLong(), "repository", "repositories")
                        + "; to change: "
                        + Counted.of(entry.path("changeCount").asLong(), "Dockerfile", "Dockerfiles")
                        + "; to build again: "
                        + Counted.of(entry.path("rebuilt").asLong(), "repository", "repositories"));
        for (JsonNode aim : entry.path("targets")) {
            line(
                    text,
                    "  " + aim.path("dockerfiles").asLong() + " to "
                            + aim.at("/target/image").asString() + ": "
                            + aim.at("/target/why").asString());
        }
        if (entry.path("targets").isEmpty()) {
            line(text, "  to nothing that is known: the data has no supported release to move to");
        }
        line(text, "  score " + entry.path("score").asDouble() + " = " + benefit(entry) + " over 4 + " + effort(entry));
        if (entry.path("waiver").isObject()) {
            line(
                    text,
                    "  left until " + entry.at("/waiver/until").asString() + " by "
                            + entry.at("/waiver/author").asString() + ": "
                            + entry.at("/waiver/reason").asString());
        }
        for (JsonNode finding : plan.path("findings")) {
            line(
                    text,
                    "  " + finding.path("kind").asString() + " "
                            + finding.path("severity").asString() + " "
                            + finding.path("id").asString() + " in "
                            + Counted.of(finding.path("images").asLong(), "image", "images"));
        }
        if (plan.path("cost").isObject()) {
            line(
                    text,
                    "  the base has " + size(plan.at("/cost/base")) + " in registries, which give back "
                            + size(plan.at("/cost/freed")) + " of it when all have moved; the target has "
                            + size(plan.at("/cost/target")) + ", which a node pulls once");
        }
        for (JsonNode step : plan.path("steps")) {
            step(text, step);
        }
        return text.toString();
    }

    private static String benefit(JsonNode entry) {
        JsonNode benefit = entry.path("benefit");
        return benefit.path("total").asDouble() + " (ended "
                + benefit.path("ended").asDouble() + ", certain "
                + benefit.path("certain").asDouble() + ", risk "
                + benefit.path("risk").asDouble() + ")";
    }

    private static String effort(JsonNode entry) {
        return entry.at("/effort/total").asDouble() + " ("
                + entry.at("/effort/parts")
                        .valueStream()
                        .map(part -> part.path("message").asString() + " "
                                + part.path("points").asDouble())
                        .collect(Collectors.joining(", "))
                + ")";
    }

    private static void step(StringBuilder text, JsonNode step) {
        text.append('\n');
        line(
                text,
                step.path("repository").asString()
                        + (step.path("below").asLong() == 0
                                ? ""
                                : ", and " + Counted.of(step.path("below").asLong(), "image", "images") + " on it")
                        + ", effort " + step.path("effort").asDouble());
        step.at("/dockerfile/before").forEach(each -> line(text, "  - " + each.asString()));
        step.at("/dockerfile/after").forEach(each -> line(text, "  + " + each.asString()));
        step.at("/dockerfile/missing")
                .forEach(each -> line(text, "  no package is known there for " + each.asString()));
        step.path("byHand").forEach(each -> line(text, "  " + each.asString()));
        JsonNode tried = step.path("tried");
        if (tried.isObject()) {
            line(
                    text,
                    "  the loader there: "
                            + tried.path("objects")
                                    .propertyStream()
                                    .filter(count -> count.getValue().asLong() > 0)
                                    .map(count -> count.getKey() + " "
                                            + count.getValue().asLong())
                                    .collect(Collectors.joining(", ")));
            tried.path("changes")
                    .valueStream()
                    .filter(change -> change.path("effect").asString().equals("breaks"))
                    .limit(LINES)
                    .forEach(change -> line(
                            text,
                            "    " + change.path("path").asString() + ": "
                                    + change.at("/there/0").asString("")));
        } else if (step.path("untried").isString()) {
            line(
                    text,
                    "  the loader there was not asked: " + step.path("untried").asString());
        }
        if (step.path("rebase").isString()) {
            line(text, "  " + step.path("rebase").asString());
        }
        if (step.path("weight").isObject()) {
            line(text, "  " + weight(step.path("weight")));
        }
    }

    /** As the service estimates it. */
    private static String weight(JsonNode weight) {
        JsonNode compilers = weight.path("compilers");
        JsonNode headers = weight.path("headers");
        String building = compilers.isNumber() && headers.isNumber()
                ? compilers.asLong() + headers.asLong() == 0
                        ? ""
                        : " and " + ReportText.size(compilers.asLong() + headers.asLong()) + " only needed to build"
                : " and an unknown part only needed to build";
        return "unpacked it has " + size(weight.path("image")) + " (" + size(weight.path("base")) + " of its base"
                + building + "), on the target "
                + (weight.path("onTarget").isNumber() ? "about " + size(weight.path("onTarget")) : "an unknown size");
    }

    private static String size(JsonNode bytes) {
        return bytes.isNumber() ? ReportText.size(bytes.asLong()) : "an unknown size";
    }

    private static void line(StringBuilder text, String line) {
        text.append(ReportText.printable(line)).append('\n');
    }
}
