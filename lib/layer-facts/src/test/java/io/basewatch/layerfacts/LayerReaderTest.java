package io.basewatch.layerfacts;

import static io.basewatch.layerfacts.TestLayers.KEEPS_ALL;
import static io.basewatch.layerfacts.TestLayers.gzip;
import static io.basewatch.layerfacts.TestLayers.listing;
import static io.basewatch.layerfacts.TestLayers.sha256;
import static io.basewatch.layerfacts.TestLayers.tar;
import static io.basewatch.layerfacts.TestLayers.text;
import static io.basewatch.layerfacts.TestLayers.zstd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.luben.zstd.ZstdOutputStream;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.junit.jupiter.api.Test;

class LayerReaderTest {

    private static final LayerLimits LIMITS = LayerLimits.defaults();
    private static final LayerReader READER = new LayerReader(LIMITS, List.of(KEEPS_ALL));
    private static final byte[] TAR = tar().directory("etc")
            .file("etc/os-release", "ID=alpine\n")
            .file("bin/sh", "x".repeat(3000))
            .bytes();

    private static Expected expected(byte[] stored, byte[] tar, String mediaType) {
        return new Expected(sha256(stored), stored.length, sha256(tar), mediaType);
    }

    private static LayerFacts read(byte[] stored, Expected expected) throws Exception {
        return READER.read(new ByteArrayInputStream(stored), expected);
    }

    private static LayerException failure(LayerReader reader, byte[] stored, Expected expected) {
        LayerException e = catchThrowableOfType(
                LayerException.class, () -> reader.read(new ByteArrayInputStream(stored), expected));
        assertThat(e).as("a layer that cannot be read as promised").isNotNull();
        return e;
    }

    private static ImageView view(LayerFacts facts) {
        return SquashedImage.of(List.of(facts), ImageInputs.NONE);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    // ---- compression

    @Test
    void readsGzipZstdAndPlainTar() throws Exception {
        for (byte[] stored : List.of(gzip(TAR), zstd(TAR), TAR)) {
            LayerFacts facts = read(stored, expected(stored, TAR, ""));

            assertThat(facts.digest()).isEqualTo(sha256(stored));
            assertThat(facts.diffId()).isEqualTo(sha256(TAR));
            assertThat(facts.storedBytes()).isEqualTo(stored.length);
            assertThat(facts.uncompressedBytes()).isEqualTo(TAR.length);
            assertThat(facts.isComplete()).isTrue();
            assertThat(facts.notes()).isEmpty();
            assertThat(text(view(facts), "etc/os-release")).isEqualTo("ID=alpine\n");
        }
    }

    @Test
    void readsByTheBytesAndNotesAMediaTypeThatSaysOtherwise() throws Exception {
        String gzipType = "application/vnd.oci.image.layer.v1.tar+gzip";
        String dockerType = "application/vnd.docker.image.rootfs.diff.tar.gzip";
        String zstdType = "application/vnd.oci.image.layer.v1.tar+zstd";
        String plainType = "application/vnd.oci.image.layer.v1.tar";

        assertThat(read(gzip(TAR), expected(gzip(TAR), TAR, gzipType)).notes()).isEmpty();
        assertThat(read(gzip(TAR), expected(gzip(TAR), TAR, dockerType)).notes())
                .isEmpty();
        assertThat(read(TAR, expected(TAR, TAR, plainType)).notes()).isEmpty();
        for (String wrong : List.of(zstdType, plainType)) {
            assertThat(read(gzip(TAR), expected(gzip(TAR), TAR, wrong)).notes())
                    .singleElement()
                    .satisfies(note -> assertThat(note.code()).isEqualTo(Reason.Code.MEDIA_TYPE_MISMATCH));
        }
        assertThat(read(TAR, expected(TAR, TAR, gzipType)).notes()).hasSize(1);
    }

    @Test
    void readsGzipOfManyMembersAlsoEmptyOnes() throws Exception {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        for (int at = 0; at < TAR.length; at += 700) {
            stored.writeBytes(gzip(Arrays.copyOfRange(TAR, at, Math.min(TAR.length, at + 700))));
            stored.writeBytes(gzip(new byte[0]));
        }

        LayerFacts facts = read(stored.toByteArray(), expected(stored.toByteArray(), TAR, ""));

        assertThat(listing(view(facts))).containsExactly("bin/sh", "etc/os-release");
    }

    @Test
    void readsGzipHeadersWithNameCommentExtraFieldAndChecksum() throws Exception {
        GzipParameters parameters = new GzipParameters();
        parameters.setFileName("layer.tar");
        parameters.setComment("a comment");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GzipCompressorOutputStream gzip = new GzipCompressorOutputStream(out, parameters)) {
            gzip.write(TAR);
        }
        byte[] named = out.toByteArray();
        assertThat(read(named, expected(named, TAR, "")).entries()).isEqualTo(3);

        byte[] plain = gzip(TAR);
        byte[] extra = join(
                new byte[] {0x1f, (byte) 0x8b, 8, 0x04 | 0x02, 0, 0, 0, 0, 0, 0, 3, 0, 'a', 'b', 'c', 0, 0},
                Arrays.copyOfRange(plain, 10, plain.length));
        assertThat(read(extra, expected(extra, TAR, "")).entries()).isEqualTo(3);
    }

