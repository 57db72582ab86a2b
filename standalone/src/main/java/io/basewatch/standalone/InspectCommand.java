package io.basewatch.standalone;

import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.ReportJson;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
            "Exit code: 0 all told, 1 one could not be told, 2 --fail-on found something, 64 wrong usage."
        })
final class InspectCommand implements Callable<Integer> {

    enum Output {
        TEXT,
        JSON
    }

    @Parameters(arity = "1..*", paramLabel = "REF", description = "What to look at.")
    List<String> references = List.of();

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description = "text (default), or json: one document per image and line.")
    Output output = Output.TEXT;

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

    @Option(names = "--plain-http", description = "Speak plain HTTP to registries (loopback ones always may).")
    boolean plainHttp;

    @Option(
            names = "--docker-config",
            paramLabel = "FILE",
            description = "Credentials for registries (default: docker's own config file, when it is there).")
    @Nullable
    Path dockerConfig;

    @Option(
            names = "--token-service",
            paramLabel = "HOST",
            description = "A token service that is told a registry's credentials, although it is of another domain.")
    List<String> tokenServices = List.of();

    @Override
    public Integer call() throws Exception {
        int code = Basewatch.OK;
        Inspection inspection = new Inspection(plainHttp, dockerConfig, tokenServices);
        // Flushed, not closed: it is this process' standard output.
        PrintStream out = new PrintStream(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16),
                false,
                StandardCharsets.UTF_8);
        try {
            for (String reference : references) {
                List<String> untold = new ArrayList<>();
                try {
                    for (ImageReport report : inspection.inspect(reference, untold::add)) {
                        out.println(output == Output.JSON ? escaped(ReportJson.write(report)) : ReportText.of(report));
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
                    code = Basewatch.FAILED;
                }
                if (output == Output.TEXT) {
                    out.flush();
                }
            }
        } finally {
            out.flush();
        }
        return code;
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
            }
        }
        return fails;
    }

    private static void complain(String reference, String what) {
        System.err.println("basewatch: " + ReportText.printable(reference + ": " + what));
    }

    /** The same document with every character written as an escape that a terminal could take for a command. JSON asks that only of the ones below a space. */
    private static String escaped(String json) {
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
