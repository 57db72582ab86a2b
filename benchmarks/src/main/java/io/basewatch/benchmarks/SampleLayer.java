package io.basewatch.benchmarks;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Writes a tar of a given size from the real files of this machine's /usr, as often as needed, each round under another folder and each file with a stamp of its round. */
final class SampleLayer {

    private static final long MAX_FILE_BYTES = 20L << 20;

    private SampleLayer() {}

    static void write(Path tar, long bytes) throws IOException {
        List<Path> files = files();
        long written = 0;
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(tar), 1 << 20);
                TarArchiveOutputStream archive = new TarArchiveOutputStream(out, "UTF-8")) {
            archive.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (int round = 0; written < bytes; round++) {
                for (Path file : files) {
                    byte[] stamp = ("\nround " + round + "\n").getBytes(StandardCharsets.US_ASCII);
                    byte[] content = Files.readAllBytes(file);
                    TarArchiveEntry entry = new TarArchiveEntry((round == 0 ? "" : "round" + round) + file);
                    entry.setModTime(0);
                    entry.setMode(Files.isExecutable(file) ? 0755 : 0644);
                    entry.setSize(content.length + stamp.length);
                    archive.putArchiveEntry(entry);
                    archive.write(content);
                    archive.write(stamp);
                    archive.closeArchiveEntry();
                    written += content.length + 1024;
                    if (written >= bytes) {
                        break;
                    }
                }
            }
        }
    }

    /** In a random, but always the same order, so that a small layer has some of everything: programs, libraries, scripts, documents. */
    private static List<Path> files() throws IOException {
        try (Stream<Path> walk = Files.walk(Path.of("/usr"))) {
            List<Path> all = walk.filter(file -> Files.isRegularFile(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)
                            && Files.isReadable(file)
                            && file.toFile().length() < MAX_FILE_BYTES)
                    .sorted()
                    .collect(Collectors.toList());
            java.util.Collections.shuffle(all, new java.util.Random(1));
            return all;
        }
    }
}
