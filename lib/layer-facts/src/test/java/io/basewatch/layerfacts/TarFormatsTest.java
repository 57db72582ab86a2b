package io.basewatch.layerfacts;

import static io.basewatch.layerfacts.TestLayers.KEEPS_ALL;
import static io.basewatch.layerfacts.TestLayers.tar;
import static io.basewatch.layerfacts.TestLayers.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Reason;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The walker against what other writers write and other readers read. */
class TarFormatsTest {

    private static ImageView read(byte[] tar) {
        return SquashedImage.of(List.of(TestLayers.facts(tar, List.of(KEEPS_ALL))), ImageInputs.NONE);
    }

    @Test
    void readsLongNamesAndLinksOfPaxAndGnu() {
        String name = "usr/share/" + "directory/".repeat(30) + "file-with-é";
        String target = "../".repeat(50) + "target".repeat(20);
        for (TestLayers.Tar tar : List.of(tar(), tar().gnuLongNames())) {
            ImageView image = read(tar.file(name, "long")
                    .symlink("link", target)
                    .hardLink("hard", name)
                    .bytes());

            assertThat(text(image, name)).isEqualTo("long");
            assertThat(text(image, "hard")).isEqualTo("long");
            assertThat(image.findNoFollow("link").orElseThrow().entry().linkTarget())
                    .isEqualTo(target);
        }
    }

    @Test
    void readsThePrefixOfUstarNames() {
        byte[] tar = tar().file("name", "x").bytes();
        System.arraycopy("some/prefix".getBytes(StandardCharsets.US_ASCII), 0, tar, 345, 11);
        LayeringTest.fixChecksum(tar, 0);

        assertThat(text(read(tar), "some/prefix/name")).isEqualTo("x");
    }

    @Test
    void ignoresGlobalHeadersAsContainerRuntimesDo() {
        byte[] tar = tar().file("header", "19 path=everywhere\n").file("a", "1").bytes();
        tar[156] = 'g';
        LayeringTest.fixChecksum(tar, 0);

        assertThat(TestLayers.listing(read(tar))).containsExactly("a");
    }

    @Test
    void skipsKindsOfEntriesItDoesNotKnowWithTheirContent() {
        TarArchiveEntry label = new TarArchiveEntry("volume", (byte) 'Z');
        label.setSize(3);

        assertThat(TestLayers.listing(read(
                        tar().put(label, new byte[] {1, 2, 3}).file("a", "1").bytes())))
                .containsExactly("a");
    }

    @Test
    void acceptsChecksumsOverSignedBytes() {
        byte[] tar = tar().file("é", "x").bytes();
        Arrays.fill(tar, 148, 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += tar[i];
        }
        System.arraycopy(String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII), 0, tar, 148, 8);

