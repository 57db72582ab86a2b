package io.basewatch.layerfacts;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link PackedWriter} wrote. Every length is held against the bytes that are left before anything is allocated, so that damaged or hostile bytes end in an
 * {@link IllegalArgumentException} that names the facts and the place, and in nothing else.
 */
public final class PackedReader {

    private final String what;
    private final byte[] bytes;
    private final int end;
    private int at;

    /** @param what names the facts in errors: {@code ELF facts} */
    public PackedReader(String what, byte[] bytes) {
        this(what, bytes, 0, bytes.length);
    }

    /** Of a part of some bytes. */
    public PackedReader(String what, byte[] bytes, int from, int to) {
        if (from < 0 || to < from || to > bytes.length) {
            throw new IllegalArgumentException(what + ": no bytes " + from + " to " + to + " of " + bytes.length);
        }
        this.what = what;
        this.bytes = bytes;
        this.at = from;
        this.end = to;
    }

    public int u8() {
        if (at >= end) {
            throw broken("they end early");
        }
        return bytes[at++] & 0xff;
    }

    public boolean flag() {
        int value = u8();
        if (value > 1) {
            throw broken("flag " + value);
        }
        return value == 1;
    }

    /** All 64 bits; one that was written as unsigned may come out negative. */
    public long number() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int b = u8();
            if (shift == 63 && b > 1) {
                break;
            }
            value |= (long) (b & 0x7f) << shift;
            if ((b & 0x80) == 0) {
                return value;
            }
        }
        throw broken("a number of more than 64 bits");
    }

    /** @param field names the number when it is more than {@code max}, or negative */
    public int number(int max, String field) {
        long value = number();
        if (value < 0 || value > max) {
            throw broken(field + " " + Long.toUnsignedString(value) + " is more than " + max);
        }
        return (int) value;
    }

    public List<Long> numbers() {
        int count = count();
        List<Long> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(number());
        }
        return values;
    }

    /** A count of things of which each takes at least one byte. */
    public int count() {
        return number(end - at, "count");
    }

    public String text() {
        return text(number(end - at, "length of a text"));
    }

    public @Nullable String textOrNull() {
        int length = number(end - at + 1, "length of a text");
        return length == 0 ? null : text(length - 1);
    }

    private String text(int length) {
        return new String(bytes, skip(length), length, StandardCharsets.UTF_8);
    }

    public List<String> texts() {
        int count = count();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(text());
        }
        return values;
    }

    public byte[] bytes() {
        return raw(count());
    }

    /** So many bytes, whose number was told elsewhere. */
    public byte[] raw(int count) {
        int from = skip(count);
        return Arrays.copyOfRange(bytes, from, from + count);
    }

    /** Passes over so many bytes, and tells where they start. */
    public int skip(int count) {
        if (count < 0 || count > end - at) {
            throw broken("they end early");
        }
        at += count;
        return at - count;
    }

    /** How many bytes are left. */
    public int left() {
        return end - at;
    }

    /** @throws IllegalArgumentException when anything is left */
    public void end() {
        if (at != end) {
            throw broken("there are " + (end - at) + " bytes too many");
        }
    }

    /** The error for whoever finds a value that cannot be. */
    public IllegalArgumentException broken(String why) {
        return new IllegalArgumentException("the " + what + " cannot be read at byte " + at + ": " + why);
    }
}