    @Test
    void readsZstdOfManyFramesAndSkippableFrames() throws Exception {
        byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'x', 'y', 'z'};
        byte[] stored = join(
                skippable,
                zstd(Arrays.copyOf(TAR, 1000)),
                skippable,
                zstd(Arrays.copyOfRange(TAR, 1000, TAR.length)),
                skippable);

        assertThat(read(stored, expected(stored, TAR, "")).entries()).isEqualTo(3);
    }

    @Test
    void readsSourcesThatHandOutSingleBytes() throws Exception {
        for (byte[] stored : List.of(gzip(TAR), zstd(TAR), TAR)) {
            InputStream slow = new ByteArrayInputStream(stored) {
                @Override
                public synchronized int read(byte[] b, int off, int len) {
                    return super.read(b, off, Math.min(1, len));
                }
            };
            assertThat(READER.read(slow, expected(stored, TAR, "")).entries()).isEqualTo(3);
        }
    }

    @Test
    void readsALayerLongEnoughToBeDigestedOnTheOtherThread() throws Exception {
        byte[] noise = new byte[24 << 20];
        new Random(1).nextBytes(noise);
        byte[] tar = tar().file("noise", noise, 0644)
                .file("etc/os-release", "ID=x\n")
                .bytes();
        FactsKind small = TestLayers.keeping((entry, head) -> entry.size() < 1000);

        for (byte[] stored : List.of(gzip(tar), zstd(tar), tar)) {
            LayerFacts facts = new LayerReader(LIMITS, List.of(small))
                    .read(new ByteArrayInputStream(stored), expected(stored, tar, ""));

            assertThat(text(view(facts), "etc/os-release")).isEqualTo("ID=x\n");
        }
    }

    @Test
    void verifiesSha512() throws Exception {
        byte[] stored = gzip(TAR);
        Digest digest = sha512(stored);
        Digest diffId = sha512(TAR);

        LayerFacts facts = read(stored, new Expected(digest, -1, diffId, ""));

        assertThat(facts.digest()).isEqualTo(digest);
        assertThat(facts.diffId()).isEqualTo(diffId);
    }

    private static Digest sha512(byte[] bytes) throws Exception {
        return new Digest(
                "sha512",
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-512").digest(bytes)));
    }

    @Test
    void digestsAlsoWhatFollowsTheTarsEndMarker() throws Exception {
        byte[] tar = join(TAR, new byte[20_000], "trailing".getBytes(StandardCharsets.UTF_8));
        byte[] stored = gzip(tar);

        LayerFacts facts = read(stored, expected(stored, tar, ""));

        assertThat(facts.diffId()).isEqualTo(sha256(tar));
        assertThat(facts.entries()).isEqualTo(3);
    }

    @Test
    void notesBytesAfterTheGzipStream() throws Exception {
        byte[] stored = join(gzip(TAR), "garbage".getBytes(StandardCharsets.UTF_8));

        LayerFacts facts = read(stored, expected(stored, TAR, ""));

        assertThat(facts.entries()).isEqualTo(3);
        assertThat(facts.notes())
                .singleElement()
                .satisfies(n -> assertThat(n.code()).isEqualTo(Reason.Code.LAYER_CORRUPT));
    }

    @Test
    void readsEmptyLayers() throws Exception {
        byte[] empty = tar().bytes();
        for (byte[] tar : List.of(empty, new byte[0], new byte[1024])) {
            for (byte[] stored : List.of(gzip(tar), zstd(tar), tar)) {
                LayerFacts facts = read(stored, expected(stored, tar, ""));
                assertThat(facts.entries()).isZero();
                assertThat(facts.isComplete()).isTrue();
            }
        }
    }

    @Test
    void tellsWhatItCannotRead() {
        byte[] json = "{\"spdxVersion\":\"SPDX-2.3\"}".getBytes(StandardCharsets.UTF_8);
        for (byte[] stored : List.of(
                json,
                Arrays.copyOf(json, 4096),
                join("BZh9".getBytes(StandardCharsets.UTF_8), TAR),
                join(new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0}, TAR))) {
            LayerException e = failure(READER, stored, expected(stored, TAR, ""));
            assertThat(e.reason().code()).isEqualTo(Reason.Code.UNSUPPORTED_FORMAT);
            assertThat(e.facts()).isEmpty();
        }
        assertThat(failure(READER, TAR, expected(TAR, TAR, "application/vnd.oci.image.layer.v1.tar+encrypted"))
                        .reason()
                        .code())
                .isEqualTo(Reason.Code.UNSUPPORTED_FORMAT);
    }

    // ---- promises

    @Test
    void wrongDigestSizeAndDiffIdHaveTheirOwnReasons() {
        byte[] stored = gzip(TAR);
        Digest wrong = sha256(new byte[] {1});

        LayerException digest = failure(READER, stored, new Expected(wrong, stored.length, sha256(TAR), ""));
        assertThat(digest.reason().code()).isEqualTo(Reason.Code.DIGEST_MISMATCH);
        assertThat(digest.facts()).isEmpty();

        LayerException longer = failure(READER, stored, new Expected(sha256(stored), stored.length - 1, null, ""));
        assertThat(longer.reason().code()).isEqualTo(Reason.Code.SIZE_MISMATCH);
        assertThat(longer.facts()).isEmpty();

        LayerException shorter = failure(READER, stored, new Expected(sha256(stored), stored.length + 1, null, ""));
        assertThat(shorter.reason().code()).isEqualTo(Reason.Code.SIZE_MISMATCH);
        assertThat(shorter.facts().orElseThrow().isComplete()).isTrue();

        LayerException diffId = failure(READER, stored, new Expected(sha256(stored), stored.length, wrong, ""));
        assertThat(diffId.reason().code()).isEqualTo(Reason.Code.DIFF_ID_MISMATCH);
        assertThat(diffId.facts().orElseThrow().isComplete()).isTrue();
        assertThat(diffId.facts().orElseThrow().diffId()).isEqualTo(sha256(TAR));
    }

    @Test
    void damageOnTheWayIsADigestMismatchAndDamageBeforeIsACorruptLayer() {
        byte[] good = gzip(TAR);
        byte[] damaged = good.clone();
        damaged[damaged.length / 2] ^= 0x55;

        LayerException onTheWay = failure(READER, damaged, expected(good, TAR, ""));
        assertThat(onTheWay.reason().code()).isEqualTo(Reason.Code.DIGEST_MISMATCH);

        LayerException before = failure(READER, damaged, expected(damaged, TAR, ""));
        assertThat(before.reason().code()).isEqualTo(Reason.Code.LAYER_CORRUPT);
    }

    @Test
    void aCorruptLayerKeepsWhatCameBeforeTheDamage() {
        byte[] tar = tar().file("etc/os-release", "ID=alpine\n")
                .file("b", "x".repeat(2000))
                .bytes();
        byte[] cut = Arrays.copyOf(tar, 512 + 512 + 512 + 1000);

        LayerException e = failure(READER, cut, expected(cut, tar, ""));

        assertThat(e.reason().code()).isEqualTo(Reason.Code.LAYER_CORRUPT);
        LayerFacts facts = e.facts().orElseThrow();
        assertThat(facts.isComplete()).isFalse();
        assertThat(text(view(facts), "etc/os-release")).isEqualTo("ID=alpine\n");
        assertThat(text(view(facts), "b")).isEqualTo("not kept");
        assertThat(facts.diffId()).isEqualTo(sha256(tar));
    }

    @Test
    void cutAtAnyByteALayerIsNeverTakenForWhole() {
        for (byte[] stored : List.of(gzip(TAR), zstd(TAR), TAR)) {
            for (int length = 0; length < stored.length; length++) {
                byte[] cut = Arrays.copyOf(stored, length);
                assertThat(failure(READER, cut, expected(stored, TAR, ""))
                                .reason()
                                .code())
                        .as("cut at %d", length)
                        .isEqualTo(Reason.Code.SIZE_MISMATCH);
                // Promised nothing but the diffID, it is found out too.
                assertThat(failure(READER, cut, new Expected(null, -1, sha256(TAR), ""))
                                .reason()
                                .code())
                        .as("cut at %d", length)
                        .isIn(Reason.Code.LAYER_CORRUPT, Reason.Code.DIFF_ID_MISMATCH, Reason.Code.UNSUPPORTED_FORMAT);
            }
        }
    }

    @Test
    void theSourcesOwnFailureIsNotTheLayers() {
        IOException reset = new IOException("connection reset");
        for (byte[] stored : List.of(gzip(TAR), zstd(TAR), TAR)) {
            InputStream failing =
                    new SequenceInputStream(new ByteArrayInputStream(stored, 0, stored.length / 2), new InputStream() {
                        @Override
                        public int read() throws IOException {
                            throw reset;
                        }
                    });
            assertThatThrownBy(() -> READER.read(failing, expected(stored, TAR, "")))
                    .isSameAs(reset);
        }
    }

    // ---- limits

    private static LayerException pastLimit(LayerLimits limits, byte[] stored) {
        LayerException e = failure(new LayerReader(limits, List.of(KEEPS_ALL)), stored, Expected.NOTHING);
        assertThat(e.facts().orElseThrow().isComplete()).isFalse();
        return e;
    }

    private static LayerLimits limits(
            long out, int entries, int path, int depth, long file, Duration time, long facts) {
        return new LayerLimits(out, LIMITS.maxRatio(), entries, path, depth, file, time, facts);
    }

    @Test
    void eachLimitStopsTheReadingAndKeepsWhatIsKnown() {
        Duration minute = Duration.ofMinutes(1);
        byte[] many = tar().file("a", "1").file("b", "2").file("c", "3").bytes();
        byte[] deep = tar().file("a", "1").file("a1/b/c/d/e", "2").bytes();
        byte[] large = tar().file("a", "1").file("b", new byte[300_000], 0644).bytes();
        byte[] noise = new byte[300_000];
        new Random(1).nextBytes(noise);
        byte[] noisy = tar().file("a", "1").file("b", noise, 0644).bytes();

        assertThat(pastLimit(limits(200_000, 9, 99, 9, 1 << 20, minute, 1 << 20), large)
                        .reason()
                        .message())
                .contains("200000");
        assertThat(pastLimit(limits(1 << 20, 2, 99, 9, 1 << 20, minute, 1 << 20), many)
                        .facts()
                        .orElseThrow()
                        .entries())
                .isEqualTo(2);
        assertThat(pastLimit(limits(1 << 20, 9, 9, 9, 1 << 20, minute, 1 << 20), deep)
                        .reason()
                        .message())
                .contains("a1/b/c/d/e");
        assertThat(pastLimit(limits(1 << 20, 9, 99, 4, 1 << 20, minute, 1 << 20), deep)
                        .reason()
                        .message())
                .contains("components");
        assertThat(pastLimit(limits(1 << 20, 9, 99, 9, 299_999, minute, 1 << 20), large)
                        .reason()
                        .message())
                .contains("'b'");
        assertThat(pastLimit(limits(1 << 20, 9, 99, 9, 1 << 20, minute, 100_000), noisy)
                        .reason()
                        .message())
                .contains("facts");
        assertThat(pastLimit(limits(1 << 20, 9, 99, 9, 1 << 20, Duration.ofNanos(1), 1 << 20), many)
                        .reason()
                        .code())
                .isEqualTo(Reason.Code.TIMEOUT);
    }

    @Test
    void bombsOfGzipAndZstdStopAtTheRatio() throws Exception {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        ByteArrayOutputStream zstd = new ByteArrayOutputStream();
        byte[] zeros = new byte[1 << 20];
        try (OutputStream toGzip = new GZIPOutputStream(gzip);
                OutputStream toZstd = new ZstdOutputStream(zstd)) {
            for (int megabytes = 0; megabytes < 140; megabytes++) {
                toGzip.write(zeros);
                toZstd.write(zeros);
            }
        }
        for (byte[] bomb : List.of(gzip.toByteArray(), zstd.toByteArray())) {
            LayerException e = failure(new LayerReader(LIMITS, List.of()), bomb, Expected.NOTHING);
            assertThat(e.reason().code()).isEqualTo(Reason.Code.LIMIT_EXCEEDED);
            assertThat(e.reason().message()).contains("expands");
        }
    }

    @Test
    void aZstdWindowThatWantsTooMuchMemoryIsRefused() {
        // Frame header: no single segment, no checksum, no size; window descriptor of exponent 31-10 = 21.
        byte[] stored = join(
                new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0x00, (byte) (21 << 3)}, new byte[] {0x01, 0, 0});

        assertThat(failure(READER, stored, Expected.NOTHING).reason().code()).isEqualTo(Reason.Code.LIMIT_EXCEEDED);
    }

    @Test
    void hugeStatedSizesCostNothing() {
        TarArchiveEntry entry = new TarArchiveEntry("huge");
        entry.setSize(0);
        byte[] tar = tar().gnuLongNames().put(entry, new byte[0]).bytes();
        for (String size : List.of(
                "77777777777\0",
                "\u0080\0\0\0\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff",
                "\u00ff".repeat(12),
                "notanumber \0")) {
            byte[] huge = tar.clone();
            System.arraycopy(size.getBytes(StandardCharsets.ISO_8859_1), 0, huge, 124, 12);
            LayeringTest.fixChecksum(huge, 0);
            assertThat(failure(READER, huge, Expected.NOTHING).reason().code())
                    .isIn(Reason.Code.LAYER_CORRUPT, Reason.Code.LIMIT_EXCEEDED);
        }
    }

    @Test
    void anEndlessExtendedHeaderIsRefused() {
        byte[] tar = tar().file("a", "1").file("b", "2").bytes();
        tar[1024 + 156] = 'x';
        System.arraycopy("00010000000\0".getBytes(StandardCharsets.US_ASCII), 0, tar, 1024 + 124, 12);
        LayeringTest.fixChecksum(tar, 1024);

        assertThat(pastLimit(LIMITS, tar).reason().message()).contains("extended header");
    }

    @Test
    void theHolesOfASparseFileCountWhenSomebodyLooksAtThem() {
        byte[] tar = tar().file("sparse", "").bytes();
        tar[156] = 'S';
        System.arraycopy("ustar  \0".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 8);
        System.arraycopy("00100000000\0".getBytes(StandardCharsets.US_ASCII), 0, tar, 483, 12);
        LayeringTest.fixChecksum(tar, 0);

        assertThat(pastLimit(limits(1 << 20, 9, 99, 9, 1L << 40, Duration.ofMinutes(1), 1 << 20), tar)
                        .reason()
                        .code())
                .isEqualTo(Reason.Code.LIMIT_EXCEEDED);
    }
}
