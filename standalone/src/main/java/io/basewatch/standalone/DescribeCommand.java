package io.basewatch.standalone;

import io.basewatch.caveats.JudgedImage;
import io.basewatch.caveats.kept.BaseDescription;
import io.basewatch.caveats.kept.BaseDescription.Origin;
import io.basewatch.caveats.kept.DescribedBases;
import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.FileSketch;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.lifecycle.SupportPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
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

/** {@code basewatch describe}: keeps what is to be known of a base in a file, for {@code what-if}. */
@Command(
        name = "describe",
        description = {
            "Reads a base once and writes what 'what-if' needs of it into a file: the facts of its files, none of their content.",
        },
        footer = {
            "",
            "REF is what 'inspect' takes, dir: with a root file system too. 'basewatch what-if IMAGE --on base:FILE' uses it.",
            "",
            "Exit code: 0 described, 1 could not be described, 64 wrong usage."
        })
final class DescribeCommand implements Callable<Integer> {

    @Spec
    @Nullable
    CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "REF", description = "The base.")
    @Nullable
    String reference;

    @Option(names = "--name", paramLabel = "NAME", description = "What it is called: debian:13-slim.")
    @Nullable
    String name;

    @Option(names = "--out", paramLabel = "FILE", description = "Where to write the description.")
    @Nullable
    Path out;

    @Option(names = "--platform", paramLabel = "OS/ARCH", description = "Which image, where REF leads to several.")
    @Nullable
    String platform;

    @Option(
            names = "--source",
            paramLabel = "TEXT",
            description = "Where it comes from, for people (default: REF as it was read).")
    @Nullable
    String source;

    @Option(names = "--list", description = "Lists the bases that this program describes, and ends.")
    boolean list;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Mixin
    RegistryOptions registries = new RegistryOptions();

    @Override
    public Integer call() throws Exception {
        if (list) {
            output.tell(DescribeCommand::describedAsJson, terminal -> described());
            return Basewatch.OK;
        }
        String described = required(reference, "REF");
        String called = required(name, "--name");
        Path file = out;
        if (file == null) {
            throw missing("--out");
        }
        try {
            BaseDescription description =
                    described.startsWith(Inspection.ROOT_FS) ? ofFolder(described, called) : ofImage(described, called);
            Files.write(file, description.encode());
            tell(description, file, Files.size(file));
            return Basewatch.OK;
        } catch (InspectionException | IllegalArgumentException e) {
            System.err.println("basewatch: " + ReportText.printable(described + ": " + e.getMessage()));
        } catch (IOException e) {
            System.err.println("basewatch: " + file + " cannot be written: " + FailureText.of(e));
        }
        return Basewatch.FAILED;
    }

    private String required(@Nullable String value, String what) {
        if (value == null) {
            throw missing(what);
        }
        return value;
    }

    private ParameterException missing(String what) {
        CommandSpec command = spec;
        if (command == null) {
            throw new IllegalStateException(what);
        }
        return new ParameterException(command.commandLine(), "give " + what + ", or --list");
    }

    private static String described() {
        StringBuilder list = new StringBuilder();
        for (DescribedBases.Listed listed : DescribedBases.list()) {
            Origin origin = origin(listed);
            list.append("%-36s %-8s %s, described %s%n"
                    .formatted(listed.name(), listed.architecture(), origin.source(), origin.described()));
        }
        return list.toString();
    }

    private static String describedAsJson() {
        return OutputOptions.document(json -> {
            json.writeArrayPropertyStart("bases");
            for (DescribedBases.Listed listed : DescribedBases.list()) {
                json.writeStartObject();
                json.writeStringProperty("name", listed.name());
                json.writeStringProperty("architecture", listed.architecture());
                json.writeStringProperty("source", origin(listed).source());
                json.writeStringProperty(
                        "described", String.valueOf(origin(listed).described()));
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private static Origin origin(DescribedBases.Listed listed) {
        Platform on = new Platform("linux", listed.architecture(), null);
        return DescribedBases.find(listed.name(), on).orElseThrow().origin();
    }

    private BaseDescription ofFolder(String described, String called) throws InspectionException {
        List<Reason> problems = new ArrayList<>();
        LayerFacts facts = Inspection.folder(described.substring(Inspection.ROOT_FS.length()), problems::add);
        if (!problems.isEmpty()) {
            throw new InspectionException(told(problems));
        }
        return BaseDescription.of(
                origin(called, described, null, platform == null ? null : Platform.parse(platform)),
                List.of(facts),
                ImageInputs.NONE);
    }

    private BaseDescription ofImage(String described, String called) throws InspectionException, InterruptedException {
        Inspection.Looked looked = new Inspection(registries, Today.utc(), SupportPolicy.NONE)
                .one(described, platform == null ? null : Platform.parse(platform));
        JudgedImage image = looked.image();
        if (image == null || !image.isWhole()) {
            throw new InspectionException(
                    "not all of it could be read: " + told(looked.analysis().reasons()));
        }
        return BaseDescription.of(
                origin(
                        called,
                        looked.report().reference(),
                        looked.analysis().digest(),
                        looked.analysis().platform()),
                looked.layers(),
                image.inputs());
    }

    private static String told(List<Reason> reasons) {
        return reasons.stream().map(Reason::message).collect(Collectors.joining("; "));
    }

    private Origin origin(String called, String read, @Nullable Digest digest, @Nullable Platform on) {
        return new Origin(called, source == null ? read : source, digest, on, LocalDate.now(ZoneOffset.UTC));
    }

    private void tell(BaseDescription description, Path file, long bytes) {
        JudgedImage image = description.image();
        String called = description.origin().name();
        String libc = String.valueOf(image.fingerprint().systemLibc().family());
        int objects = image.elfFiles().all().size();
        Digest chain = description.chainId();
        Distro distro = image.fingerprint().distro();
        FileSketch files = image.fingerprint().files();
        output.tell(
                () -> OutputOptions.document(json -> {
                    json.writeStringProperty("name", called);
                    // By what images that were built on it are recognised.
                    orNull(json, "chain", chain);
                    orNull(json, "distro", distro == null ? null : distro.id());
                    orNull(json, "version", distro == null ? null : distro.version());
                    orNull(json, "packages", image.fingerprint().packageSketch());
                    orNull(json, "files", files);
                    json.writeNumberProperty("objects", objects);
                    json.writeStringProperty("libc", libc);
                    json.writeStringProperty("file", file.toString());
                    json.writeNumberProperty("bytes", bytes);
                }),
                terminal -> ReportText.printable(called + ": "
                                + Counted.of(objects, "program or library", "programs and libraries") + " on "
                                + libc
                                + ", written to " + file + " (" + bytes + " bytes)")
                        + "\n");
    }

    private static void orNull(JsonGenerator json, String name, @Nullable Object value) {
        if (value == null) {
            json.writeNullProperty(name);
        } else {
            json.writeStringProperty(name, value.toString());
        }
    }
}
