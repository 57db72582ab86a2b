package io.basewatch.layerfacts;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some names of files, to be told from all others at next to no cost: nearly all files of an image are of no interest to whoever looks for a few. Immutable.
 */
public final class FileNames {

    private final List<String> patterns;

    /** Whole names, by {@link #slot}; as many places as a power of two. */
    private final byte[] @Nullable [][] whole;

    /** By the first byte of each. */
    private final byte[] @Nullable [][] starts = new byte[128][][];

    /** By the last byte of each. */
    private final byte[] @Nullable [][] ends = new byte[128][][];

    private FileNames(List<String> patterns) {
        this.patterns = patterns;
        this.whole = new byte[Integer.highestOneBit(Math.max(1, patterns.size())) * 4][][];
        for (String pattern : patterns) {
            boolean isEnd = pattern.startsWith("*");
            boolean isStart = pattern.endsWith("*");
            String plain = pattern.replace("*", "");
            if (plain.isEmpty()
                    || pattern.length() - plain.length() != (isEnd || isStart ? 1 : 0)
                    || !plain.chars().allMatch(FileNames::isPlain)) {
                throw new IllegalArgumentException("no name of files: '" + pattern + "'");
            }
            byte[] text = plain.getBytes(StandardCharsets.US_ASCII);
            if (isStart) {
                add(starts, text[0], text);
            } else if (isEnd) {
                add(ends, text[text.length - 1], text);
            } else {
                add(whole, slot(text, 0, text.length), text);
            }
        }
    }

    private static boolean isPlain(int c) {
        return c < 0x80 && c != '/';
    }

    private static void add(byte[] @Nullable [][] places, int place, byte[] text) {
        byte[][] there = places[place];
        byte[][] more = there == null ? new byte[1][] : Arrays.copyOf(there, there.length + 1);
        more[more.length - 1] = text;
        places[place] = more;
    }

    /**
     * @param patterns each a whole name, {@code start*} or {@code *end}; ASCII
     */
    public static FileNames of(String... patterns) {
        return new FileNames(List.of(patterns));
    }

    List<String> patterns() {
        return patterns;
    }

    /** All names of both. */
    public FileNames or(FileNames others) {
        List<String> all = new ArrayList<>(patterns);
        all.addAll(others.patterns);
        return new FileNames(all);
    }

    /**
     * @param name the last component of a path
     */
    public boolean hold(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return hold(bytes, 0, bytes.length);
    }

    boolean hold(byte[] bytes, int from, int to) {
        if (from == to) {
            return false;
        }
        return isOne(whole[slot(bytes, from, to)], bytes, from, to)
                || (bytes[from] >= 0 && startsWithOne(starts[bytes[from]], bytes, from, to))
                || (bytes[to - 1] >= 0 && endsWithOne(ends[bytes[to - 1]], bytes, from, to));
    }

    private int slot(byte[] bytes, int from, int to) {
        int hash = (to - from) * 31 + bytes[from] * 17 + bytes[to - 1] + bytes[(from + to) >>> 1] * 7;
        return hash & (whole.length - 1);
    }

    private static boolean isOne(byte @Nullable [][] texts, byte[] bytes, int from, int to) {
        if (texts != null) {
            for (byte[] text : texts) {
                if (Arrays.equals(text, 0, text.length, bytes, from, to)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean startsWithOne(byte @Nullable [][] texts, byte[] bytes, int from, int to) {
        if (texts != null) {
            for (byte[] text : texts) {
                if (to - from >= text.length && Arrays.equals(text, 0, text.length, bytes, from, from + text.length)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean endsWithOne(byte @Nullable [][] texts, byte[] bytes, int from, int to) {
        if (texts != null) {
            for (byte[] text : texts) {
                if (to - from >= text.length && Arrays.equals(text, 0, text.length, bytes, to - text.length, to)) {
                    return true;
                }
            }
        }
        return false;
    }
}
