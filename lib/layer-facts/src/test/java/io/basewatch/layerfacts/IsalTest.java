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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever ISA-L does with a layer, what is said of the layer is what is said without it. */
class IsalTest {

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

    private static Isal real() {
        Isal installed = Isal.installed();
        assumeTrue(installed.file().isPresent(), "no libisal on this machine");
        Isal isal = Isal.at(installed.file().get(), 0);
        try (RawInflater inflater = isal.open(0)) {
            assertThat(inflater).as("it can be loaded").isNotNull();
        }
        return isal;
    }

    private static Isal inPlace(Supplier<RawInflater> inflaters) {
        return Isal.of(inflaters, 0);
    }

    private String read(byte[] stored, Expected expected, Isal isal) throws IOException {
        return read(LIMITS, stored, expected, isal);
    }

    /** All that is said of the layer. */
    private String read(LayerLimits limits, byte[] stored, Expected expected, Isal isal) throws IOException {
        opened = 0;
        LayerReader reader = new LayerReader(limits, List.of(KEEPS_ALL));
        try {
            return told(reader.read(
                    () -> {
                        opened++;
                        return new ByteArrayInputStream(stored);
                    },
                    expected,
                    isal));
        } catch (LayerException e) {
            return e.reason() + " " + e.facts().map(IsalTest::told);
        }
    }

    private static String told(LayerFacts facts) {
        StringBuilder told = new StringBuilder("" + facts.digest() + facts.diffId() + facts.storedBytes() + " "
                + facts.uncompressedBytes() + facts.isComplete() + facts.notes());
        facts.encode().forEach(part -> told.append(part.kind()).append(sha256(part.bytes())));
        return told.toString();
    }

    private void assertReadAsWithout(byte[] stored, Expected expected, Isal isal) throws IOException {
        String with = read(stored, expected, isal);
        int times = opened;
        assertThat(with).isEqualTo(read(stored, expected, Isal.none()));
        opened = times;
    }

    @Test
    void aLayerAsItShouldBeIsReadOnce() throws IOException {
        Isal isal = real();
        for (byte[] tar : List.of(TAR, tar(1, 5_000_000), tar(2, 1), tarOf(new byte[1 << 20]))) {
            byte[] stored = gzip(tar);
            assertReadAsWithout(stored, expected(stored, tar), isal);
            assertThat(opened).isEqualTo(1);
        }
    }

