package io.basewatch.layerfacts;

import static io.basewatch.layerfacts.TestLayers.KEEPS_ALL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever the bytes, reading ends with facts or with a reason, never with another exception. Seeds are fixed, so that a failure can be repeated. */
@ExtendWith(Scores.class)
class HostileBytesTest {

    private static final LayerLimits LIMITS =
            new LayerLimits(32 << 20, 250, 10_000, 4096, 512, 16 << 20, Duration.ofMinutes(1), 4 << 20);
    private static final LayerReader READER = new LayerReader(LIMITS, List.of(KEEPS_ALL));

    /** Reads and lays; what is known of a broken layer must be usable too. */
    private static void readAndLay(byte[] stored) throws IOException {
        LayerFacts facts;
        try {
            facts = READER.read(new ByteArrayInputStream(stored), Expected.NOTHING);
        } catch (LayerException e) {
            facts = e.facts().orElse(null);
            if (facts == null) {
                assertThat(e.reason().code()).isEqualTo(Reason.Code.UNSUPPORTED_FORMAT);
                return;
            }
            assertThat(facts.isComplete()).isFalse();
        }
        LayerFacts decoded = LayerFacts.decode(facts.encode());
        lay(decoded);
    }

    private static void lay(LayerFacts facts) {
        ImageView image = SquashedImage.of(List.of(facts, facts), ImageInputs.NONE);
        image.files().forEach(file -> {
            file.entry();
            file.content();
            assertThat(image.findNoFollow(file.entry().path()).isPresent()
                            || file.entry().path().contains("\ufffd"))
                    .as(file.entry().path())
                    .isTrue();
        });
    }

    @Test
    void mutatedTarsNeverEscape() throws Exception {
        byte[] seedTar = sampleTar();
        for (int seed = 0; seed < 6000; seed++) {
            Random random = new Random(seed);
            byte[] tar = seedTar.clone();
            for (int i = random.nextInt(6); i >= 0; i--) {
                int block = random.nextInt(tar.length / 512) * 512;
                int at = block + random.nextInt(512);
                tar[at] = (byte)
                        (random.nextBoolean()
                                ? random.nextInt()
                                : "0123457789xgLKS\0 /.=,\n".charAt(random.nextInt(22)));
                if (random.nextInt(4) != 0 && tar[block + 257] == 'u') {
                    LayeringTest.fixChecksum(tar, block);
                }
            }
            readAndLay(random.nextInt(8) == 0 ? Arrays.copyOf(tar, random.nextInt(tar.length)) : tar);
        }
        Scores.ran("layer: tar", 0, 6000);
    }

    @Test
    void mutatedCompressedLayersNeverEscape() throws Exception {
        byte[] tar = sampleTar();
        for (byte[] good : List.of(TestLayers.gzip(tar), TestLayers.zstd(tar))) {
            for (int seed = 0; seed < 3000; seed++) {
                Random random = new Random(seed);
                byte[] stored = good.clone();
                for (int i = random.nextInt(4); i >= 0; i--) {
                    stored[random.nextInt(stored.length)] = (byte) random.nextInt();
                }
                readAndLay(stored);
            }
            Scores.ran("layer: gzip, zstd", 0, 3000);
        }
    }

    @Test
    void layersCutAtAnyByteNeverEscape() throws Exception {
        byte[] tar = sampleTar();
        for (byte[] good : List.of(tar, TestLayers.gzip(tar), TestLayers.zstd(tar))) {
            for (int length = 0; length < good.length; length++) {
                readAndLay(Arrays.copyOf(good, length));
            }
            Scores.ran(good == tar ? "layer: tar" : "layer: gzip, zstd", good.length, 0);
        }
    }

