package io.basewatch.layerfacts;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes facts small: numbers in seven bits a byte, the lowest first; texts and bytes behind their length. What it wrote is read by {@link PackedReader}, call for
 * call in the same order.
 */
public final class PackedWriter {

    /** Of 64 bits. */
    private static final int LONGEST_NUMBER = 10;

    /** As long as every JVM makes an array. */
    private static final int LARGEST = Integer.MAX_VALUE - 8;

    private byte[] out = new byte[64];
    private int size;

    /** The lowest eight bits. */
    public PackedWriter u8(int value) {
        makeRoom(1);
        out[size++] = (byte) value;
        return this;
    }

    public PackedWriter flag(boolean value) {
        return u8(value ? 1 : 0);
    }

    /** All 64 bits, taken for unsigned: a negative number takes ten bytes. */
    public PackedWriter number(long value) {
        makeRoom(LONGEST_NUMBER);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        out[size++] = (byte) rest;
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
        makeRoom(count);
        System.arraycopy(source, offset, out, size, count);
        size += count;
        return this;
    }

    private void makeRoom(int more) {
        if (more > out.length - size) {
            int wanted = Math.addExact(size, more);
            out = Arrays.copyOf(out, Math.max(wanted, (int) Math.min(2L * out.length, LARGEST)));
        }
    }

    /** How many bytes were written. */
    public int size() {
        return size;
    }

    public byte[] toBytes() {
        return Arrays.copyOf(out, size);
    }
}