    @Test
    void layersThatAreCutOrDamagedAnywhereAreToldAboutAsWithout() throws IOException {
        Isal isal = real();
        byte[] tar = tar(3, 90_000);
        byte[] stored = gzip(tar);
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            byte[] cut = Arrays.copyOf(stored, random.nextInt(stored.length));
            assertReadAsWithout(cut, expected(cut, tar), isal);
            byte[] damaged = stored.clone();
            damaged[seed < 10 ? stored.length - 1 - seed : random.nextInt(stored.length)] ^=
                    (byte) (1 << random.nextInt(8));
            assertReadAsWithout(damaged, expected(damaged, tar), isal);
            assertReadAsWithout(damaged, expected(stored, tar), isal);
        }
    }

    @Test
    void bytesBehindAStreamAndFurtherStreamsAreSeenAsWithout() throws IOException {
        Isal isal = real();
        byte[] stored = gzip(TAR);
        int half = TAR.length / 2;
        List<byte[]> layers = List.of(
                join(stored, new byte[] {1, 2, 3}),
                join(stored, new byte[512]),
                join(gzip(Arrays.copyOf(TAR, half)), gzip(Arrays.copyOfRange(TAR, half, TAR.length))),
                join(gzip(new byte[0]), stored),
                join(stored, gzip(new byte[0])));
        for (byte[] layer : layers) {
            assertReadAsWithout(layer, expected(layer, TAR), isal);
            assertThat(opened).as("" + layer.length).isEqualTo(1);
        }
        for (byte[] layer : List.of(join(stored, new byte[] {0x1f}), join(stored, new byte[] {0x1f, (byte) 0x8b}))) {
            assertReadAsWithout(layer, expected(layer, TAR), isal);
            assertThat(opened).as("of what is broken").isEqualTo(2);
        }
        assertThat(isal.isRefused()).isFalse();
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
        Isal isal = real();
        byte[] bomb = zeros(140);
        assertThat(read(bomb, expected(bomb, TAR), isal))
                .contains(Reason.Code.LIMIT_EXCEEDED.toString())
                .contains("longer than the limit");
        LayerLimits narrow =
                new LayerLimits(1L << 40, 250, 10_000, 4096, 512, 16 << 20, Duration.ofMinutes(1), 4 << 20);
        assertThat(read(narrow, bomb, expected(bomb, TAR), isal))
                .contains(Reason.Code.LIMIT_EXCEEDED.toString())
                .contains("expands");
    }

    private void assertNotBelieved(Expected expected, byte[] stored, Supplier<RawInflater> inflaters)
            throws IOException {
        Isal isal = inPlace(inflaters);
        assertReadAsWithout(stored, expected, isal);
        assertThat(opened).isEqualTo(2);
        assertThat(isal.isRefused()).isTrue();
        assertReadAsWithout(stored, expected, isal);
        assertThat(opened).as("it is not asked again").isEqualTo(1);
    }

    @Test
    void whatIsNotTheWholeLayerIsNotBelieved() throws IOException {
        byte[] stored = gzip(TAR);
        for (Digest diffId : Arrays.asList(sha256(TAR), null)) {
            Expected expected = new Expected(sha256(stored), stored.length, diffId, "");
            assertNotBelieved(expected, stored, () -> new ZlibInflater() {
                @Override
                public int inflate(byte[] target, int offset, int length) throws LayerFault {
                    throw LayerFault.corrupt("it does not like it");
                }
            });
            assertNotBelieved(expected, stored, () -> new ZlibInflater() {
                @Override
                public int inflate(byte[] target, int offset, int length) throws LayerFault {
                    int count = super.inflate(target, offset, length);
                    target[offset + count / 2] ^= 1;
                    return count;
                }
            });
            assertNotBelieved(expected, stored, () -> new ZlibInflater() {
                @Override
                public int inflate(byte[] target, int offset, int length) throws LayerFault {
                    int count = super.inflate(target, offset, length);
                    return hasEnded() ? count - 1 : count;
                }
            });
            assertNotBelieved(expected, stored, () -> new ZlibInflater() {
                @Override
                public boolean hasEnded() {
                    return true;
                }
            });
            assertNotBelieved(expected, stored, () -> new ZlibInflater() {
                @Override
                public int remaining() {
                    return hasEnded() ? super.remaining() - 1 : super.remaining();
                }
            });
            assertNotBelieved(expected, stored, () -> new ZlibInflater() {
                private boolean given;

                @Override
                public int giveBack() {
                    int next = given ? -1 : 0;
                    given = true;
                    return next;
                }
            });
        }
    }

    @Test
    void aLayerThatJavaCannotReadEitherSaysNothingAgainstIt() throws IOException {
        byte[] stored = gzip(TAR);
        byte[] broken = Arrays.copyOf(stored, stored.length / 2);
        Isal isal = inPlace(ZlibInflater::new);
        assertReadAsWithout(broken, expected(broken, TAR), isal);
        assertThat(opened).isEqualTo(2);
        assertThat(isal.isRefused()).isFalse();
        assertReadAsWithout(stored, expected(stored, TAR), isal);
        assertThat(opened).isEqualTo(1);
    }

    @Test
    void whatIsNoSuchLibraryIsDoneWithout() throws IOException {
        Path none = folder.resolve("libisal.so.2");
        Path text = Files.writeString(folder.resolve("text"), "no library");
        byte[] stored = gzip(TAR);
        for (File file : List.of(none.toFile(), text.toFile(), new File("libc.so.6"))) {
            Isal isal = Isal.at(file, 0);
            isal.begin(expected(stored, TAR));
            assertReadAsWithout(stored, expected(stored, TAR), isal);
            assertThat(opened).isEqualTo(1);
            assertThat(isal.open(Long.MAX_VALUE)).as(file.getPath()).isNull();
        }
    }

    @Test
    void onlyLayersThatAreWorthItAreReadSo() throws Exception {
        AtomicInteger loaded = new AtomicInteger();
        Isal isal = Isal.of(
                () -> {
                    loaded.incrementAndGet();
                    return new ZlibInflater();
                },
                1000);
        byte[] large = gzip(TAR);
        byte[] small = gzip(tarOf(new byte[1]));
        assertThat(small.length).isLessThan(1000);
        isal.begin(expected(small, TAR));
        read(small, expected(small, tarOf(new byte[1])), isal);
        read(large, Expected.NOTHING, isal);
        assertThat(loaded).as("nor where nobody knows how large it is").hasValue(0);
        read(large, expected(large, TAR), isal);
        assertThat(loaded).hasValue(1);
        read(small, expected(small, tarOf(new byte[1])), isal);
        read(large, Expected.NOTHING, isal);
        assertThat(loaded).as("nor once it is loaded").hasValue(1);
    }

    @Test
    void itIsLoadedAheadForWhatShouldBeALayerInGzipOnly() throws Exception {
        for (String type :
                List.of("application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.oci.image.layer.v1.tar+zstd")) {
            Isal isal = inPlace(ZlibInflater::new);
            isal.begin(new Expected(null, 10, null, type));
            boolean gzip = type.endsWith("gzip");
            for (int wait = 0; wait < (gzip ? 1000 : 5) && !isal.isLoaded(); wait++) {
                Thread.sleep(10);
            }
            assertThat(isal.isLoaded()).as(type).isEqualTo(gzip);
        }
    }

    @Test
    void aSourceThatFailsIsToldAsItself() {
        Isal isal = real();
        byte[] stored = gzip(tar(5, 3_000_000));
        LayerReader reader = new LayerReader(LIMITS, List.of(KEEPS_ALL));
        for (Exception failure :
                List.of(new IOException("the registry went away"), new IllegalStateException("its client broke"))) {
            assertThatThrownBy(() -> reader.read(
                            () -> new SequenceInputStream(
                                    new ByteArrayInputStream(stored, 0, stored.length / 2), new Failing(failure)),
                            expected(stored, TAR),
                            isal))
                    .isSameAs(failure);
        }
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
    void whatIsNoTarIsToldAboutAsWithout() throws IOException {
        byte[] noTar = new byte[3_000_000];
        new Random(6).nextBytes(noTar);
        byte[] stored = gzip(noTar);
        assertReadAsWithout(stored, expected(stored, noTar), real());
    }

    @Test
    void manyLayersAreReadAtOnce() throws Exception {
        Isal isal = real();
        byte[] stored = gzip(TAR);
        Digest diffId = sha256(TAR);
        List<Thread> threads = new ArrayList<>();
        List<Digest> read = Collections.synchronizedList(new ArrayList<>());
        for (int n = 0; n < 12; n++) {
            Thread thread = new Thread(() -> {
                try {
                    read.add(new LayerReader(LIMITS, List.of(KEEPS_ALL))
                            .read(() -> new ByteArrayInputStream(stored), expected(stored, TAR), isal)
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
    }
}
