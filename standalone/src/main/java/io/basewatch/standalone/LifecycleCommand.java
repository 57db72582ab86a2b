package io.basewatch.standalone;

import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.ReportJson;
import io.basewatch.fleetmodel.Support;
import io.basewatch.lifecycle.DatasetCheck;
import io.basewatch.lifecycle.DatasetRefused;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lifecycle.LifecycleDiff;
import io.basewatch.lifecycle.LifecycleDiff.Change;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
import tools.jackson.core.JsonGenerator;

/** {@code basewatch lifecycle}: the support dates, and whether others may take their place. */
@Command(
        name = "lifecycle",
        description = "Shows, checks and compares the dates that support phases are computed from.",
        subcommands = {
            LifecycleCommand.Show.class,
            LifecycleCommand.Check.class,
            LifecycleCommand.Diff.class,
            LifecycleRefreshCommand.class
        })
final class LifecycleCommand implements Runnable {

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "say what: show, check, diff or refresh");
        }
    }

    /** {@code lifecycle show}. */
    @Command(
            name = "show",
            description =
                    "Products; of one product all releases with their dates, phases and sources; of one release all that is known.",
            footer = {"", "Exit code: 0 shown, 1 there is no such product or release, 64 wrong usage."})
    static final class Show implements Callable<Integer> {

        @Parameters(index = "0", arity = "0..1", paramLabel = "PRODUCT", description = "As in: debian, centos-stream.")
        @Nullable
        String product;

        @Parameters(index = "1", arity = "0..1", paramLabel = "CYCLE", description = "As in: 12, 3.18.")
        @Nullable
        String cycle;

        @Option(
                names = "--as-of",
                paramLabel = "DAY",
                converter = AsOf.class,
                description = "The day that phases are of, as in 2027-07-01 (default: today, UTC).")
        LocalDate asOf = Today.utc();

        @Option(names = "--dataset", paramLabel = "FILE", description = "Another dataset than the one of this version.")
        @Nullable
        Path dataset;

        @Mixin
        OutputOptions output = new OutputOptions();

        @Override
        public Integer call() throws IOException {
            Lifecycle dates = dataset == null ? Lifecycle.bundled() : read(dataset);
            List<Support> releases = new ArrayList<>();
            for (String each : product == null ? dates.products() : List.of(product)) {
                dates.releases(each, asOf).stream()
                        .filter(release -> cycle == null || cycle.equals(release.cycle()))
                        .forEach(releases::add);
            }
            if (releases.isEmpty()) {
                System.err.println("basewatch: " + ReportText.printable(missing(dates)));
                return Basewatch.FAILED;
            }
            output.tell(() -> json(dates, releases), terminal -> text(dates, releases, terminal));
            return Basewatch.OK;
        }

        private String missing(Lifecycle dates) {
            return dates.products().contains(product)
                    ? "the dataset has no release '" + cycle + "' of " + product + ": 'lifecycle show " + product
                            + "' lists those it has"
                    : "the dataset has no product '" + product + "': 'lifecycle show' lists those it has";
        }

        private String text(Lifecycle dates, List<Support> releases, Terminal terminal) {
            String head = "dataset of " + dates.generated() + ", " + dates.digest() + ", phases of " + asOf + "\n\n";
            if (product == null) {
                TextTable table = new TextTable("PRODUCT", "RELEASES", "SUPPORTED NOW");
                for (String each : dates.products()) {
                    List<Support> own = releases.stream()
                            .filter(release -> each.equals(release.product()))
                            .toList();
                    table.row(
                            each,
                            own.size(),
                            own.stream()
                                    .filter(LifecycleCommand::isSupported)
                                    .map(Support::cycle)
                                    .collect(Collectors.joining(", ")));
                }
                return head + table.right("RELEASES").shortened("SUPPORTED NOW").text(terminal);
            }
            TextTable table =
                    new TextTable("CYCLE", "PHASE", "RELEASED", "FULL SUPPORT", "FREE FIXES", "PAID FIXES", "SOURCE");
            for (Support each : releases) {
                table.row(
                        each.cycle(),
                        ReportText.toned(each.phase().toString()),
                        each.released(),
                        each.standardEnds(),
                        each.ltsEnds(),
                        each.extended().stream()
                                .map(offer -> offer.name() + (offer.ends() == null ? "" : " " + offer.ends()))
                                .collect(Collectors.joining("; ")),
                        each.source() + ", read " + each.datasetDate());
            }
            return head + table.shortened("SOURCE", "PAID FIXES").text(terminal);
        }

        private String json(Lifecycle dates, List<Support> releases) {
            return OutputOptions.document(json -> {
                json.writeStringProperty("generated", dates.generated().toString());
                json.writeStringProperty("digest", dates.digest());
                json.writeStringProperty("day", asOf.toString());
                json.writeArrayPropertyStart("releases");
                releases.forEach(each -> support(json, each));
                json.writeEndArray();
            });
        }
    }

    private static boolean isSupported(Support release) {
        return switch (release.phase()) {
            case STANDARD, LTS, ROLLING -> true;
            case UNRELEASED, EXTENDED, ENDED, UNKNOWN -> false;
        };
    }

    /** {@code lifecycle check}. */
    @Command(
            name = "check",
            description = {
                "Whether a dataset may take the place of this version's: its form, the canaries (releases whose support is known for certain), and whether anything is gone.",
            },
            footer = {"", "Exit code: 0 it may, 1 it may not or cannot be read, 64 wrong usage."})
    static final class Check implements Callable<Integer> {

        @Parameters(paramLabel = "FILE", description = "The dataset.")
        Path file = Path.of("");

        @Mixin
        OutputOptions output = new OutputOptions();

        @Override
        public Integer call() throws IOException {
            try {
                Lifecycle dates = DatasetCheck.check(bytes(file), Lifecycle.bundled(), Today.utc());
                output.tell(
                        () -> json(null, String.valueOf(dates.generated()), dates.digest()),
                        terminal -> ReportText.printable(
                                        file + ": good; " + dates.products().size() + " products, of "
                                                + dates.generated() + ", " + dates.digest() + older(dates))
                                + "\n");
                return Basewatch.OK;
            } catch (DatasetRefused e) {
                if (output.format == OutputOptions.Format.JSON) {
                    output.tell(() -> json(e, null, null), terminal -> "");
                }
                System.err.println("basewatch: "
                        + ReportText.printable(file + " is refused (" + e.why() + "): " + e.getMessage()));
                return Basewatch.FAILED;
            }
        }

        /** Somebody may want that, and gives the file or its digest; a signature alone brings none back. */
        private static String older(Lifecycle dates) {
            return dates.generated().isBefore(Lifecycle.bundled().generated())
                    ? "; older than what this version carries, of "
                            + Lifecycle.bundled().generated()
                    : "";
        }

        /** Of a refusal, or of a dataset that was taken. */
        private String json(@Nullable DatasetRefused refusal, @Nullable String generated, @Nullable String digest) {
            return OutputOptions.document(json -> {
                json.writeStringProperty("file", file.toString());
                json.writeBooleanProperty("good", refusal == null);
                if (refusal == null) {
                    json.writeStringProperty("generated", generated);
                    json.writeStringProperty("digest", digest);
                } else {
                    json.writeStringProperty("why", String.valueOf(refusal.why()));
                    json.writeStringProperty("message", String.valueOf(refusal.getMessage()));
                }
            });
        }
    }

    /** {@code lifecycle diff}. */
    @Command(
            name = "diff",
            description = "What came, went and moved from one dataset to another, and which phases are other ones.",
            footer = {"", "Exit code: 0 told, 1 one of them cannot be read, 64 wrong usage."})
    static final class Diff implements Callable<Integer> {

        @Parameters(index = "0", paramLabel = "OLD", description = "A dataset; 'bundled' is the one of this version.")
        String before = "";

        @Parameters(index = "1", paramLabel = "NEW", description = "Likewise.")
        String after = "";

        @Option(
                names = "--as-of",
                paramLabel = "DAY",
                converter = AsOf.class,
                description = "The day that phases are of (default: today, UTC).")
        LocalDate asOf = Today.utc();

        @Mixin
        OutputOptions output = new OutputOptions();

        @Override
        public Integer call() throws IOException {
            List<Change> changes = LifecycleDiff.between(named(before), named(after), asOf);
            output.tell(() -> json(changes), terminal -> text(changes, asOf, terminal));
            return Basewatch.OK;
        }

        private static Lifecycle named(String name) throws IOException {
            return name.equals("bundled") ? Lifecycle.bundled() : read(Path.of(name));
        }

        private String json(List<Change> changes) {
            return OutputOptions.document(json -> {
                json.writeStringProperty("day", asOf.toString());
                json.writeArrayPropertyStart("changes");
                for (Change change : changes) {
                    json.writeStartObject();
                    json.writeStringProperty("kind", change.kind().name().toLowerCase(Locale.ROOT));
                    json.writeStringProperty("product", change.product());
                    json.writeStringProperty("cycle", change.cycle());
                    json.writeBooleanProperty("changesPhase", change.changesPhase());
                    release(json, "before", change.before());
                    release(json, "after", change.after());
                    json.writeEndObject();
                }
                json.writeEndArray();
            });
        }

        private static void release(JsonGenerator json, String name, @Nullable Support support) {
            if (support != null) {
                json.writeName(name);
                support(json, support);
            }
        }
    }

    static String text(List<Change> changes, LocalDate day, Terminal terminal) {
        TextTable table = new TextTable("PRODUCT", "CYCLE", "WHAT", "PHASE ON " + day);
        int phases = 0;
        for (Change change : changes) {
            Support shown = change.after() != null ? change.after() : change.before();
            phases += change.changesPhase() ? 1 : 0;
            table.row(
                    change.product(),
                    change.cycle(),
                    switch (change.kind()) {
                        case CAME -> "came";
                        case WENT -> "went";
                        case MOVED -> String.join(", ", change.moved());
                    },
                    shown == null ? null : ReportText.toned(shown.phase().toString()));
        }
        return (changes.isEmpty() ? "" : table.shortened("WHAT").text(terminal) + "\n")
                + Counted.of(changes.size(), "release is different", "releases are different") + ", "
                + phases + " of them in " + (phases == 1 ? "its phase" : "their phases") + "\n";
    }

    static byte[] bytes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            // One more than is taken, so that a larger one is told as such.
            return in.readNBytes(DatasetCheck.MAX_BYTES + 1);
        } catch (IOException e) {
            throw new IOException(file + " cannot be read (" + e.getClass().getSimpleName() + ")", e);
        }
    }

    static Lifecycle read(Path file) throws IOException {
        try {
            return Lifecycle.read(bytes(file));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private static void support(JsonGenerator json, Support support) {
        json.writeRawValue(ReportJson.write(support));
    }
}
