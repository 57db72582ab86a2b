package io.basewatch.standalone;

import io.basewatch.caveats.JudgedImage;
import io.basewatch.caveats.WhatIf;
import io.basewatch.caveats.WhatIf.Change;
import io.basewatch.caveats.WhatIf.Effect;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.loading.LoadFault;
import io.basewatch.elf.loading.LoadProof;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** {@code basewatch what-if}: what of an image would still load on another base. */
@Command(
        name = "what-if",
        description = {
            "Tells which of an image's own programs and libraries would load on another base, which would not and what they then miss,"
                    + " and which would start to. Nothing is executed.",
        },
        footer = {
            "",
            "REF is what 'inspect' takes, but for dir:. What is the image's own is told by --from; without it, it is what lies outside of the folders of distributions.",
            "",
            "Exit code: 0 told, 1 could not be told, 2 with --fail when something that loads would not, 64 wrong usage."
        })
final class WhatIfCommand implements Callable<Integer> {

    enum Output {
        TEXT,
        JSON
    }

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

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description = "text (default), or json.")
    Output output = Output.TEXT;

    @Option(names = "--plain-http", description = "Speak plain HTTP to registries (loopback ones always may).")
    boolean plainHttp;

    @Option(
            names = "--docker-config",
            paramLabel = "FILE",
            description = "Credentials for registries (default: docker's own config file, when it is there).")
    @Nullable
    Path dockerConfig;

    @Override
    public Integer call() throws Exception {
        Inspection inspection = new Inspection(plainHttp, dockerConfig, List.of());
        Inspection.Looked image;
        Inspection.Looked target;
        Predicate<String> isOwn;
        try {
            image = look(inspection, reference, null);
            target = look(inspection, base, image);
            isOwn = from == null ? WhatIf::liesApart : above(look(inspection, from, image), image);
        } catch (InspectionException e) {
            System.err.println("basewatch: " + ReportText.printable(String.valueOf(e.getMessage())));
            return Basewatch.FAILED;
        }
        WhatIf whatIf = WhatIf.of(judged(image), isOwn, judged(target));
        boolean isWhole = judged(image).isWhole() && judged(target).isWhole();
        System.out.print(
                output == Output.JSON ? json(image, target, whatIf, isWhole) : text(image, target, whatIf, isWhole));
        System.out.flush();
        boolean breaks = whatIf.changes().stream().anyMatch(change -> change.effect() == Effect.BREAKS);
        return fail && breaks ? Basewatch.FOUND : Basewatch.OK;
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

    /** Of an image what its lower layers did not bring. */
    private static Predicate<String> above(Inspection.Looked lower, Inspection.Looked image)
            throws InspectionException {
        List<Digest> below = diffIds(lower.analysis());
        List<Digest> all = diffIds(image.analysis());
        if (below.isEmpty()
                || all.size() < below.size()
                || !all.subList(0, below.size()).equals(below)) {
            throw new InspectionException(lower.report().reference() + " is not what "
                    + image.report().reference() + " was built on: its layers are not the lowest ones of that");
        }
        Set<Digest> layers = new HashSet<>(below);
        Map<String, Boolean> own = new HashMap<>();
        for (ElfFile file : judged(image).elfFiles().all()) {
            own.put(file.path(), !layers.contains(file.layer()));
        }
        return path -> own.getOrDefault(path, WhatIf.liesApart(path));
    }

    private static List<Digest> diffIds(ImageAnalysis analysis) {
        return analysis.layers().stream()
                .map(layer -> layer.diffId() == null ? layer.digest() : layer.diffId())
                .toList();
    }

    private String text(Inspection.Looked image, Inspection.Looked target, WhatIf whatIf, boolean isWhole) {
        StringBuilder text = new StringBuilder();
        line(text, image.report().reference() + " on " + target.report().reference());
        line(
                text,
                "  " + ReportText.counted(whatIf.changes().size(), "object", "objects") + " of its own"
                        + (from == null ? ", guessed by where they lie: --from tells what it was built on" : ""));
        if (!isWhole) {
            line(text, "  not all of both could be read: what is not told may be there all the same");
        }
        for (Effect effect :
                List.of(Effect.BREAKS, Effect.NEWLY_LOADS, Effect.STILL_FAILS, Effect.UNKNOWN, Effect.STILL_LOADS)) {
            List<Change> changes = whatIf.changes().stream()
                    .filter(change -> change.effect() == effect)
                    .toList();
            line(text, "  " + label(effect) + changes.size());
            if (effect != Effect.STILL_LOADS) {
                changes.stream().limit(SHOWN).forEach(change -> change(text, change));
            }
            if (effect != Effect.STILL_LOADS && changes.size() > SHOWN) {
                line(text, "    and " + (changes.size() - SHOWN) + " more");
            }
        }
        missing(text, "libraries", whatIf.missing(LoadFault.Kind.LIBRARY_MISSING));
        missing(text, "versions", whatIf.missing(LoadFault.Kind.VERSION_MISSING));
        missing(text, "symbols", whatIf.missing(LoadFault.Kind.SYMBOL_MISSING));
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
        line(text, "    " + change.object().path() + (change.isReached() ? "" : "  (nothing is known to load it)"));
        LoadProof proof = change.effect() == Effect.NEWLY_LOADS ? change.here() : change.there();
        List<String> lines = lines(proof);
        lines.stream().limit(LINES).forEach(each -> line(text, "      " + each));
        if (lines.size() > LINES) {
            line(text, "      and " + (lines.size() - LINES) + " more such lines");
        }
    }

    private static List<String> lines(LoadProof proof) {
        return proof.outcome() == LoadProof.Outcome.UNKNOWN
                ? proof.unknowns()
                : proof.faults().stream().map(LoadFault::line).toList();
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

    private String json(Inspection.Looked image, Inspection.Looked target, WhatIf whatIf, boolean isWhole) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("image", image.report().reference());
            json.writeStringProperty("on", target.report().reference());
            json.writeStringProperty("own", from == null ? "guess" : "from");
            json.writeBooleanProperty("whole", isWhole);
            json.writeArrayPropertyStart("changes");
            for (Change change : whatIf.changes()) {
                json.writeStartObject();
                json.writeStringProperty("path", change.object().path());
                json.writeStringProperty(
                        "effect",
                        change.effect().name().toLowerCase(Locale.ROOT).replace('_', '-'));
                json.writeBooleanProperty("reached", change.isReached());
                strings(json, "here", lines(change.here()));
                strings(json, "there", lines(change.there()));
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeObjectPropertyStart("missing");
            strings(json, "libraries", whatIf.missing(LoadFault.Kind.LIBRARY_MISSING));
            strings(json, "versions", whatIf.missing(LoadFault.Kind.VERSION_MISSING));
            strings(json, "symbols", whatIf.missing(LoadFault.Kind.SYMBOL_MISSING));
            json.writeEndObject();
            json.writeEndObject();
        }
        return InspectCommand.escaped(text.toString()) + "\n";
    }

    private static void strings(JsonGenerator json, String name, Iterable<String> values) {
        json.writeArrayPropertyStart(name);
        values.forEach(json::writeString);
        json.writeEndArray();
    }
}
