package io.basewatch.layerfacts;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The records of a pax header that say something about path, link and length of the next entry. Source of the format: POSIX.1-2017 pax, "pax Extended Header";
 * GNU tar manual, "Storing Sparse Files".
 */
final class PaxRecords {

    static final PaxRecords NONE = new PaxRecords();

    private static final String SPARSE_OFFSET = "GNU.sparse.offset";
    private static final String SPARSE_BYTES = "GNU.sparse.numbytes";
    private static final String SPARSE_MAP = "GNU.sparse.map";

    private final Map<String, byte[]> values = new HashMap<>();

    private PaxRecords() {}

    /**
     * @throws LayerFault when the records are broken
     */
    static PaxRecords parse(byte[] payload) throws LayerFault {
        PaxRecords records = new PaxRecords();
        StringBuilder map = new StringBuilder();
        boolean offsetIsNext = true;
        int at = 0;
        while (at < payload.length) {
            int blank = at;
            int length = 0;
            while (blank < payload.length && payload[blank] >= '0' && payload[blank] <= '9' && blank - at < 8) {
                length = length * 10 + payload[blank++] - '0';
            }
            int end = at + length;
            if (blank == at
                    || blank >= payload.length
                    || payload[blank] != ' '
                    || end > payload.length
                    || end <= blank + 1
                    || payload[end - 1] != '\n') {
                throw LayerFault.corrupt("a pax header has a broken record");
            }
            int equals = blank + 1;
            while (equals < end - 1 && payload[equals] != '=') {
                equals++;
            }
            if (equals == end - 1 || equals == blank + 1) {
                throw LayerFault.corrupt("a pax header has a record without a name and a value");
            }
            String key = new String(payload, blank + 1, equals - blank - 1, StandardCharsets.UTF_8);
            byte[] value = Arrays.copyOfRange(payload, equals + 1, end - 1);
            if (key.equals(SPARSE_OFFSET) || key.equals(SPARSE_BYTES)) {
                if (key.equals(SPARSE_OFFSET) != offsetIsNext) {
                    throw LayerFault.corrupt("a pax header's sparse records are out of order");
                }
                offsetIsNext = !offsetIsNext;
                map.append(map.length() == 0 ? "" : ",").append(new String(value, StandardCharsets.ISO_8859_1));
            } else if (isOurs(key)) {
                records.put(key, value);
            }
            at = end;
        }
        if (map.length() > 0) {
            records.values.put(SPARSE_MAP, map.toString().getBytes(StandardCharsets.ISO_8859_1));
        }
        return records;
    }

    private static boolean isOurs(String key) {
        return key.equals("path") || key.equals("linkpath") || key.equals("size") || key.startsWith("GNU.sparse.");
    }

    private void put(String key, byte[] value) throws LayerFault {
        for (byte b : value) {
            if (b == 0) {
                throw LayerFault.corrupt("a pax header's " + key + " contains a zero byte");
            }
        }
        // An empty value takes the record back.
        if (value.length == 0) {
            values.remove(key);
        } else {
            values.put(key, value);
        }
    }

    byte @Nullable [] path() {
        byte[] sparse = values.get("GNU.sparse.name");
        return isSparse() && sparse != null ? sparse : values.get("path");
    }

    byte @Nullable [] link() {
        return values.get("linkpath");
    }

    /** Of the bytes in the archive; -1 when not said. */
    long size() throws LayerFault {
        return number("size");
    }

    boolean isSparse() {
        if (values.isEmpty()) {
            return false;
        }
        if (isSparseInContent()) {
            return true;
        }
        String major = text("GNU.sparse.major");
        String minor = text("GNU.sparse.minor");
        return ((major.equals("0") && (minor.equals("0") || minor.equals("1"))) || (major.isEmpty() && minor.isEmpty()))
                && values.containsKey(SPARSE_MAP);
    }

    /** Version 1.0, whose map lies in front of the content. */
    boolean isSparseInContent() {
        return !values.isEmpty()
                && text("GNU.sparse.major").equals("1")
                && text("GNU.sparse.minor").equals("0");
    }

    /** Of the file with its holes; -1 when not said. */
    long sparseSize() throws LayerFault {
        long size = number("GNU.sparse.realsize");
        return size >= 0 ? size : number("GNU.sparse.size");
    }

    /** Versions 0.0 and 0.1. */
    SparseMap sparseMap() throws LayerFault {
        String[] numbers = text(SPARSE_MAP).split(",", -1);
        SparseMap map = new SparseMap();
        if (numbers.length % 2 != 0) {
            throw LayerFault.corrupt("a pax header's sparse map has an odd number of fields");
        }
        for (int i = 0; i < numbers.length; i += 2) {
            map.add(SparseMap.number(numbers[i]), SparseMap.number(numbers[i + 1]));
        }
        return map;
    }

    private String text(String key) {
        byte[] value = values.get(key);
        return value == null ? "" : new String(value, StandardCharsets.ISO_8859_1);
    }

    private long number(String key) throws LayerFault {
        String text = text(key);
        return text.isEmpty() ? -1 : SparseMap.number(text);
    }
}
