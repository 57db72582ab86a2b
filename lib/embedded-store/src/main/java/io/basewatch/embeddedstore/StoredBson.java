package io.basewatch.embeddedstore;

import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.bson.BsonDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes documents of the BSON that they are kept as: what {@link BsonDecoder} makes of it, without asking a buffer for each byte. Reading lists is mostly this. Types that documents of ours
 * hardly have are left to that.
 *
 * <p>For one document; not thread-safe.
 */
final class StoredBson {

    private static final byte DOUBLE = 0x01;
    private static final byte STRING = 0x02;
    private static final byte DOCUMENT = 0x03;
    private static final byte ARRAY = 0x04;
    private static final byte BINARY = 0x05;
    private static final byte OBJECT_ID = 0x07;
    private static final byte BOOLEAN = 0x08;
    private static final byte DATE = 0x09;
    private static final byte NULL = 0x0a;
    private static final byte JAVASCRIPT = 0x0d;
    private static final byte INT32 = 0x10;
    private static final byte INT64 = 0x12;

    /** Fields have few names: those that were read last, by their bytes. Whoever finds another one there makes his own; a power of two. */
    private static final Name[] NAMES = new Name[1024];

    private static final int LONGEST_NAME = 32;

    private static final class Name {
        private final byte[] bytes;
        private final String text;

        Name(byte[] bytes) {
            this.bytes = bytes;
            this.text = new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private final byte[] bytes;
    private int at;

    private StoredBson(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * @throws RuntimeException when this is no document
     */
    static Document decode(byte[] bytes) {
        return decode(bytes, null);
    }

    /**
     * @param fields that are read, the others are passed over; null for all
     * @throws RuntimeException when this is no document
     */
    static Document decode(byte[] bytes, @Nullable Set<String> fields) {
        StoredBson stored = new StoredBson(bytes);
        return fields == null ? stored.document() : stored.document(fields);
    }

    private Document document(Set<String> fields) {
        int end = end();
        Document document = new Document();
        for (byte type = bytes[at++]; type != 0; type = bytes[at++]) {
            String name = name();
            if (fields.contains(name)) {
                document.put(name, value(type));
            } else {
                skip(type);
            }
        }
        check(at == end);
        return document;
    }

    private void skip(byte type) {
        long length = switch (type) {
            case DOUBLE, DATE, INT64 -> Long.BYTES;
            case STRING -> Integer.BYTES + (long) int32At(at);
            case DOCUMENT, ARRAY -> int32At(at);
            case BINARY -> Integer.BYTES + 1 + (long) int32At(at);
            case OBJECT_ID -> 12;
            case BOOLEAN -> 1;
            case NULL -> 0;
            case INT32 -> Integer.BYTES;
            default -> -1;
        };
        if (length < 0) {
            // Of its kind the library knows how long it is, or it is damaged, which reading tells.
            value(type);
        } else {
            check(length <= bytes.length - at);
            at += (int) length;
        }
    }

    private Document document() {
        int end = end();
        Document document = new Document();
        for (byte type = bytes[at++]; type != 0; type = bytes[at++]) {
            document.put(name(), value(type));
        }
        check(at == end);
        return document;
    }

    private List<@Nullable Object> array() {
        int end = end();
        List<@Nullable Object> items = new ArrayList<>();
        for (byte type = bytes[at++]; type != 0; type = bytes[at++]) {
            at += nameLength() + 1;
            items.add(value(type));
        }
        check(at == end);
        return items;
    }

    private int end() {
        int begin = at;
        int length = int32();
        check(length >= 5 && length <= bytes.length - begin);
        return begin + length;
    }

    private static void check(boolean isSo) {
        if (!isSo) {
            throw new IllegalArgumentException("a stored document is damaged");
        }
    }

    private @Nullable Object value(byte type) {
        return switch (type) {
            case DOUBLE -> Double.longBitsToDouble(int64());
            case STRING -> string();
            case DOCUMENT -> document();
            case ARRAY -> array();
            case BINARY -> binary();
            case BOOLEAN -> bytes[at++] != 0;
            case DATE -> Instant.ofEpochMilli(int64());
            case NULL -> null;
            case INT32 -> int32();
            case INT64 -> int64();
            default -> byTheLibrary(type);
        };
    }

    private @Nullable Object byTheLibrary(byte type) {
        // It makes room before it looks whether there are so many bytes.
        check(type != JAVASCRIPT || int32At(at) <= bytes.length - at);
        ByteBuf rest = Unpooled.wrappedBuffer(bytes, at, bytes.length - at);
        Object value = BsonDecoder.decodeValue(type, rest);
        at += rest.readerIndex();
        return value;
    }

    private int int32() {
        int value = int32At(at);
        at += Integer.BYTES;
        return value;
    }

    /** By shifts, not by a view of the bytes: until that is compiled it takes far longer, which is when a service has just been started. */
    private int int32At(int from) {
        return (bytes[from] & 0xff)
                | (bytes[from + 1] & 0xff) << 8
                | (bytes[from + 2] & 0xff) << 16
                | bytes[from + 3] << 24;
    }

    private long int64() {
        long low = int32() & 0xffff_ffffL;
        return low | (long) int32() << 32;
    }

    private String string() {
        int length = int32();
        check(length > 0 && length <= bytes.length - at && bytes[at + length - 1] == 0);
        String text = new String(bytes, at, length - 1, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    private @Nullable Object binary() {
        int length = int32At(at);
        byte subtype = bytes[at + Integer.BYTES];
        check(length >= 0 && length < bytes.length - at - Integer.BYTES);
        if (subtype != 0) {
            return byTheLibrary(BINARY);
        }
        at += Integer.BYTES + 1;
        byte[] data = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return new BinData(data);
    }

    private int nameLength() {
        int end = at;
        while (bytes[end] != 0) {
            end++;
        }
        return end - at;
    }

    private String name() {
        int begin = at;
        int hash = 0;
        byte each = bytes[at++];
        while (each != 0) {
            hash = 31 * hash + each;
            each = bytes[at++];
        }
        int length = at - 1 - begin;
        int place = (hash ^ (hash >>> 10)) & (NAMES.length - 1);
        Name known = NAMES[place];
        if (known == null || !Arrays.equals(known.bytes, 0, known.bytes.length, bytes, begin, begin + length)) {
            known = new Name(Arrays.copyOfRange(bytes, begin, begin + length));
            if (length <= LONGEST_NAME) {
                NAMES[place] = known;
            }
        }
        return known.text;
    }
}
