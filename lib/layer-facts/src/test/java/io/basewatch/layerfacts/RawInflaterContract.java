package io.basewatch.layerfacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/** What the gzip reader relies on, whoever inflates. */
abstract class RawInflaterContract {

    private static final int AROUND = 10;

    abstract RawInflater open();

    private static byte[] plain(Random random) {
        byte[] plain = new byte[random.nextInt(5) == 0 ? random.nextInt(40) : random.nextInt(300_000)];
        int kind = random.nextInt(4);
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (byte)
                    switch (kind) {
                        case 0 -> 0;
                        case 1 -> random.nextInt();
                        case 2 -> random.nextInt(12) == 0 ? random.nextInt() : 'a' + i % 7;
                        default -> (i >>> 9) * 31 + i % 61;
                    };
        }
        return plain;
    }

    private static byte[] deflated(Random random, byte[] plain) {
        Deflater deflater = new Deflater(random.nextInt(10), true);
        deflater.setStrategy(random.nextInt(3));
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 16];
        int half = plain.length == 0 ? 0 : random.nextInt(plain.length);
        deflater.setInput(plain, 0, half);
        int mode = random.nextBoolean() ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH;
        int count = 0;
        while (count > 0 || !deflater.needsInput()) {
            count = deflater.deflate(buffer, 0, buffer.length, mode);
            stream.write(buffer, 0, count);
        }
        deflater.setInput(plain, half, plain.length - half);
        deflater.finish();
        while (!deflater.finished()) {
            stream.write(buffer, 0, deflater.deflate(buffer));
        }
        deflater.end();
        return stream.toByteArray();
    }

    /** One who reads as the gzip reader does, with pieces of any size. */
    private static final class Reader {

        final Random random;
        final RawInflater inflater;
        final byte[] stored;
        final int mostIn;
        final int mostOut;
        final byte[] buffer;
        int position;
        int limit;

        Reader(Random random, RawInflater inflater, byte[] stored) {
            this.random = random;
            this.inflater = inflater;
            this.stored = stored;
            this.mostIn = 1 + random.nextInt(random.nextBoolean() ? 20 : 100_000);
            this.mostOut = 1 + random.nextInt(random.nextInt(4) == 0 ? 20 : 200_000);
            this.buffer = new byte[mostOut + 2 * AROUND];
        }

        /**
         * @return what came; where it ends early, all that came
         */
        byte[] stream(int most) throws LayerFault {
            ByteArrayOutputStream plain = new ByteArrayOutputStream();
            while (!inflater.hasEnded() && plain.size() < most) {
                if (inflater.needsInput()) {
                    if (position == limit) {
                        if (limit == stored.length) {
                            return plain.toByteArray();
                        }
                        limit = Math.min(stored.length, limit + 1 + random.nextInt(mostIn));
                    }
                    inflater.setInput(stored, position, limit - position);
                }
                int length = 1 + random.nextInt(mostOut);
                Arrays.fill(buffer, 0, AROUND, (byte) 0x5a);
                Arrays.fill(buffer, AROUND + length, length + 2 * AROUND, (byte) 0x5a);
                int count = inflater.inflate(buffer, AROUND, length);
                position = limit - inflater.remaining();
                // Java's own may write behind what it tells of, but not behind what it was given.
                if (count < 0 || count > length || position < 0 || position > limit || !isAroundUntouched(length)) {
                    throw new AssertionError(count + " bytes of " + length + ", at " + position + " of " + limit);
                }
                plain.write(buffer, AROUND, count);
            }
            return plain.toByteArray();
        }

        private boolean isAroundUntouched(int length) {
            for (int i = 0; i < AROUND; i++) {
                if (buffer[i] != 0x5a || buffer[AROUND + length + i] != 0x5a) {
                    return false;
                }
            }
            return true;
        }

        int next() {
            int back = inflater.giveBack();
            if (back >= 0) {
                return back;
            }
            if (position == limit) {
                if (limit == stored.length) {
                    return -1;
                }
                limit++;
            }
            return stored[position++] & 0xff;
        }
    }

    @Test
    void streamsBehindOneAnotherComeOutWholeInPiecesOfAnySizeAndTheBytesBetweenThemToo() throws LayerFault {
        try (RawInflater inflater = open()) {
            for (int seed = 0; seed < 60; seed++) {
                Random random = new Random(seed);
                byte[][] plains = {plain(random), plain(random), plain(random)};
                byte[] between = new byte[8 + random.nextInt(12)];
                random.nextBytes(between);
                ByteArrayOutputStream stored = new ByteArrayOutputStream();
                for (byte[] plain : plains) {
                    stored.writeBytes(deflated(random, plain));
                    stored.writeBytes(between);
                }
                inflater.reset();
                Reader reader = new Reader(random, inflater, stored.toByteArray());
                for (byte[] plain : plains) {
                    byte[] read = reader.stream(Integer.MAX_VALUE);
                    assertThat(inflater.hasEnded()).as("seed " + seed).isTrue();
                    assertThat(Arrays.equals(read, plain)).as("seed " + seed).isTrue();
                    for (byte each : between) {
                        assertThat(reader.next()).as("seed " + seed).isEqualTo(each & 0xff);
                    }
                    inflater.reset();
                }
                assertThat(reader.next()).as("seed " + seed).isEqualTo(-1);
            }
        }
    }

    /** What a layer expands to is held against what of it was taken so far. */
    @Test
    void itTellsWhatOfItsInputIsLeftWhileItIsStillAtIt() throws LayerFault {
        byte[] plain = new byte[40_000_000];
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(plain);
        deflater.finish();
        byte[] stored = new byte[60_000];
        int length = deflater.deflate(stored);
        deflater.end();
        assertThat(length).isBetween(35_000, 45_000);
        byte[] target = new byte[100_000];
        try (RawInflater inflater = open()) {
            inflater.setInput(stored, 0, length);
            int count = 0;
            while (!inflater.hasEnded()) {
                count += inflater.inflate(target, 0, target.length);
                long taken = length - inflater.remaining();
                assertThat((double) taken / length)
                        .as("after " + count)
                        .isCloseTo((double) count / plain.length, within(0.02));
            }
            assertThat(count).isEqualTo(plain.length);
        }
    }

    @Test
    void aStreamThatIsCutAnywhereGivesABeginAndHasNotEnded() throws LayerFault {
        Random random = new Random(1);
        byte[] plain = new byte[700];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt() : i % 9);
        }
        byte[] whole = deflated(random, plain);
        for (int length = 0; length < whole.length; length++) {
            try (RawInflater inflater = open()) {
                byte[] read = new Reader(random, inflater, Arrays.copyOf(whole, length)).stream(Integer.MAX_VALUE);
                assertThat(inflater.hasEnded()).isFalse();
                assertThat(read.length).isLessThanOrEqualTo(plain.length);
                assertThat(Arrays.equals(read, 0, read.length, plain, 0, read.length))
                        .isTrue();
            }
        }
    }

    @Test
    void whateverItIsGivenItEndsOrBreaksOrWantsMore() {
        int broken = 0;
        for (int seed = 0; seed < 6_000; seed++) {
            Random random = new Random(seed);
            byte[] stored;
            if (random.nextBoolean()) {
                stored = new byte[random.nextInt(300)];
                random.nextBytes(stored);
            } else {
                byte[] plain = new byte[random.nextInt(3000)];
                for (int i = 0; i < plain.length; i++) {
                    plain[i] = (byte) (random.nextInt(5) == 0 ? random.nextInt() : i % 11);
                }
                stored = deflated(random, plain);
                for (int n = 1 + random.nextInt(4); n > 0; n--) {
                    stored[random.nextInt(stored.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            try (RawInflater inflater = open()) {
                new Reader(random, inflater, stored).stream(4 << 20);
            } catch (LayerFault e) {
                broken++;
            }
        }
        assertThat(broken).isBetween(2_400, 5_700);
    }

    @Test
    void closingTwiceIsClosingOnce() {
        RawInflater inflater = open();
        inflater.close();
        inflater.close();
    }
}
