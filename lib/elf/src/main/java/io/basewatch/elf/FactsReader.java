package io.basewatch.elf;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what {@link FactsWriter} wrote. Each length is checked against the bytes that are left before anything is allocated. */
final class FactsReader {

    private final byte[] bytes;
    private int at;

    FactsReader(byte[] bytes) {
        this.bytes = bytes;
    }

    int u8() {
        if (at >= bytes.length) {
            throw new IllegalArgumentException("facts end at byte " + at);
        }
        return bytes[at++] & 0xff;
    }

    long number() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int b = u8();
            value |= (long) (b & 0x7f) << shift;
            if ((b & 0x80) == 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("number too long before byte " + at);
    }

    /** A count of things of which each takes at least one byte. */
    int count() {
        long value = number();
        if (value < 0 || value > bytes.length - at) {
            throw new IllegalArgumentException(
                    "count " + value + " exceeds the " + (bytes.length - at) + " bytes left");
        }
        return (int) value;
    }

    boolean flag() {
        int value = u8();
        if (value > 1) {
            throw new IllegalArgumentException("flag " + value + " before byte " + at);
        }
        return value == 1;
    }

    @Nullable
    String text() {
        long length = number();
        if (length == 0) {
            return null;
        }
        if (length < 0 || length - 1 > bytes.length - at) {
            throw new IllegalArgumentException(
                    "text of " + length + " exceeds the " + (bytes.length - at) + " bytes left");
        }
        String value = new String(bytes, at, (int) length - 1, StandardCharsets.UTF_8);
        at += (int) length - 1;
        return value;
    }

    List<String> texts() {
        int count = count();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String value = text();
            if (value == null) {
                throw new IllegalArgumentException("text missing before byte " + at);
            }
            values.add(value);
        }
        return values;
    }

    byte[] bytes() {
        int count = count();
        byte[] value = Arrays.copyOfRange(bytes, at, at + count);
        at += count;
        return value;
    }

    void end() {
        if (at != bytes.length) {
            throw new IllegalArgumentException((bytes.length - at) + " bytes too many");
        }
    }
}
