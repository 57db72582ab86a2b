package io.basewatch.standalone;

import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.Digest;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code basewatch lineage}: what was built on what. */
@Command(
        name = "lineage",
        description =
                "Asks a running service what images were built on, what was built on them, and what is out of date.",
        footer = {"", "Exit code: 0 told, 1 the service could not be asked or knows no such image, 64 wrong usage."})
final class LineageCommand implements Callable<Integer> {

    private static final int MAX_PAGES = 1000;
    private static final int LABEL = 10;

    @Parameters(
            paramLabel = "IMAGE",
            arity = "0..1",
            description =
                    "A digest (sha256:…), or registry/repository:tag; without it the bases with the most images on them.")
    @Nullable
    String image;

    @Mixin
    ServerOptions service = new ServerOptions();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "Bases that are listed (default: 50; at most 1000).")
    int limit;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        ServerClient client = service.client();
        String asked = image;
        if (asked == null) {
            JsonNode bases = client.get("/api/v1/bases?limit=" + limit);
            output.tell(bases, terminal -> table(bases, terminal));
            return Basewatch.OK;
        }
        List<JsonNode> told = new ArrayList<>();
        for (String digest : digests(client, asked)) {
            told.add(client.get("/api/v1/lineage/" + digest));
        }
        told.forEach(lineage -> output.tell(lineage, terminal -> text(asked, lineage)));
        return Basewatch.OK;
    }

    /** Of all images that it leads to: one for each platform. */
    private List<String> digests(ServerClient client, String asked) throws IOException, InterruptedException {
        if (asked.startsWith("sha256:") || asked.startsWith("sha512:")) {
            try {
                return List.of(Digest.parse(asked).toString());
            } catch (IllegalArgumentException e) {
                throw service.wrong(e);
            }
        }
        int colon = asked.lastIndexOf(':');
        if (colon < asked.lastIndexOf('/') || asked.indexOf('/') < 1) {
            throw service.wrong(new IllegalArgumentException(
                    "'" + asked + "' is neither a digest nor registry/repository:tag, as the fleet's lists have them"));
        }
        String path = "/api/v1/tags?limit=1000&repository="
                + URLEncoder.encode(asked.substring(0, colon), StandardCharsets.UTF_8);
        for (int page = 0; page < MAX_PAGES; page++) {
            JsonNode tags = client.get(path);
            for (JsonNode tag : tags.path("items")) {
                if (tag.path("reference").asString("").equals(asked)) {
                    List<String> digests = new ArrayList<>();
                    for (JsonNode each : tag.path("images")) {
                        digests.add(Digest.parse(each.asString()).toString());
                    }
                    return digests;
                }
            }
            String next = tags.path("next").asString("");
            if (!next.startsWith("/api/v1/tags?")) {
                break;
            }
            path = next;
        }
        throw new IOException(service.server + " knows no tag " + asked + ": give it as the fleet's lists have it");
    }

    private static String table(JsonNode bases, Terminal terminal) {
        TextTable table = new TextTable(
                        "BASE",
                        "PLATFORM",
                        "STANDS ON",
                        "SUPPORT",
                        "CHILDREN",
                        "ALL IMAGES",
                        "REPOSITORIES",
                        "STALE",
                        "HOW")
                .right("CHILDREN", "ALL IMAGES", "REPOSITORIES", "STALE")
                .shortened("STANDS ON", "BASE")
                .names("BASE");
        for (JsonNode base : bases.path("items")) {
            table.row(
                    base.path("reference")
                            .asString("(no name) " + shortened(base.path("id").asString(""))),
                    base.path("platform").asString(""),
                    release(base.path("distro")),
                    ReportText.toned(base.path("support").path("phase").asString("")),
                    base.path("children").path("images").asLong(),
                    base.path("descendants").path("images").asLong(),
                    base.path("descendants").path("repositories").asLong(),
                    base.path("stale").asLong(),
                    base.path("how").asString(""));
        }
        return table.text(terminal) + (bases.has("next") ? "and more: --limit\n" : "");
    }

    /** How much of a base that was guessed is there. */
    private static String likeness(JsonNode likeness) {
        return likeness.has("percent")
                ? " (" + likeness.path("percent").asInt() + " % of its "
                        + likeness.path("of").asInt() + " "
                        + likeness.path("by").asString("") + ")"
                : "";
    }

    private static String text(String asked, JsonNode lineage) {
        StringBuilder text = new StringBuilder();
        text.append(printable(asked))
                .append("  ")
                .append(printable(lineage.path("platform").asString("")))
                .append("  ")
                .append(shortened(lineage.path("digest").asString("")))
                .append('\n');
        String label = "stands on";
        for (JsonNode base : lineage.path("bases")) {
            String layers =
                    base.has("layers") ? ", " + Counted.of(base.path("layers").asLong(), "layer", "layers") : "";
            line(
                    text,
                    label,
                    base.path("reference").asString("(no name)") + "  "
                            + base.path("confidence").asString("") + ", by "
                            + base.path("how").asString("") + likeness(base.path("likeness")) + layers
                            + (base.path("adds").asBoolean(true) ? "" : ", and adds nothing to it"));
            label = "";
        }
        if (lineage.path("bases").isEmpty()) {
            line(text, label, "nothing that is known");
        }
        for (JsonNode each : lineage.path("undecided")) {
            line(text, "or on", shortened(each.asString("")) + "  as likely as others");
        }
        for (JsonNode each : lineage.path("undecidedKnown")) {
            line(text, "or on", each.path("reference").asString("") + "  as likely as others");
        }
        if (!lineage.path("whole").asBoolean(true)) {
            line(text, "", "a nearer base may be hidden: not all of its layers are known");
        }
        for (JsonNode known : lineage.path("known")) {
            line(text, "is", known.path("reference").asString(""));
        }
        long equals = lineage.path("equalCount").asLong();
        if (equals > 0) {
            line(text, "equal to", Counted.of(equals, "other image", "other images") + " with just these layers");
        }
        JsonNode claim = lineage.path("claim");
        if (claim.isObject()) {
            JsonNode said = claim.path("said");
            line(
                    text,
                    "says",
                    said.path("reference").asString(said.path("digest").asString("")) + "  "
                            + claim.path("verdict").asString("") + " ("
                            + said.path("source").asString("") + ")");
        }
        for (JsonNode moved : lineage.path("stale")) {
            line(
                    text,
                    "stale",
                    moved.path("reference").asString("") + " leads to "
                            + shortened(moved.path("to").asString("")) + in(moved.path("distro"))
                            + " now: build it again");
        }
        for (JsonNode other : lineage.path("drift")) {
            line(
                    text,
                    "drift",
                    other.path("reference").asString("") + " for "
                            + other.path("platform").asString("") + " stands elsewhere" + in(other.path("distro")));
        }
        JsonNode on = lineage.path("descendants");
        line(
                text,
                "on it",
                on.path("images").asLong() == 0
                        ? "nothing"
                        : Counted.of(on.path("images").asLong(), "image", "images") + " of "
                                + Counted.of(on.path("repositories").asLong(), "repository", "repositories")
                                + ", "
                                + lineage.path("children").path("images").asLong() + " directly");
        return text.toString();
    }

    private static void line(StringBuilder text, String label, String value) {
        text.append("  ")
                .append(label)
                .append(" ".repeat(LABEL - label.length()))
                .append(printable(value))
                .append('\n');
    }

    private static String in(JsonNode distro) {
        return distro.isObject() ? " (" + release(distro) + ")" : "";
    }

    private static String release(JsonNode distro) {
        String release = distro.path("version").asString(distro.path("codename").asString(""));
        return (distro.path("id").asString("") + " " + release).strip();
    }

    private static String shortened(String digest) {
        int colon = digest.indexOf(':');
        return printable(digest.substring(0, Math.min(digest.length(), colon + 13)));
    }

    private static String printable(String text) {
        return ReportText.printable(text);
    }
}
