package io.basewatch.layerfacts;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes facts small: numbers in seven bits a byte, the lowest first; texts and bytes behind their length. What it wrote is read by {@link PackedReader}, call for
 * call in the same order.
 */
public final class PackedWriter {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** The lowest eight bits. */
    public PackedWriter u8(int value) {
        out.write(value);
        return this;
    }

    public PackedWriter flag(boolean value) {
        return u8(value ? 1 : 0);
    }

    /** All 64 bits, taken for unsigned: a negative number takes ten bytes. */
    public PackedWriter number(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    public PackedWriter numbers(List<Long> values) {
        number(values.size());
        values.forEach(this::number);
        return this;
    }

    public PackedWriter text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    public PackedWriter textOrNull(@Nullable String value) {
        if (value == null) {
            return number(0);
        }
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return number(bytes.length + 1L).raw(bytes, 0, bytes.length);
    }

    public PackedWriter texts(List<String> values) {
        number(values.size());
        values.forEach(this::text);
        return this;
    }

    public PackedWriter bytes(byte[] value) {
        return number(value.length).raw(value, 0, value.length);
    }

    /** Bytes whose number the reader knows from elsewhere. */
    public PackedWriter raw(byte[] source, int offset, int count) {
        out.write(source, offset, count);
        return this;
    }

    /** How many bytes were written. */
    public int size() {
        return out.size();
    }

    public byte[] toBytes() {
        return out.toByteArray();
    }
}
