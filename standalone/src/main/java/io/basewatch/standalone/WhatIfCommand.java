package io.basewatch.standalone;

import io.basewatch.caveats.JudgedImage;
import io.basewatch.caveats.OwnObjects;
import io.basewatch.caveats.WhatIf;
import io.basewatch.caveats.WhatIf.Effect;
import io.basewatch.caveats.WhatIfReport;
import io.basewatch.caveats.WhatIfReport.Change;
import io.basewatch.caveats.WhatIfReport.Own;
import io.basewatch.caveats.kept.BaseDescription;
import io.basewatch.caveats.kept.DescribedBases;
import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.lifecycle.SupportPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code basewatch what-if}: what of an image would still load on another base. */
@Command(
        name = "what-if",
        description = {
            "Tells which of an image's own programs and libraries would load on another base, which would not and what they then miss,"
                    + " and which would start to. Nothing is executed.",
        },
        footer = {
            "",
            "REF is what 'inspect' takes, but for dir:. --on also takes base:NAME, a well-known base that this program describes ('basewatch describe --list'),"
                    + " and base:FILE, a description that 'basewatch describe' made.",
            "What is the image's own is told by --from; without it, it is what lies outside of the folders of distributions.",
            "",
            "Exit code: 0 told, 1 could not be told, 2 with --fail when something that loads would not, 64 wrong usage."
        })
final class WhatIfCommand implements Callable<Integer> {

    private static final String DESCRIBED = "base:";

    /** Of one kind of change, in text. */
    private static final int SHOWN = 20;

    private static final int LINES = 3;

    @Parameters(arity = "1", paramLabel = "REF", description = "The image.")
    String reference = "";

    @Option(names = "--on", required = true, paramLabel = "REF", description = "The base it would stand on.")
    String base = "";

    @Option(names = "--from", paramLabel = "REF", description = "The base it was built on: all above that is its own.")
    @Nullable
    String from;

    @Option(names = "--fail", description = "Exit with 2 when something that loads now would not.")
    boolean fail;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Mixin
    RegistryOptions registries = new RegistryOptions();

    /** What the image would stand on. */
    private record Base(String name, JudgedImage image) {}

    @Override
    public Integer call() throws Exception {
        Inspection inspection = new Inspection(registries, Today.utc(), SupportPolicy.NONE);
        Inspection.Looked image;
        Base target;
        Predicate<String> isOwn;
        try {
            image = look(inspection, reference, null);
            target = base(inspection, image);
            isOwn = from == null ? OwnObjects::liesApart : above(look(inspection, from, image), image);
        } catch (InspectionException e) {
            System.err.println("basewatch: " + ReportText.printable(String.valueOf(e.getMessage())));
            return Basewatch.FAILED;
        }
        WhatIf whatIf = WhatIf.of(judged(image), isOwn, target.image());
        WhatIfReport report = WhatIfReport.of(
                image.report().reference(),
                target.name(),
                from == null ? Own.GUESS : Own.FROM,
                judged(image).isWhole() && target.image().isWhole(),
                whatIf,
                Integer.MAX_VALUE);
        output.tell(() -> ModelJson.write(report), terminal -> text(report));
        return fail && number(report, Effect.BREAKS) > 0 ? Basewatch.FOUND : Basewatch.OK;
    }

    private Base base(Inspection inspection, Inspection.Looked image) throws InspectionException, InterruptedException {
        if (!base.startsWith(DESCRIBED)) {
            Inspection.Looked looked = look(inspection, base, image);
            return new Base(looked.report().reference(), judged(looked));
        }
        BaseDescription described =
                described(base.substring(DESCRIBED.length()), image.report().platform());
        return new Base(
                described.origin().name() + " as described on "
                        + described.origin().described() + " from "
                        + described.origin().source(),
                described.image());
    }