        assertThat(text(read(tar), "é")).isEqualTo("x");
    }

    @Test
    void refusesAWrongChecksumAndALoneZeroBlock() {
        byte[] wrong = tar().file("a", "1").file("b", "2").bytes();
        wrong[1024] ^= 1;
        byte[] lone = new byte[5 * 512];
        byte[] whole = tar().file("a", "1").bytes();
        System.arraycopy(whole, 0, lone, 0, 1024);
        System.arraycopy(whole, 0, lone, 1536, 1024);
        for (byte[] tar : List.of(wrong, lone)) {
            try {
                new LayerReader(LayerLimits.defaults(), List.of(KEEPS_ALL))
                        .read(new ByteArrayInputStream(tar), Expected.NOTHING);
                throw new AssertionError("was read");
            } catch (LayerException e) {
                assertThat(e.reason().code()).isEqualTo(Reason.Code.LAYER_CORRUPT);
                assertThat(e.facts().orElseThrow().entries()).isEqualTo(1);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"gnu", "posix --sparse-version=0.0", "posix --sparse-version=0.1", "posix --sparse-version=1.0"})
    void readsSparseFilesOfGnuTar(String format, @TempDir Path folder) throws Exception {
        assumeTrue(new File("/bin/tar").canExecute(), "no GNU tar on this machine");
        // Pieces of any length at odd places, more of them than the header's four and one block's 21.
        byte[] content = new byte[4 << 20];
        Random random = new Random(7);
        try (FileChannel file =
                FileChannel.open(folder.resolve("sparse"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int at = 8192; at < content.length - 8192; at += 65536) {
                byte[] piece = new byte[1 + random.nextInt(5000)];
                random.nextBytes(piece);
                System.arraycopy(piece, 0, content, at, piece.length);
                file.write(ByteBuffer.wrap(piece), at);
            }
            file.write(ByteBuffer.wrap(new byte[] {1}), content.length - 1);
            content[content.length - 1] = 1;
        }
        Files.writeString(folder.resolve("after"), "still in step");
        byte[] tar = gnuTar(folder, "--sparse --format=" + format + " -cf - sparse after");
        assertThat(tar.length).as("the archive has holes").isLessThan(content.length);

        ImageView image = read(tar);

        assertThat(image.find("sparse").orElseThrow().entry().size()).isEqualTo(content.length);
        assertThat(image.find("sparse").orElseThrow().content()).isEqualTo(content);
        assertThat(text(image, "after")).isEqualTo("still in step");
    }

    @ParameterizedTest
    @ValueSource(strings = {"v7", "oldgnu", "gnu", "ustar", "posix"})
    void readsEachFormatOfGnuTarAsItsOwnListingSays(String format, @TempDir Path folder) throws Exception {
        assumeTrue(new File("/bin/tar").canExecute(), "no GNU tar on this machine");
        Files.createDirectories(folder.resolve("a/b"));
        Files.writeString(folder.resolve("a/b/file"), "content");
        Files.write(folder.resolve("a/large"), new byte[100_000]);
        Files.createSymbolicLink(folder.resolve("a/link"), Path.of("b/file"));
        Files.createLink(folder.resolve("a/hard"), folder.resolve("a/b/file"));
        byte[] tar = gnuTar(folder, "--format=" + format + " -cf - a");
        String listing = new String(run(folder, tar, "tar", "tf", "-"), StandardCharsets.UTF_8);

        ImageView image = read(tar);

        List<String> paths = new ArrayList<>();
        collect(image, "", paths);
        assertThat(paths).containsExactlyInAnyOrder(listing.split("\n"));
        assertThat(text(image, "a/link")).isEqualTo("content");
        assertThat(text(image, "a/hard")).isEqualTo("content");
    }

    private static void collect(ImageView image, String directory, List<String> paths) {
        image.list(directory).forEach(file -> {
            boolean isDirectory = file.entry().type() == FileEntry.Type.DIRECTORY;
            paths.add(file.entry().path() + (isDirectory ? "/" : ""));
            if (isDirectory) {
                collect(image, file.entry().path(), paths);
            }
        });
    }

    private static byte[] gnuTar(Path folder, String arguments) throws Exception {
        return run(folder, new byte[0], ("tar " + arguments).split(" "));
    }

    private static byte[] run(Path folder, byte[] input, String... command) throws Exception {
        Path in = Files.createTempFile(folder.getParent(), "stdin", "");
        Files.write(in, input);
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(in.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();
        Files.delete(in);
        return output;
    }

    @Test
    void readsRandomTarsAsCommonsCompressDoes() throws Exception {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            byte[] tar = randomTar(random);
            Map<String, String> expected = new TreeMap<>();
            try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
                for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                    String name = entry.getName().replaceFirst("/$", "");
                    if (entry.isSymbolicLink()) {
                        expected.put(name, "-> " + entry.getLinkName());
                    } else if (entry.isLink()) {
                        expected.put(name, expected.get(entry.getLinkName()));
                    } else if (!entry.isDirectory()) {
                        expected.put(name, entry.getMode() % 01000 + " " + Arrays.hashCode(in.readAllBytes()));
                    }
                }
            }
            Map<String, String> actual = new TreeMap<>();
            byte[] stored = random.nextBoolean() ? TestLayers.gzip(tar) : TestLayers.zstd(tar);
            read(stored)
                    .files()
                    .forEach(file -> actual.put(
                            file.entry().path(),
                            file.entry().linkTarget() != null
                                    ? "-> " + file.entry().linkTarget()
                                    : file.entry().mode() + " " + Arrays.hashCode(file.content())));

            assertThat(actual).as("seed %d", seed).isEqualTo(expected);
        }
    }

    /** Every name is new, so that the other reader's list of entries is also what must be laid. */
    static byte[] randomTar(Random random) {
        TestLayers.Tar tar = random.nextBoolean() ? tar() : tar().gnuLongNames();
        List<String> files = new ArrayList<>();
        int entries = random.nextInt(12);
        for (int i = 0; i < entries; i++) {
            String name = ("d" + random.nextInt(3) + "/").repeat(random.nextInt(60)) + "n" + i;
            switch (random.nextInt(6)) {
                case 0 -> tar.directory(name);
                case 1 -> tar.symlink(name, "t".repeat(1 + random.nextInt(300)));
                case 2 -> {
                    if (!files.isEmpty()) {
                        tar.hardLink(name, files.get(random.nextInt(files.size())));
                    }
                }
                default -> {
                    byte[] content = new byte[random.nextInt(4) == 0 ? random.nextInt(200_000) : random.nextInt(2000)];
                    random.nextBytes(content);
                    tar.file(name, content, random.nextInt(01000));
                    files.add(name);
                }
            }
        }
        return tar.bytes();
    }
}
