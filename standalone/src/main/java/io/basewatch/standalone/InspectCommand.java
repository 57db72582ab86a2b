package io.basewatch.standalone;

import io.basewatch.caveats.Catalogue;
import io.basewatch.caveats.CatalogueEntry;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.ReportJson;
import io.basewatch.lifecycle.SupportPolicy;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code basewatch inspect}: what single images stand on, without broker or store. */
@Command(
        name = "inspect",
        description = "Tells what images stand on, without any service. All images of an index are told.",
        footer = {
            "",
            "REF is one of",
            "  registry/repository[:tag][@digest]   an image of a registry",
            "  oci:PATH[:TAG]                       an OCI image layout: a folder or a tar archive",
            "  docker-archive:PATH[:TAG]            what 'docker save' wrote: a tar archive or a folder",
            "  dir:ROOTFS                           an unpacked root file system",
            "",
            "Archives may be compressed with gzip or zstd.",
            "",
            "Exit code: 0 all told, also where something of an image is told as unknown or not whole,",
            "1 one could not be told, 2 --fail-on found something, 64 wrong usage."
        })
final class InspectCommand implements Callable<Integer> {

    enum Output {
        TEXT,
        JSON,
        SARIF,
        MARKDOWN;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Parameters(arity = "0..*", paramLabel = "REF", description = "What to look at.")
    List<String> references = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = {
                "text (default); json: one document per image and line;",
                "sarif: one log of all images, for code scanning pages;",
                "markdown: what matters of all images, as a comment of a pull request."
            })
    Output output = Output.TEXT;

    @Option(
            names = "--explain",
            paramLabel = "ID",
            description = "What a caveat is, and what to do; of the images that are named, all evidence for it.")
    @Nullable
    String explain;

    @Option(
            names = "--fail-on",
            split = ",",
            paramLabel = "WHAT",
            converter = FailOnConverter.class,
            description = {
                "Exit with 2 when an image has such a caveat or state, and say why: certain, risk, ended, unknown, incomplete. Comma-separated.",
                "certain:high and risk:high leave out milder ones; risk includes certain."
            })
    Set<FailOn> failOn = new LinkedHashSet<>();

    static final class FailOnConverter implements CommandLine.ITypeConverter<FailOn> {
        @Override
        public FailOn convert(String value) {
            try {
                return FailOn.parse(value);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.TypeConversionException(e.getMessage());
            }
        }
    }