    private static BaseDescription described(String name, @Nullable Platform platform) throws InspectionException {
        try {
            Optional<BaseDescription> known = DescribedBases.find(name, platform);
            if (known.isPresent()) {
                return known.get();
            }
            Path file = Path.of(name);
            if (!Files.isRegularFile(file)) {
                throw new InspectionException(DESCRIBED + name + ": no base of that name is described"
                        + (platform == null ? "" : " for " + platform)
                        + ", and there is no such file; 'basewatch describe --list' tells those there are");
            }
            if (Files.size(file) > BaseDescription.MAX_BYTES) {
                throw new InspectionException(
                        DESCRIBED + name + ": the file is larger than " + BaseDescription.MAX_BYTES + " bytes");
            }
            return BaseDescription.decode(name, Files.readAllBytes(file));
        } catch (InvalidPathException | IOException e) {
            throw new InspectionException(DESCRIBED + name + ": cannot be read: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new InspectionException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Inspection.Looked look(Inspection inspection, String what, Inspection.@Nullable Looked like)
            throws InspectionException, InterruptedException {
        try {
            return inspection.one(what, like == null ? null : like.report().platform());
        } catch (InspectionException e) {
            throw new InspectionException(what + ": " + e.getMessage(), e);
        }
    }

    private static JudgedImage judged(Inspection.Looked looked) {
        return Objects.requireNonNull(looked.image());
    }

    private static Predicate<String> above(Inspection.Looked lower, Inspection.Looked image)
            throws InspectionException {
        return OwnObjects.above(lower.analysis(), image.analysis(), judged(image))
                .orElseThrow(() -> new InspectionException(lower.report().reference() + " is not what "
                        + image.report().reference() + " was built on: its layers are not the lowest ones of that"));
    }

    private static long number(WhatIfReport report, Effect effect) {
        return report.objects().getOrDefault(effect, 0L);
    }

    private String text(WhatIfReport report) {
        StringBuilder text = new StringBuilder();
        line(text, report.image() + " on " + report.on());
        long own = report.objects().values().stream().mapToLong(Long::longValue).sum();
        line(
                text,
                "  " + Counted.of(own, "object", "objects") + " of its own"
                        + (from == null ? ", guessed by where they lie: --from tells what it was built on" : ""));
        if (!report.whole()) {
            line(text, "  not all of both could be read: what is not told may be there all the same");
        }
        for (Effect effect : Effect.values()) {
            List<Change> changes = report.changes().stream()
                    .filter(change -> change.effect() == effect)
                    .toList();
            line(text, "  " + label(effect) + number(report, effect));
            if (effect == Effect.STILL_LOADS) {
                continue;
            }
            changes.stream().limit(SHOWN).forEach(change -> change(text, change));
            if (changes.size() > SHOWN) {
                line(text, "    and " + (changes.size() - SHOWN) + " more");
            }
        }
        missing(text, "libraries", report.missing().libraries());
        missing(text, "versions", report.missing().versions());
        missing(text, "symbols", report.missing().symbols());
        return text.toString();
    }

    private static String label(Effect effect) {
        return switch (effect) {
            case BREAKS -> "would break        ";
            case NEWLY_LOADS -> "would newly load   ";
            case STILL_FAILS -> "would fail still   ";
            case UNKNOWN -> "cannot be known    ";
            case STILL_LOADS -> "would load still   ";
        };
    }

    private static void change(StringBuilder text, Change change) {
        line(text, "    " + change.path() + (change.reached() ? "" : "  (nothing is known to load it)"));
        List<String> lines = change.effect() == Effect.NEWLY_LOADS ? change.here() : change.there();
        lines.stream().limit(LINES).forEach(each -> line(text, "      " + each));
        if (lines.size() > LINES) {
            line(text, "      and " + Counted.of(lines.size() - LINES, "more such line", "more such lines"));
        }
    }

    private static void missing(StringBuilder text, String what, Set<String> names) {
        if (!names.isEmpty()) {
            String first = String.join(", ", names.stream().limit(SHOWN).toList());
            line(text, "  missing " + what + ": " + first + (names.size() > SHOWN ? ", …" : ""));
        }
    }

    private static void line(StringBuilder text, String line) {
        text.append(ReportText.printable(line)).append('\n');
    }
}
