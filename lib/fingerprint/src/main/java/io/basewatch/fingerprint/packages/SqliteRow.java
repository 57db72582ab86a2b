package io.basewatch.fingerprint.packages;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The columns of one record. Source: sqlite.org, "Database File Format", chapter 2.1. */
final class SqliteRow {

    private final byte[] payload;

    SqliteRow(byte[] payload) {
        this.payload = payload;
    }

    /** Null when the column is no text. */
    @Nullable
    String text(int column) throws BrokenDatabaseException {
        Column found = column(column);
        return found.type() >= 13 && found.type() % 2 == 1
                ? new String(payload, found.start(), found.length(), StandardCharsets.UTF_8)
                : null;
    }

    /** Null when the column is no blob. */
    byte @Nullable [] blob(int column) throws BrokenDatabaseException {
        Column found = column(column);
        return found.type() >= 12 && found.type() % 2 == 0
                ? Arrays.copyOfRange(payload, found.start(), found.start() + found.length())
                : null;
    }

    /** 0 when the column is no whole number. */
    long number(int column) throws BrokenDatabaseException {
        Column found = column(column);
        if (found.type() == 9) {
            return 1;
        }
        if (found.type() < 1 || found.type() > 6) {
            return 0;
        }
        long value = payload[found.start()];
        for (int i = 1; i < found.length(); i++) {
            value = value << 8 | (payload[found.start() + i] & 0xff);
        }
        return value;
    }

    private record Column(long type, int start, int length) {}

    private Column column(int wanted) throws BrokenDatabaseException {
        ByteBuffer header = ByteBuffer.wrap(payload);
        long headerBytes = headerVarint(header);
        long start = headerBytes;
        for (int column = 0; header.position() < headerBytes; column++) {
            long type = headerVarint(header);
            long length = bytesOf(type);
            if (length < 0 || start < 0 || start + length > payload.length) {
                throw new BrokenDatabaseException("has a row whose columns are longer than itself");
            }
            if (column == wanted) {
                return new Column(type, (int) start, (int) length);
            }
            start += length;
        }
        return new Column(0, 0, 0);
    }

    private static long bytesOf(long type) {
        if (type >= 12) {
            return (type - 12) / 2;
        }
        return switch ((int) type) {
            case 1 -> 1;
            case 2 -> 2;
            case 3 -> 3;
            case 4 -> 4;
            case 5 -> 6;
            case 6, 7 -> 8;
            default -> type < 0 ? -1 : 0;
        };
    }

    private static long headerVarint(ByteBuffer header) throws BrokenDatabaseException {
        try {
            return varint(header);
        } catch (BufferUnderflowException e) {
            throw new BrokenDatabaseException("has a row that ends within its header");
        }
    }

    /**
     * Up to nine bytes, of the last of which all bits count. Source: chapter 1.6, "B-tree Pages".
     *
     * @throws BufferUnderflowException when the bytes end before the number does
     */
    static long varint(ByteBuffer bytes) {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            int next = bytes.get();
            value = value << 7 | (next & 0x7f);
            if (next >= 0) {
                return value;
            }
        }
        return value << 8 | (bytes.get() & 0xff);
    }
}