    @Test
    void garbageNeverEscapes() throws Exception {
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            byte[] garbage = new byte[random.nextInt(3000)];
            random.nextBytes(garbage);
            byte[][] magics = {{}, {0x1f, (byte) 0x8b, 8, 0}, {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd}};
            byte[] magic = magics[seed % 3];
            System.arraycopy(magic, 0, garbage, 0, Math.min(magic.length, garbage.length));
            readAndLay(garbage);
        }
        Scores.ran("layer: garbage", 0, 2000);
    }

    private static byte[] sampleTar() {
        return TestLayers.tar()
                .directory("./etc")
                .file("etc/os-release", "ID=alpine\nVERSION_ID=3.20\n")
                .symlink("lib", "usr/lib")
                .file("lib/" + "long/".repeat(40) + "name", "pax")
                .gnuLongNames()
                .file("usr/" + "gnu/".repeat(40) + "name", "gnu")
                .hardLink("hard", "etc/os-release")
                .whiteout("usr/bin/x")
                .opaque("var")
                .file("bin", "x".repeat(1500))
                .bytes();
    }

    // ---- encoded facts

    private static LayerFacts sampleFacts() {
        return TestLayers.facts(TestLayers.gzip(sampleTar()), List.of(KEEPS_ALL));
    }

    @Test
    void encodedFactsSayTheSameAfterDecoding() throws Exception {
        byte[] noise = new byte[700_000];
        new Random(3).nextBytes(noise);
        byte[] tar = TestLayers.tar()
                .file("../refused", "")
                .file("noise", noise, 0755)
                .file("f", "text")
                .bytes();
        LayerFacts facts = TestLayers.facts(tar, List.of(KEEPS_ALL));
        LayerFacts decoded = LayerFacts.decode(facts.encode());

        assertThat(decoded.digest()).isEqualTo(facts.digest()).isEqualTo(TestLayers.sha256(tar));
        assertThat(decoded.diffId()).isEqualTo(facts.diffId());
        assertThat(decoded.storedBytes()).isEqualTo(tar.length);
        assertThat(decoded.uncompressedBytes()).isEqualTo(tar.length);
        assertThat(decoded.isComplete()).isTrue();
        assertThat(decoded.notes()).isEqualTo(facts.notes()).hasSize(1);
        assertThat(decoded.entries()).isEqualTo(2);
        assertThat(TestLayers.areSame(decoded.encode(), facts.encode())).isTrue();
        ImageView image = SquashedImage.of(List.of(decoded), ImageInputs.NONE);
        assertThat(image.find("noise").orElseThrow().content()).isEqualTo(noise);
        assertThat(TestLayers.text(image, "f")).isEqualTo("text");
    }

    private static List<FactsPart> with(List<FactsPart> parts, int index, byte[] bytes) {
        List<FactsPart> changed = new ArrayList<>(parts);
        FactsPart part = parts.get(index);
        changed.set(index, new FactsPart(part.kind(), part.version(), bytes));
        return changed;
    }

    @Test
    void encodedFactsCutOrDamagedAtAnyByteAreRefused() {
        List<FactsPart> parts = sampleFacts().encode();
        assertThat(parts).hasSize(2);
        for (int part = 0; part < parts.size(); part++) {
            byte[] encoded = parts.get(part).bytes();
            for (int at = 0; at < encoded.length; at++) {
                List<FactsPart> cut = with(parts, part, Arrays.copyOf(encoded, at));
                assertThatThrownBy(() -> LayerFacts.decode(cut)).isInstanceOf(IllegalArgumentException.class);
                byte[] bytes = encoded.clone();
                bytes[at] ^= 0x10;
                List<FactsPart> damaged = with(parts, part, bytes);
                assertThatThrownBy(() -> LayerFacts.decode(damaged)).isInstanceOf(IllegalArgumentException.class);
            }
            Scores.ran("layer facts", encoded.length, encoded.length);
        }
    }

    @Test
    void forgedFactsWithARightChecksumNeverEscape() {
        List<FactsPart> parts = sampleFacts().encode();
        int accepted = 0;
        for (int seed = 0; seed < 8_000; seed++) {
            Random random = new Random(seed);
            int part = random.nextInt(parts.size());
            byte[] encoded = parts.get(part).bytes();
            byte[] forged = random.nextInt(4) == 0
                    ? Arrays.copyOf(encoded, 10 + random.nextInt(encoded.length - 10))
                    : encoded.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                forged[5 + random.nextInt(forged.length - 5)] = (byte) random.nextInt();
            }
            CRC32 crc = new CRC32();
            crc.update(forged, 0, forged.length - 4);
            ByteBuffer.wrap(forged).putInt(forged.length - 4, (int) crc.getValue());
            try {
                lay(LayerFacts.decode(with(parts, part, forged)));
                accepted++;
            } catch (IllegalArgumentException e) {
                // Refused with a reason.
            }
        }
        Scores.ran("layer facts", 0, 8000);
        // Some changes are just other facts, such as another digest.
        assertThat(accepted).isPositive();
    }

    @Test
    void partsOfAnotherLayerAreRefused() {
        List<FactsPart> parts = sampleFacts().encode();
        FactsPart other = TestLayers.facts(TestLayers.tar().file("g", "text").bytes(), List.of(KEEPS_ALL))
                .encode()
                .get(1);
        assertThatThrownBy(() -> LayerFacts.decode(List.of(parts.get(0), other)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another list of entries");
        assertThatThrownBy(() -> LayerFacts.decode(List.of(parts.get(1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no list of entries");
        assertThatThrownBy(() -> LayerFacts.decode(List.of(parts.get(0), parts.get(1), parts.get(1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two parts of kind");
    }

    @Test
    void forgedPiecesNeverEscape() {
        LayerFacts sample = sampleFacts();
        for (int seed = 0; seed < 8_000; seed++) {
            Random random = new Random(seed);
            ChunkLog.Writer pieces = new ChunkLog.Writer();
            for (int i = random.nextInt(60); i > 0; i--) {
                pieces.writeByte(random.nextInt(3) == 0 ? random.nextInt(256) : random.nextInt(4));
            }
            ChunkLog.Writer contents = new ChunkLog.Writer();
            contents.write(new byte[1000], 0, 1000);
            KindFacts forged =
                    new KindFacts("elf", 1, List.of(), List.of("elf", "x"), pieces.finish(), contents.finish());
            byte[] entries = sample.encode().get(0).bytes();
            List<FactsPart> parts = new LayerFacts(
                            null,
                            null,
                            0,
                            0,
                            true,
                            null,
                            List.of(),
                            sample.entries(),
                            sample.entryLog(),
                            List.of(forged))
                    .encode();
            try {
                lay(LayerFacts.decode(with(parts, 0, entries)));
            } catch (IllegalArgumentException e) {
                // Refused with a reason.
            }
        }
    }

    @Test
    void forgedEntriesNeverEscape() {
        for (int seed = 0; seed < 8_000; seed++) {
            Random random = new Random(seed);
            ChunkLog.Writer log = new ChunkLog.Writer();
            for (int i = random.nextInt(200); i > 0; i--) {
                log.writeByte(random.nextInt(3) == 0 ? random.nextInt(256) : random.nextInt(8));
            }
            List<FactsPart> encoded = new LayerFacts(
                            Digest.parse("sha256:" + "0".repeat(64)),
                            null,
                            0,
                            0,
                            true,
                            random.nextBoolean() ? null : Digest.parse("sha256:" + "1".repeat(64)),
                            List.of(),
                            random.nextInt(4),
                            log.finish(),
                            List.of())
                    .encode();
            try {
                lay(LayerFacts.decode(encoded));
            } catch (IllegalArgumentException e) {
                // Refused with a reason.
            }
        }
    }
}
