package io.basewatch.elf.reading;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;

/** What a deflated stream begins with is what zlib finds there, or is left to zlib. */
class FirstByteTest {

    private static final int[] STRATEGIES = {Deflater.DEFAULT_STRATEGY, Deflater.FILTERED, Deflater.HUFFMAN_ONLY};

    /** One for all streams: nothing of one is left for the next. */
    private final FirstByte firstByte = new FirstByte();

    private static byte[] content(Random random) {
        byte[] content = new byte[1 + random.nextInt(random.nextInt(4) == 0 ? 20_000 : 200)];
        int letters = 1 + random.nextInt(256);
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : random.nextInt(letters));
        }
        return content;
    }

    private static byte[] deflated(byte[] content, int level, int strategy) {
        Deflater deflater = new Deflater(level, true);
        deflater.setStrategy(strategy);
        deflater.setInput(content);
        deflater.finish();
        byte[] out = new byte[2 * content.length + 100];
        int length = 0;
        while (!deflater.finished()) {
            length += deflater.deflate(out, length, out.length - length);
        }
        deflater.end();
        return Arrays.copyOf(out, length);
    }

    /** -1 where zlib finds none. */
    private static int byZlib(byte[] stored) {
        Inflater inflater = new Inflater(true);
        inflater.setInput(stored);
        byte[] out = new byte[1];
        try {
            return inflater.inflate(out) == 1 ? out[0] & 0xff : -1;
        } catch (DataFormatException e) {
            return -1;
        } finally {
            inflater.end();
        }
    }

    @Test
    void everyStreamTellsItsFirstByteButWhereItIsStoredAsItIs() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int[] told = new int[3];
        for (int round = 0; round < 5_000; round++) {
            byte[] content = content(random);
            byte[] stored = deflated(content, 1 + random.nextInt(9), STRATEGIES[random.nextInt(STRATEGIES.length)]);
            byte[] around = new byte[stored.length + 7];
            System.arraycopy(stored, 0, around, 3, stored.length);
            int kind = stored[0] >> 1 & 3;
            assertThat(firstByte.of(around, 3, 3 + stored.length))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(kind == 0 ? FirstByte.UNCLEAR : content[0] & 0xff);
            told[kind]++;
        }
        for (int count : told) {
            assertThat(count).isGreaterThan(50);
        }
        byte[] fixed = deflated(new byte[] {'x'}, 9, Deflater.DEFAULT_STRATEGY);
        assertThat(fixed[0] >> 1 & 3).isEqualTo(1);
        assertThat(firstByte.of(fixed, 0, fixed.length)).isEqualTo('x');
        byte[] high = deflated(new byte[] {(byte) 0xfe}, 9, Deflater.DEFAULT_STRATEGY);
        assertThat(firstByte.of(high, 0, high.length)).isEqualTo(0xfe);
    }

    @Test
    void cutAtAnyByteAStreamTellsTheRightByteOrNone() {
        byte[] content = content(new Random(7));
        for (int level : new int[] {1, 9}) {
            byte[] stored = deflated(content, level, Deflater.HUFFMAN_ONLY);
            for (int cut = 0; cut <= stored.length; cut++) {
                assertThat(firstByte.of(stored, 0, cut)).isIn(FirstByte.UNCLEAR, content[0] & 0xff);
            }
        }
    }

    /** Of a broken stream zlib says nothing; where it says something, it is the same. */
    @Test
    void garbageAndBrokenStreamsNeverTellAnotherByteThanZlib() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int told = 0;
        for (int round = 0; round < 30_000; round++) {
            byte[] stored;
            if (random.nextInt(4) == 0) {
                stored = new byte[random.nextInt(200)];
                random.nextBytes(stored);
            } else {
                stored = deflated(Arrays.copyOf(content(random), 100), 9, Deflater.HUFFMAN_ONLY);
                for (int i = random.nextInt(4); i >= 0; i--) {
                    stored[random.nextInt(Math.min(60, stored.length))] ^= (byte) (1 << random.nextInt(8));
                }
            }
            int first = firstByte.of(stored, 0, stored.length);
            int known = byZlib(stored);
            if (first != FirstByte.UNCLEAR && known >= 0) {
                assertThat(first).as("seed %d round %d", seed, round).isEqualTo(known);
                told++;
            }
        }
        assertThat(told).isGreaterThan(100);
    }
}
