package io.basewatch.standalone;

import io.basewatch.lifecycle.DatasetCheck;
import io.basewatch.lifecycle.DatasetRefused;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lifecycle.LifecycleDiff;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code basewatch lifecycle refresh}: a newer dataset out of its sources' files. */
@Command(
        name = "refresh",
        description = {
            "Makes a newer dataset out of files of its sources: PRODUCT.md of endoflife.date, debian.csv and ubuntu.csv of distro-info-data.",
            "Releases that no file tells of stay as they are; what is new or moved is told, and has where and when it was read."
        },
        footer = {"", "Exit code: 0 made, 1 a file cannot be understood or the result would be refused, 64 wrong usage."
        })
final class LifecycleRefreshCommand implements Callable<Integer> {

    @Option(names = "--from", required = true, paramLabel = "DIR", description = "Folder with the files, at any depth.")
    Path from = Path.of("");

    @Option(
            names = "--revision",
            paramLabel = "TEXT",
            description = "What the files are of, as a commit or a package's version; told with each date.")
    @Nullable
    String revision;

    @Option(
            names = "--read-on",
            paramLabel = "DAY",
            converter = AsOf.class,
            description = "When the files were fetched (default: today, UTC).")
    LocalDate readOn = Today.utc();

    @Option(
            names = "--dataset",
            paramLabel = "FILE",
            description = "What to begin with (default: the one of this version).")
    @Nullable
    Path dataset;

    @Option(names = "--to", required = true, paramLabel = "FILE", description = "Where the newer dataset goes.")
    Path to = Path.of("");

    @Mixin
    TerminalOptions terminal = new TerminalOptions();

    @Override
    public Integer call() throws IOException {
        Lifecycle before = dataset == null ? Lifecycle.bundled() : LifecycleCommand.read(dataset);
        LifecycleSources sources = new LifecycleSources(before.json(), revision, readOn);
        List<String> remarks = sources.read(from);
        byte[] made = sources.write().getBytes(StandardCharsets.UTF_8);
        remarks.forEach(remark -> System.err.println("basewatch: " + ReportText.printable(remark)));
        Lifecycle after;
        try {
            after = DatasetCheck.check(made, before, Today.utc());
        } catch (DatasetRefused e) {
            System.err.println("basewatch: "
                    + ReportText.printable("not written, as it would be refused (" + e.why() + "): " + e.getMessage()));
            return Basewatch.FAILED;
        }
        Files.write(to, made);
        LocalDate today = Today.utc();
        System.out.print(LifecycleCommand.text(LifecycleDiff.between(before, after, today), today, terminal.out()));
        System.out.println(to + ": " + after.digest());
        return Basewatch.OK;
    }
}
