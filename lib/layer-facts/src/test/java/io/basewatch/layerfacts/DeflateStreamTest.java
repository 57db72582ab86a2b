package io.basewatch.layerfacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Held against zlib, as Java brings it: the same bytes of the same streams, and the same streams refused. Seeds are fixed, so that a failure can be repeated. */
@ExtendWith(Scores.class)
class DeflateStreamTest {

    /**
     * @param fault null when the stream is whole
     * @param rest stored bytes after its end
     */
    private record Told(byte[] bytes, @Nullable String fault, int rest) {}

    private static Told ours(byte[] stored, Random dice) throws IOException {
        StoredBytes in =
                new StoredBytes(inPieces(stored, dice), null, -1, Long.MAX_VALUE, new Deadline(Duration.ofMinutes(5)));
        DeflateStream stream = new DeflateStream(in);
        stream.start();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 + dice.nextInt(70_000)];
        try {
            for (int count = stream.read(buffer, 0, buffer.length);
                    count >= 0;
                    count = stream.read(buffer, 0, buffer.length)) {
                assertThat(count).isPositive();
                out.write(buffer, 0, count);
            }
        } catch (LayerFault e) {
            return new Told(out.toByteArray(), e.getMessage(), 0);
        }
        assertThat(stream.total()).isEqualTo(out.size());
        return new Told(out.toByteArray(), null, (int) (stored.length - in.consumed()));
    }

    /** As a network hands it out: now a byte, now much. */
    private static InputStream inPieces(byte[] stored, Random dice) {
        int most = dice.nextBoolean() ? 1 << 16 : 1 + dice.nextInt(40);
        return new ByteArrayInputStream(stored) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1 + dice.nextInt(most)));
            }
        };
    }

    private static Told zlibs(byte[] stored) {
        Inflater inflater = new Inflater(true);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 16];
        try {
            inflater.setInput(stored);
            while (!inflater.finished()) {
                int count = inflater.inflate(buffer);
                out.write(buffer, 0, count);
                if (count == 0 && !inflater.finished()) {
                    return new Told(out.toByteArray(), "ends early", 0);
                }
            }
            return new Told(out.toByteArray(), null, inflater.getRemaining());
        } catch (DataFormatException e) {
            return new Told(out.toByteArray(), String.valueOf(e.getMessage()), 0);
        } finally {
            inflater.end();
        }
    }

    private static byte[] deflated(byte[] bytes, int level, int strategy) {
        Deflater deflater = new Deflater(level, true);
        deflater.setStrategy(strategy);
        deflater.setInput(bytes);
        deflater.finish();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 16];
        while (!deflater.finished()) {
            out.write(buffer, 0, deflater.deflate(buffer));
        }
        deflater.end();
        return out.toByteArray();
    }

    private static byte[] deflated(byte[] bytes, Random dice) {
        int[] strategies = {Deflater.DEFAULT_STRATEGY, Deflater.FILTERED, Deflater.HUFFMAN_ONLY};
        return deflated(bytes, dice.nextInt(10), strategies[dice.nextInt(strategies.length)]);
    }

    /** Noise, runs, copies from near and from as far back as they may be, few and many kinds of bytes. */
    private static byte[] content(Random dice, int most) {
        byte[] bytes = new byte[dice.nextInt(most)];
        int kinds = 1 + dice.nextInt(256);
        int at = 0;
        while (at < bytes.length) {
            int length = Math.min(bytes.length - at, 1 + dice.nextInt(1 << dice.nextInt(12)));
            int how = dice.nextInt(4);
            int back = at == 0 ? 0 : 1 + dice.nextInt(Math.min(at, 1 << 1 + dice.nextInt(15)));
            if (how == 0 || back == 0) {
                for (int i = 0; i < length; i++) {
                    bytes[at++] = (byte) dice.nextInt(kinds);
                }
            } else if (how == 1) {
                Arrays.fill(bytes, at, at + length, (byte) dice.nextInt(kinds));
                at += length;
            } else {
                for (int i = 0; i < length; i++, at++) {
                    bytes[at] = bytes[at - back];
                }
            }
        }
        return bytes;
    }

    private static void assertAsZlib(byte[] stored, Random dice, String what) throws IOException {
        Told zlibs = zlibs(stored);
        Told ours = ours(stored, dice);
        if (zlibs.fault == null) {
            assertThat(ours.fault).as(what).isNull();
            assertThat(ours.rest).as(what).isEqualTo(zlibs.rest);
            assertThat(ours.bytes).as(what).isEqualTo(zlibs.bytes);
            return;
        }
        assertThat(ours.fault).as(what + ": zlib says " + zlibs.fault).isNotNull();
        // Of a stream that breaks both give what came before, zlib's Java side sometimes less of it.
        if (Arrays.mismatch(ours.bytes, zlibs.bytes) < Math.min(ours.bytes.length, zlibs.bytes.length)
                && Arrays.mismatch(ours.bytes, zlibs.bytes) >= 0) {
            fail(what + ": differs at " + Arrays.mismatch(ours.bytes, zlibs.bytes));
        }
        assertThat(ours.bytes.length).as(what).isGreaterThanOrEqualTo(zlibs.bytes.length);
    }

    @Test
    void whatZlibWroteIsReadAsItWasAndNotAByteMoreIsTaken() throws Exception {
        int streams = 1_500;
        for (int seed = 0; seed < streams; seed++) {
            Random dice = new Random(seed);
            byte[] bytes = content(dice, seed % 20 == 0 ? 2_000_000 : 60_000);
            byte[] stream = deflated(bytes, dice);
            byte[] stored = Arrays.copyOf(stream, stream.length + dice.nextInt(40));
            Arrays.fill(stored, stream.length, stored.length, (byte) 0xff);
            Told told = ours(stored, dice);
            assertThat(told.fault).as("seed " + seed).isNull();
            assertThat(told.rest).as("seed " + seed).isEqualTo(stored.length - stream.length);
            assertThat(Arrays.equals(told.bytes, bytes)).as("seed " + seed).isTrue();
        }
        Scores.ran("deflate", 0, streams);
    }

    @Test
    void everyDamagedStreamIsReadOrRefusedAsByZlib() throws Exception {
        int streams = 15_000;
        for (int seed = 0; seed < streams; seed++) {
            Random dice = new Random(seed);
            byte[] stream = deflated(content(dice, 1 << 4 + dice.nextInt(11)), dice);
            // The codes stand at the begin of a block: there a change does most.
            int most = dice.nextBoolean() ? Math.min(stream.length, 60) : stream.length;
            for (int i = dice.nextInt(4); i >= 0; i--) {
                stream[dice.nextInt(most)] ^= (byte) (1 << dice.nextInt(8));
            }
            assertAsZlib(stream, dice, "seed " + seed);
        }
        Scores.ran("deflate", 0, streams);
    }

    @Test
    void garbageIsRefusedAsByZlib() throws Exception {
        int streams = 30_000;
        for (int seed = 0; seed < streams; seed++) {
            Random dice = new Random(seed);
            byte[] garbage = new byte[1 + dice.nextInt(400)];
            dice.nextBytes(garbage);
            assertAsZlib(garbage, dice, "seed " + seed);
        }
        Scores.ran("deflate", 0, streams);
    }

    @Test
    void aStreamThatIsCutAtAnyByteEndsEarlyAfterAllThatCameBefore() throws Exception {
        int cuts = 0;
        for (int seed = 0; seed < 12; seed++) {
            Random dice = new Random(seed);
            byte[] stream = deflated(content(dice, 3_000), dice);
            for (int length = 0; length < stream.length; length++, cuts++) {
                byte[] cut = Arrays.copyOf(stream, length);
                Told told = ours(cut, dice);
                assertThat(told.fault).as("seed " + seed + " cut at " + length).contains("ends early, after " + length);
                assertThat(told.bytes).isEqualTo(zlibs(cut).bytes);
            }
        }
        Scores.ran("deflate", cuts, 0);
    }

    @Test
    void aCodeOfOneDistanceAndOneOfNoneAreTaken() throws Exception {
        // zlib writes a code of one distance for a run, and one of none for what has no copies.
        for (byte[] bytes : new byte[][] {new byte[5_000], content(new Random(1), 4_000)}) {
            for (int strategy : new int[] {Deflater.DEFAULT_STRATEGY, Deflater.HUFFMAN_ONLY}) {
                Told told = ours(deflated(bytes, 9, strategy), new Random(2));
                assertThat(told.fault).isNull();
                assertThat(told.bytes).isEqualTo(bytes);
            }
        }
    }

    @Test
    void aCopyFromBeforeTheStreamIsRefusedAlsoRightAfterAnotherStream() throws Exception {
        // A fixed block: one literal, then a copy of three bytes from two back.
        byte[] stream = bits("110" + "00110000" + "0000001" + "00001" + "0000000");
        assertThat(ours(stream, new Random(3)).fault).contains("invalid distance too far back");
        assertAsZlib(stream, new Random(3), "too far back");
    }

    /** Bits in the order of the stream. */
    private static byte[] bits(String bits) {
        byte[] bytes = new byte[bits.length() / 8 + 1 + 32];
        for (int i = 0; i < bits.length(); i++) {
            bytes[i / 8] |= (byte) (bits.charAt(i) - '0' << i % 8);
        }
        return bytes;
    }
}
