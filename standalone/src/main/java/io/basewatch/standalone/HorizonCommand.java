package io.basewatch.standalone;

import io.basewatch.fleetmodel.Counted;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code basewatch horizon}: what of a fleet reaches the end of its support, and when. */
@Command(
        name = "horizon",
        description = "Asks a running service which releases of the fleet reach the end of their support, by month.",
        footer = {"", "Exit code: 0 told, 1 the service could not be asked, 64 wrong usage."})
final class HorizonCommand implements Callable<Integer> {

    @Mixin
    ServerOptions service = new ServerOptions();

    @Option(
            names = "--days",
            paramLabel = "N[,N]…",
            defaultValue = "30,90,180,365",
            description = "How far to look ahead (default: 30,90,180,365).")
    String days = "";

    @Option(
            names = "--as-of",
            paramLabel = "DAY",
            converter = AsOf.class,
            description = "The day to look from (default: the service's today, UTC).")
    @Nullable
    LocalDate asOf;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        ServerClient client = service.client();
        JsonNode horizon = client.get("/api/v1/horizon?days=" + URLEncoder.encode(days, StandardCharsets.UTF_8)
                + (asOf == null ? "" : "&asOf=" + asOf));
        output.tell(horizon, terminal -> text(horizon, terminal));
        return Basewatch.OK;
    }

    private static String text(JsonNode horizon, Terminal terminal) {
        StringBuilder text = new StringBuilder();
        text.append("seen from ")
                .append(ReportText.printable(horizon.path("day").asString()));
        text.append(", support dates of ")
                .append(ReportText.printable(horizon.path("lifecycleGenerated").asString()))
                .append("\n\n");
        TextTable within = new TextTable(
                        "WITHIN", "UNTIL", "IMAGES", "PAID ONLY", "ENDED", "BASES", "REPOSITORIES", "OWNERS")
                .right("IMAGES", "PAID ONLY", "ENDED", "BASES", "REPOSITORIES")
                .shortened("OWNERS");
        for (JsonNode each : horizon.path("within")) {
            within.row(
                    Counted.of(each.path("days").asInt(), "day", "days"),
                    each.path("until").asString(),
                    each.path("images").asLong(),
                    each.path("toExtended").asLong(),
                    each.path("toEnded").asLong(),
                    each.path("bases").isNumber() ? each.path("bases").asLong() : "?",
                    atLeast(each.path("repositories"), each),
                    owners(each));
        }
        text.append(within.text(terminal)).append('\n');
        if (!horizon.path("months").isEmpty()) {
            TextTable months = new TextTable(
                            "ON", "RELEASE", "IS THEN", "IMAGES", "FIRST BASE", "REPOSITORIES", "OWNERS", "POLICY")
                    .right("IMAGES", "REPOSITORIES")
                    .shortened("POLICY", "OWNERS", "FIRST BASE");
            for (JsonNode month : horizon.path("months")) {
                for (JsonNode each : month.path("entries")) {
                    months.row(
                            each.path("on").asString(),
                            each.path("product").asString() + " "
                                    + each.path("cycle").asString(),
                            ReportText.toned(each.path("enters").asString()),
                            each.path("images").asLong(),
                            base(each),
                            atLeast(each.path("repositoryCount"), each),
                            owners(each),
                            each.path("policy").path("says").asString(""));
                }
            }
            text.append(months.text(terminal)).append('\n');
        }
        text.append(Counted.of(horizon.path("past").asLong(), "image is", "images are"))
                .append(" past support already, of ")
                .append(horizon.path("withoutEnd").asLong())
                .append(" no end is known, ")
                .append(horizon.path("pending").asLong())
                .append(" wait for their analysis\n");
        return text.toString();
    }

    /** The one with the most images on it, and how many others there are. */
    private static String base(JsonNode of) {
        long others = of.path("baseCount").asLong() - 1;
        return others < 0 ? "-" : of.at("/bases/0/name").asString("(unnamed)") + (others == 0 ? "" : " +" + others);
    }

    private static String atLeast(JsonNode number, JsonNode of) {
        return (of.path("repositoriesAreExact").asBoolean(true) ? "" : ">= ") + number.asLong();
    }

    private static String owners(JsonNode of) {
        return of.path("owners")
                .valueStream()
                .map(share -> share.path("owner").asString("nobody") + " "
                        + share.path("repositories").asLong())
                .collect(Collectors.joining(", "));
    }
}
