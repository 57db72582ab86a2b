package io.basewatch.elf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes facts: unsigned varints (seven bits a byte, lowest first), zigzag for signed, strings as length and UTF-8, null as length 0 with lengths counted from 1. */
final class FactsWriter {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    FactsWriter u8(int value) {
        out.write(value);
        return this;
    }

    FactsWriter number(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    FactsWriter text(@Nullable String value) {
        if (value == null) {
            return number(0);
        }
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        number(bytes.length + 1L);
        out.write(bytes, 0, bytes.length);
        return this;
    }

    FactsWriter texts(List<String> values) {
        number(values.size());
        values.forEach(this::text);
        return this;
    }

    FactsWriter bytes(byte[] value) {
        number(value.length);
        out.write(value, 0, value.length);
        return this;
    }

    byte[] toBytes() {
        return out.toByteArray();
    }
}
