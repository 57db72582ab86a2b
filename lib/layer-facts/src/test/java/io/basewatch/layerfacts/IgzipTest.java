package io.basewatch.layerfacts;

import static io.basewatch.layerfacts.TestLayers.KEEPS_ALL;
import static io.basewatch.layerfacts.TestLayers.gzip;
import static io.basewatch.layerfacts.TestLayers.sha256;
import static io.basewatch.layerfacts.TestLayers.tar;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a program does with a layer, what is said of the layer is what is said without the program. */
class IgzipTest {

    private static final LayerLimits LIMITS =
            new LayerLimits(64 << 20, 250, 10_000, 4096, 512, 16 << 20, Duration.ofMinutes(1), 4 << 20);

    private static final byte[] TAR = tar(0, 400_000);

    @TempDir
    Path folder;

    private int opened;

    private static byte[] tar(long seed, int size) {
        byte[] content = new byte[size];
        Random random = new Random(seed);
        for (int i = 0; i < size; i++) {
            content[i] = (byte) (random.nextInt(12) == 0 ? random.nextInt(256) : 'a' + i % 7);
        }
        return tarOf(content);
    }

    private static byte[] tarOf(byte[] content) {
        return TestLayers.tar()
                .file("etc/os-release", "ID=alpine\n")
                .file("usr/lib/large", content, 0644)
                .file("usr/bin/app", "#!/bin/sh\n")
                .bytes();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static Expected expected(byte[] stored, byte[] tar) {
        return new Expected(sha256(stored), stored.length, sha256(tar), "application/vnd.oci.image.layer.v1.tar+gzip");
    }

    private static Igzip real() {
        Igzip igzip = Igzip.installed();
        assumeTrue(igzip.program().isPresent(), "no igzip on this machine's PATH");
        return Igzip.at(igzip.program().get(), 0);
    }

    /**
     * @param lines of a shell script that stands for the program
     */
    private Igzip script(String... lines) throws IOException {
        Path program = Files.createTempFile(folder, "igzip", "");
        Files.writeString(program, "#!/bin/sh\nPATH=/usr/bin:/bin\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return Igzip.at(program.toFile(), 0);
    }

    private String read(byte[] stored, Expected expected, Igzip igzip) throws IOException {
        return read(LIMITS, stored, expected, igzip);
    }

    /** All that is said of the layer. */
    private String read(LayerLimits limits, byte[] stored, Expected expected, Igzip igzip) throws IOException {
        opened = 0;
        LayerReader reader = new LayerReader(limits, List.of(KEEPS_ALL));
        try {
            return told(reader.read(
                    () -> {
                        opened++;
                        return new ByteArrayInputStream(stored);
                    },
                    expected,
                    igzip));
        } catch (LayerException e) {
            return e.reason() + " " + e.facts().map(IgzipTest::told);
        }
    }

    private static String told(LayerFacts facts) {
        StringBuilder told = new StringBuilder("" + facts.digest() + facts.diffId() + facts.storedBytes() + " "
                + facts.uncompressedBytes() + facts.isComplete() + facts.notes());
        facts.encode().forEach(part -> told.append(part.kind()).append(sha256(part.bytes())));
        return told.toString();
    }

    private void assertReadAsWithout(byte[] stored, Expected expected, Igzip igzip) throws IOException {
        String with = read(stored, expected, igzip);
        int times = opened;
        assertThat(with).isEqualTo(read(stored, expected, Igzip.none()));
        opened = times;
    }

    @Test
    void aLayerAsItShouldBeIsReadOnceByTheProgram() throws IOException {
        Igzip igzip = real();
        for (byte[] tar : List.of(TAR, tar(1, 5_000_000), tar(2, 1), tarOf(new byte[1 << 20]))) {
            byte[] stored = gzip(tar);
            assertReadAsWithout(stored, expected(stored, tar), igzip);
            assertThat(opened).isEqualTo(1);
        }
    }

    @Test
    void layersThatAreCutOrDamagedAnywhereAreToldAboutAsWithoutTheProgram() throws IOException {
        Igzip igzip = real();
        byte[] tar = tar(3, 90_000);
        byte[] stored = gzip(tar);
        for (int seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            byte[] cut = Arrays.copyOf(stored, random.nextInt(stored.length));
            assertReadAsWithout(cut, expected(cut, tar), igzip);
            byte[] damaged = stored.clone();
            damaged[seed < 10 ? stored.length - 1 - seed : random.nextInt(stored.length)] ^=
                    (byte) (1 << random.nextInt(8));
            assertReadAsWithout(damaged, expected(damaged, tar), igzip);
            assertReadAsWithout(damaged, expected(stored, tar), igzip);
        }
    }

    @Test
    void bytesBehindAStreamAndFurtherStreamsAreSeenAsWithoutTheProgram() throws IOException {
        Igzip igzip = real();
        byte[] stored = gzip(TAR);
        int half = TAR.length / 2;
        List<byte[]> layers = List.of(
                join(stored, new byte[] {1, 2, 3}),
                join(stored, new byte[512]),
                join(stored, new byte[] {0x1f}),
                join(stored, new byte[] {0x1f, (byte) 0x8b}),
                join(gzip(Arrays.copyOf(TAR, half)), gzip(Arrays.copyOfRange(TAR, half, TAR.length))),
                join(gzip(new byte[0]), stored),
                join(stored, gzip(new byte[0])));
        for (byte[] layer : layers) {
            assertReadAsWithout(layer, expected(layer, TAR), igzip);
        }
        assertReadAsWithout(stored, expected(stored, TAR), igzip);
        assertThat(opened)
                .as("a layer of that kind says nothing against the program")
                .isEqualTo(1);
    }

    private static byte[] zeros(int megabytes) throws IOException {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(stored)) {
            for (int n = 0; n < megabytes; n++) {
                gzip.write(new byte[1 << 20]);
            }
        }
        return stored.toByteArray();
    }

    @Test
    void aBombStopsAtTheLimits() throws IOException {
        Igzip igzip = real();
        byte[] bomb = zeros(140);
        assertThat(read(bomb, expected(bomb, TAR), igzip))
                .contains(Reason.Code.LIMIT_EXCEEDED.toString())
                .contains("longer than the limit");
        LayerLimits narrow =
                new LayerLimits(1L << 40, 250, 10_000, 4096, 512, 16 << 20, Duration.ofMinutes(1), 4 << 20);
        assertThat(read(narrow, bomb, expected(bomb, TAR), igzip))
                .contains(Reason.Code.LIMIT_EXCEEDED.toString())
                .contains("expands");
    }

    @Test
    void aProgramThatDoesAnythingElseIsNotBelieved() throws IOException {
        byte[] stored = gzip(TAR);
        assertNotBelieved(
                stored,
                expected(stored, TAR),
                script("exit 0"),
                script("exit 1"),
                script("exec cat"),
                script("cat >/dev/null"),
                script("gzip -dc; exit 3"),
                script("gzip -dc; kill -9 $$"),
                script("gzip -dc | tr a b"),
                script("head -c 1000 >/dev/null; exit 0"),
                script("head -c 100; exec sleep 0"));
    }

    private void assertNotBelieved(byte[] stored, Expected expected, Igzip... programs) throws IOException {
        for (Igzip igzip : programs) {
            assertReadAsWithout(stored, expected, igzip);
            assertThat(opened).isEqualTo(2);
        }
    }

    @Test
    void aProgramThatFailedWhereJavaDidNotIsNotStartedAgain() throws IOException {
        Path starts = folder.resolve("starts");
        Igzip igzip = script("echo >> " + starts, "exit 1");
        byte[] stored = gzip(TAR);
        byte[] broken = Arrays.copyOf(stored, stored.length / 2);

        read(broken, expected(broken, TAR), igzip);
        read(broken, expected(broken, TAR), igzip);
        assertThat(igzip.isRefused()).isFalse();
        read(stored, expected(stored, TAR), igzip);
        read(stored, expected(stored, TAR), igzip);

        assertThat(igzip.isRefused()).isTrue();
        assertThat(starts).as("twice for what Java cannot read either").hasSize(3);
    }

    @Test
    void moreOrLessThanTheWholeIsNotBelieved() throws IOException {
        byte[] stored = gzip(TAR);
        // Nobody knows the diffID.
        assertNotBelieved(
                stored,
                new Expected(sha256(stored), stored.length, null, ""),
                script("gzip -dc; printf x"),
                script("gzip -dc | head -c 300000; cat >/dev/null"),
                script("gzip -dc; head -c 512 /dev/zero"));
    }

    @Test
    void aProgramThatHangsIsEnded() throws IOException {
        byte[] stored = gzip(tar(4, 3_000_000));
        LayerLimits limits =
                new LayerLimits(64 << 20, 250, 10_000, 4096, 512, 16 << 20, Duration.ofSeconds(2), 4 << 20);
        Igzip igzip = script("exec sleep 3600");
        read(limits, stored, expected(stored, tar(4, 3_000_000)), igzip);
        assertNothingRuns();
    }

    @Test
    void aProgramThatCannotBeStartedIsDoneWithout() throws IOException {
        byte[] stored = gzip(TAR);
        Igzip missing = Igzip.at(new File(folder.toFile(), "nothing"), 0);
        assertReadAsWithout(stored, expected(stored, TAR), missing);
        assertThat(opened).isEqualTo(1);
    }

    @Test
    void aSourceThatFailsIsToldAsItself() throws IOException {
        byte[] stored = gzip(tar(5, 3_000_000));
        LayerReader reader = new LayerReader(LIMITS, List.of(KEEPS_ALL));
        for (Exception failure :
                List.of(new IOException("the registry went away"), new IllegalStateException("its client broke"))) {
            for (Igzip igzip :
                    List.of(script("exec gzip -dc"), script("cat >/dev/null; exec sleep 3600"), script("exit 1"))) {
                assertThatThrownBy(() -> reader.read(
                                () -> new SequenceInputStream(
                                        new ByteArrayInputStream(stored, 0, stored.length / 2), new Failing(failure)),
                                expected(stored, TAR),
                                igzip))
                        .isSameAs(failure);
            }
        }
        assertNothingRuns();
    }

    private static final class Failing extends InputStream {

        private final Exception failure;

        Failing(Exception failure) {
            this.failure = failure;
        }

        @Override
        public int read() throws IOException {
            if (failure instanceof RuntimeException broken) {
                throw broken;
            }
            throw (IOException) failure;
        }
    }

    @Test
    void aTarThatIsBrokenEndsTheProgram() throws IOException {
        byte[] noTar = new byte[3_000_000];
        new Random(6).nextBytes(noTar);
        byte[] stored = gzip(noTar);
        assertReadAsWithout(stored, expected(stored, noTar), script("exec gzip -dc"));
        assertNothingRuns();
    }

    @Test
    void theProgramSeesNothingOfTheEnvironment() throws IOException {
        Path seen = folder.resolve("environment");
        byte[] stored = gzip(TAR);
        read(stored, expected(stored, TAR), script("env > " + seen, "exec gzip -dc"));
        assertThat(Files.readAllLines(seen))
                .allSatisfy(line -> assertThat(line).matches("(PATH|PWD|_|SHLVL|OLDPWD)=.*"));
    }

    @Test
    void bothItsPipesHoldAsMuchAsItHandsOutAtOnce() throws IOException {
        Path seen = folder.resolve("pipes");
        // F_GETPIPE_SZ
        String size = "perl -e 'print STDERR fcntl(STDIN, 1032, 0), \" \", fcntl(STDOUT, 1032, 0)' 2> " + seen;
        byte[] stored = gzip(TAR);
        assumeTrue(new File("/usr/bin/perl").canExecute(), "no perl on this machine");
        assumeTrue(new File("/proc/sys/fs/pipe-max-size").exists(), "pipes are widened on Linux only");
        long most = Long.parseLong(
                Files.readString(Path.of("/proc/sys/fs/pipe-max-size")).strip());
        assumeTrue(most >= 1 << 20, "pipes of this machine hold at most " + most + " bytes");

        assertReadAsWithout(stored, expected(stored, TAR), script(size, "exec gzip -dc"));
        assertThat(seen).hasContent("1048576 1048576");
        assertThat(opened).isEqualTo(1);
    }

    @Test
    void itIsStartedByItselfWhereThereIsNoPerl() throws IOException {
        byte[] stored = gzip(TAR);
        assertReadAsWithout(stored, expected(stored, TAR), real().withoutPerl());
        assertThat(opened).isEqualTo(1);
    }

    @Test
    void smallLayersAndThoseOfUnknownSizeAreNotWorthIt() throws IOException {
        Path starts = folder.resolve("starts");
        File program = script("echo >> " + starts, "exec gzip -dc").program().orElseThrow();
        byte[] stored = gzip(TAR);
        read(stored, expected(stored, TAR), Igzip.at(program, stored.length + 1L));
        read(stored, Expected.NOTHING, Igzip.at(program, 0));
        assertThat(starts).doesNotExist();
        read(stored, expected(stored, TAR), Igzip.at(program, stored.length));
        assertThat(starts).exists();
    }

    @Test
    void aProgramThatWasBegunAheadReadsTheNextLayerAndNoOther() throws IOException {
        Path starts = folder.resolve("starts");
        Igzip igzip = script("echo >> " + starts, "exec gzip -dc");
        byte[] stored = gzip(TAR);
        igzip.begin(expected(stored, TAR), LIMITS.maxTime());
        igzip.begin(expected(stored, TAR), LIMITS.maxTime());
        for (int layers = 1; layers <= 2; layers++) {
            assertReadAsWithout(stored, expected(stored, TAR), igzip);
            assertThat(opened).isEqualTo(1);
            assertThat(starts).hasSize(layers);
        }
        assertNothingRuns();
    }

    @Test
    void aProgramThatWasBegunAheadAndHasEndedIsStartedAnew() throws Exception {
        Path starts = folder.resolve("starts");
        Igzip igzip = script("[ -e " + starts + " ] || { echo >> " + starts + "; exit 1; }", "exec gzip -dc");
        byte[] stored = gzip(TAR);
        igzip.begin(expected(stored, TAR), LIMITS.maxTime());
        while (!Files.exists(starts)) {
            Thread.sleep(10);
        }
        assertNothingRuns();
        assertReadAsWithout(stored, expected(stored, TAR), igzip);
        assertThat(opened).isEqualTo(1);
        assertThat(igzip.isRefused()).isFalse();
    }

    @Test
    void manyLayersAtOnceAreReadByAsManyProgramsAndNoneIsLeft() throws Exception {
        Igzip igzip = script("exec gzip -dc");
        byte[] stored = gzip(TAR);
        Digest diffId = sha256(TAR);
        List<Thread> threads = new ArrayList<>();
        List<Digest> read = Collections.synchronizedList(new ArrayList<>());
        for (int n = 0; n < 12; n++) {
            Thread thread = new Thread(() -> {
                try {
                    read.add(new LayerReader(LIMITS, List.of(KEEPS_ALL))
                            .read(() -> new ByteArrayInputStream(stored), expected(stored, TAR), igzip)
                            .diffId());
                } catch (LayerException | IOException e) {
                    throw new AssertionError(e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(read).hasSize(12).containsOnly(diffId);
        assertNothingRuns();
    }

    private void assertNothingRuns() {
        ProcessHandle.current()
                .children()
                .forEach(child -> assertThat(child.onExit())
                        .as("the end of " + child.info().command())
                        .succeedsWithin(Duration.ofMinutes(5)));
    }
}
