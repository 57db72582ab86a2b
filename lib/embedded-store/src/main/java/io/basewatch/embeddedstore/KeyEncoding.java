package io.basewatch.embeddedstore;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.ObjectId;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Values as keys whose order, compared as text, is MongoDB's order of the values ("BSON comparison order"; strings by their UTF-8 bytes). Each
 * encoded value ends itself, so that several can be strung together and one is never the beginning of another. A key's characters are bytes.
 */
final class KeyEncoding {

    private static final char NOTHING = 0x05;
    private static final char NUMBER = 0x10;
    private static final char STRING = 0x20;
    private static final char UUID_VALUE = 0x38;
    private static final char OBJECT_ID = 0x40;
    private static final char BOOLEAN = 0x50;
    private static final char DATE = 0x60;
    private static final char OTHER = 0x70;

    /** Above every tag: behind a prefix, it is behind everything that begins with the prefix. */
    static final char END = 0xff;

    private KeyEncoding() {}

    /** Whether equal values, and only they, have the same key, whatever the width of a number. */
    static boolean isExact(@Nullable Object value) {
        return value instanceof String
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Double
                || value instanceof Boolean
                || value instanceof Instant
                || value instanceof ObjectId
                || value instanceof UUID;
    }

    /**
     * The key of a value by which documents are looked for. What is not {@link #isExact exact} has one common key: it is never looked for,
     * but the document that has it must be found when it is changed or deleted.
     */
    static void append(StringBuilder key, @Nullable Object value) {
        if (isExact(value)) {
            appendExact(key, value);
        } else {
            key.append(value instanceof Document || value instanceof Iterable ? OTHER : NOTHING);
            end(key);
        }
    }

    /** The key of an {@code _id}: also exact for what {@link #append} takes together, by the value's own bytes. */
    static String ofId(@Nullable Object id) {
        StringBuilder key = new StringBuilder();
        if (isExact(id)) {
            appendExact(key, id);
        } else {
            ByteBuf bson = Unpooled.buffer();
            BsonEncoder.encodeDocument(new Document("", id), bson);
            key.append(OTHER).append(ByteBufUtil.hexDump(bson));
            end(key);
        }
        return key.toString();
    }

    /** At or before every key that begins with this date or a later one; null for all dates. */
    static String fromDate(@Nullable Instant first) {
        return first == null ? String.valueOf(DATE) : ofId(first);
    }

    /** Behind every key that begins with this date or an earlier one; null for all dates. */
    static String toDate(@Nullable Instant last) {
        return fromDate(last) + END;
    }

    private static void appendExact(StringBuilder key, @Nullable Object value) {
        if (value instanceof String string) {
            key.append(STRING);
            for (byte b : string.getBytes(StandardCharsets.UTF_8)) {
                key.append((char) (b & 0xff));
                if (b == 0) {
                    key.append((char) 0xff);
                }
            }
            end(key);
        } else if (value instanceof Boolean bool) {
            key.append(BOOLEAN).append((char) (bool ? 1 : 0));
        } else if (value instanceof Instant instant) {
            appendLong(key.append(DATE), instant.toEpochMilli() ^ Long.MIN_VALUE);
        } else if (value instanceof ObjectId objectId) {
            key.append(OBJECT_ID);
            for (byte b : objectId.toByteArray()) {
                key.append((char) (b & 0xff));
            }
        } else if (value instanceof UUID uuid) {
            appendLong(key.append(UUID_VALUE), uuid.getMostSignificantBits());
            appendLong(key, uuid.getLeastSignificantBits());
        } else if (value instanceof Number number) {
            // A long beside its double tells apart those that share one; a double that is no long has one of its own
            // anyway.
            double real = number.doubleValue() + 0.0;
            long bits = Double.doubleToLongBits(real);
            appendLong(key.append(NUMBER), bits < 0 ? ~bits : bits ^ Long.MIN_VALUE);
            appendLong(key, number.longValue() ^ Long.MIN_VALUE);
        }
    }

    private static void appendLong(StringBuilder key, long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            key.append((char) ((value >> shift) & 0xff));
        }
    }

    private static void end(StringBuilder key) {
        key.append((char) 0).append((char) 1);
    }

    /** Where the value that begins at this place ends. */
    static int skip(String key, int from) {
        return switch (key.charAt(from)) {
            case NUMBER, UUID_VALUE -> from + 17;
            case DATE -> from + 9;
            case OBJECT_ID -> from + 13;
            case BOOLEAN -> from + 2;
            default -> {
                int at = key.indexOf('\0', from);
                while (key.charAt(at + 1) != 1) {
                    at = key.indexOf('\0', at + 2);
                }
                yield at + 2;
            }
        };
    }
}
