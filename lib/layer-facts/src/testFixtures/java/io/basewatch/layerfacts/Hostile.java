package io.basewatch.layerfacts;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;

/** A good file cut at every byte and changed at random, for parsers that must survive both. The same in every run; each execution is counted in {@link Scores}. */
public final class Hostile {

    private static final long SEED = 20261122;

    private Hostile() {}

    /** Every beginning of the file, from none of it to all but its last byte. */
    public static void cutAtEveryByte(String parser, byte[] whole, Consumer<byte[]> check) {
        for (int length = 0; length < whole.length; length++) {
            check.accept(Arrays.copyOf(whole, length));
        }
        Scores.ran(parser, whole.length, 0);
    }

    /** A few bytes changed, half of them in the first kilobyte, where formats keep their counts. */
    public static void change(String parser, byte[] whole, int times, Consumer<byte[]> check) {
        change(parser, whole, 0, times, check);
    }

    /**
     * @param kept so many bytes in front stay as they are, such as a magic number without which nothing is read at all
     */
    public static void change(String parser, byte[] whole, int kept, int times, Consumer<byte[]> check) {
        Random random = new Random(SEED);
        for (int i = 0; i < times; i++) {
            byte[] changed = whole.clone();
            for (int left = 1 + random.nextInt(8); left > 0; left--) {
                changeOnce(changed, kept, random);
            }
            check.accept(changed);
        }
        Scores.ran(parser, 0, times);
    }

    private static void changeOnce(byte[] bytes, int kept, Random random) {
        int changeable = bytes.length - kept;
        int position = kept + random.nextInt(random.nextBoolean() ? Math.min(1024, changeable) : changeable);
        switch (random.nextInt(5)) {
            case 0 -> bytes[position] = (byte) random.nextInt(256);
            case 1 -> bytes[position] ^= (byte) (1 << random.nextInt(8));
            case 2 -> bytes[position] = (byte) 0xff;
            case 3 -> Arrays.fill(bytes, position, Math.min(bytes.length, position + 4), (byte) random.nextInt(256));
            default -> {
                int length = Math.min(random.nextInt(64), bytes.length - position);
                System.arraycopy(
                        bytes, kept + random.nextInt(bytes.length - kept - length + 1), bytes, position, length);
            }
        }
    }
}