    @Option(
            names = "--as-of",
            paramLabel = "DAY",
            description = "The day that support phases are of, as in 2027-07-01 (default: today, UTC).",
            converter = AsOf.class)
    LocalDate asOf = Today.utc();

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description =
                    "YAML file with basewatch.policy: what support was bought, or counts, for which repositories.")
    @Nullable
    Path policy;

    @Mixin
    RegistryOptions registries = new RegistryOptions();

    @Mixin
    TerminalOptions terminal = new TerminalOptions();

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        CatalogueEntry explained =
                explain == null ? null : Catalogue.entry(explain).orElse(null);
        if (explain != null && explained == null) {
            throw wrong("there is no caveat '" + explain + "': what inspect tells of an image names its own");
        }
        if (explain == null && references.isEmpty()) {
            throw wrong("Missing required parameter: 'REF'");
        }
        // Flushed, not closed: it is this process' standard output.
        PrintStream out = new PrintStream(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16),
                false,
                StandardCharsets.UTF_8);
        try {
            if (explained != null) {
                String page = explained.page().strip();
                out.println(output == Output.MARKDOWN ? page : ReportText.unescaped(page));
                out.println();
            }
            return references.isEmpty() ? Basewatch.OK : inspect(out);
        } finally {
            out.flush();
        }
    }

    private Integer inspect(PrintStream out) throws InterruptedException, IOException {
        int code = Basewatch.OK;
        SupportPolicy decided = policy == null ? SupportPolicy.NONE : PolicyFile.read(policy);
        Inspection inspection = new Inspection(registries, asOf, decided);
        Whole whole = whole();
        Terminal shown = terminal.out();
        InspectProgress progress = references.size() < 2 ? null : InspectProgress.of(references.size(), terminal);
        for (String reference : references) {
            List<String> untold = new ArrayList<>();
            try {
                for (ImageReport report : looked(inspection, reference, untold, progress)) {
                    if (whole == null) {
                        tell(report, out, shown);
                    } else {
                        whole.add(report);
                    }
                    if (fails(report)) {
                        code = code == Basewatch.OK ? Basewatch.FOUND : code;
                    }
                }
            } catch (InspectionException e) {
                untold.add(String.valueOf(e.getMessage()));
            }
            for (String why : untold) {
                out.flush();
                complain(reference, why);
                if (whole != null) {
                    whole.add(reference, why);
                }
                code = Basewatch.FAILED;
            }
            if (output == Output.TEXT) {
                out.flush();
            }
        }
        if (whole != null) {
            out.println(whole.write());
        }
        return code;
    }

    private static List<ImageReport> looked(
            Inspection inspection, String reference, List<String> untold, @Nullable InspectProgress progress)
            throws InspectionException, InterruptedException {
        if (progress == null) {
            return inspection.inspect(reference, untold::add);
        }
        progress.begins(reference);
        try {
            return inspection.inspect(reference, untold::add);
        } finally {
            progress.ended();
        }
    }

    /** One document of all images. */
    interface Whole {

        void add(ImageReport report);

        /** What could not be told, and why. */
        void add(String reference, String why);

        /** With nothing in it that a terminal could take for a command. */
        String write();
    }

    /** Null where each image is told as soon as it is known. */
    private @Nullable Whole whole() {
        return switch (output) {
            case TEXT, JSON -> null;
            case SARIF -> new SarifLog(Basewatch.Version.text(), InspectCommand::ruleText);
            case MARKDOWN -> new MarkdownReport();
        };
    }

    private void tell(ImageReport report, PrintStream out, Terminal shown) {
        if (output == Output.JSON) {
            out.println(escaped(ReportJson.write(report)));
        } else {
            out.println(explain == null ? ReportText.of(report, shown) : ReportText.evidence(report, explain, shown));
        }
    }

    private static Optional<SarifLog.RuleText> ruleText(String id) {
        return Catalogue.entry(id)
                .map(entry -> new SarifLog.RuleText(
                        entry.title(), entry.breaks() + "\n\nWhat to do: " + entry.action(), entry.severity()));
    }

    private RuntimeException wrong(String what) {
        return spec == null ? new IllegalArgumentException(what) : UsageText.wrong(spec, what);
    }

    /** Says why. */
    private boolean fails(ImageReport report) {
        boolean fails = false;
        for (FailOn what : failOn) {
            String reason = what.reason(report).orElse(null);
            if (reason != null) {
                complain(report.reference(), "fails on " + what + ": " + reason);
                fails = true;
            } else if (what.isOfCaveats() && FailOn.isIncomplete(report)) {
                complain(
                        report.reference(),
                        "nothing found for " + what + ", but not all of it could be read; incomplete fails on that");
            } else if (what.what() == FailOn.What.ENDED && report.support().publisherUnknown() != null) {
                complain(
                        report.reference(),
                        "nothing found for ended, but " + ReportText.notPublished(report.support())
                                + "; unknown fails on that");
            }
        }
        return fails;
    }

    private static void complain(String reference, String what) {
        // What cannot be opened is often named by who tried.
        String line = what.startsWith(reference + ": ") ? what : reference + ": " + what;
        System.err.println("basewatch: " + ReportText.printable(line));
    }

    /** The same document with every character written as an escape that a terminal could take for a command. JSON asks that only of the ones below a space. */
    static String escaped(String json) {
        StringBuilder escaped = new StringBuilder(json.length());
        json.codePoints().forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                for (char unit : Character.toChars(c)) {
                    escaped.append(String.format("\\u%04x", (int) unit));
                }
            } else {
                escaped.appendCodePoint(c);
            }
        });
        return escaped.toString();
    }
}
