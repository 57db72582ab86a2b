package io.basewatch.embeddedstore;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.DuplicateKeyError;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import org.h2.mvstore.MVMap;
import org.jspecify.annotations.Nullable;

/**
 * An index over one or more fields: an ordered map whose keys are the fields' values with the document's own key behind them. An array has an
 * entry for each of its elements.
 *
 * <p>It answers equality and {@code $in} on its first fields, and when the query says something of all of them a range of {@code _id}, in the order of {@code _id}. It may give documents
 * too many, never too few: the engine looks at each again.
 * It never answers for null, which a missing field equals too.
 */
final class FieldIndex extends Index<String> {

    /** Combinations of {@code $in} values beyond which reading everything is no worse. */
    private static final int MAX_PREFIXES = 10_000;

    /** Combinations of values whose entries are merged into one order while they are read; each costs a look at the index. */
    private static final int MAX_MERGED = 1_000;

    private final List<String> fields;
    private final boolean unique;
    private final MVMap<String, String> entries;

    FieldIndex(String name, List<IndexKey> keys, boolean unique, boolean sparse, MVMap<String, String> entries) {
        super(name, keys, sparse);
        this.unique = unique;
        this.entries = entries;
        // The document's key is behind the values anyway.
        List<String> fields = new ArrayList<>(keys());
        if (fields.size() > 1 && fields.get(fields.size() - 1).equals("_id")) {
            fields.remove(fields.size() - 1);
        }
        this.fields = List.copyOf(fields);
    }

    /** The entries that a document has, without its own key. */
    Set<String> valuesOf(Document document) {
        Set<String> values = new LinkedHashSet<>();
        for (KeyValue combination : getKeyValues(document)) {
            boolean missing = true;
            StringBuilder key = new StringBuilder();
            for (int n = 0; n < fields.size(); n++) {
                Object value = combination.get(n);
                missing &= value instanceof Missing;
                KeyEncoding.append(key, value);
            }
            if (!(missing && isSparse())) {
                values.add(key.toString());
            }
        }
        return values;
    }

    private static String position(Document document) {
        return KeyEncoding.ofId(document.get("_id"));
    }

    @Override
    public String getPosition(Document document) {
        return position(document);
    }

    @Override
    public void checkAdd(Document document, MongoCollection<String> collection) {
        if (unique) {
            checkUnique(document, position(document), collection);
        }
    }

    @Override
    public void checkUpdate(Document before, Document after, MongoCollection<String> collection) {
        if (unique) {
            checkUnique(after, position(before), collection);
        }
    }

    private void checkUnique(Document document, String position, MongoCollection<String> collection) {
        for (String values : valuesOf(document)) {
            for (String other : new Range(values)) {
                if (!other.equals(position)) {
                    throw new DuplicateKeyError(
                            this,
                            collection,
                            getKeys(),
                            getKeyValues(document).iterator().next());
                }
            }
        }
    }

    @Override
    public void add(Document document, String position, MongoCollection<String> collection) {
        for (String values : valuesOf(document)) {
            entries.put(values + position, "");
        }
    }

    @Override
    public String remove(Document document) {
        String position = position(document);
        for (String values : valuesOf(document)) {
            entries.remove(values + position);
        }
        return position;
    }

    @Override
    public void updateInPlace(Document before, Document after, String position, MongoCollection<String> collection) {
        Set<String> old = valuesOf(before);
        Set<String> now = valuesOf(after);
        for (String values : old) {
            if (!now.contains(values)) {
                entries.remove(values + position);
            }
        }
        for (String values : now) {
            if (!old.contains(values)) {
                entries.put(values + position, "");
            }
        }
    }

    /**
     * What of this index a query needs.
     *
     * @param prefixes each is the beginning of the entries to read
     * @param complete whether the prefixes name all fields, so that the entries of one are in the order of the documents' keys
     * @param count of entries to read
     * @param from the first document's key that is wanted, where the entries are in that order; null for all
     * @param to the last one; null for all
     */
    record Scan(
            FieldIndex index,
            List<String> prefixes,
            boolean complete,
            long count,
            @Nullable String from,
            @Nullable String to) {

        boolean inKeyOrder() {
            return complete && prefixes.size() <= MAX_MERGED;
        }

        /** The documents' keys, each once. */
        Iterable<String> positions() {
            if (inKeyOrder()) {
                List<Iterable<String>> ranges = new ArrayList<>();
                for (String prefix : prefixes) {
                    ranges.add(index.new Range(prefix, from, to));
                }
                return ranges.size() == 1 ? ranges.get(0) : () -> new Merged(ranges);
            }
            Set<String> positions = new LinkedHashSet<>();
            for (String prefix : prefixes) {
                for (String position : index.new Range(prefix)) {
                    positions.add(position);
                }
            }
            return positions;
        }
    }

    /** Null when this index is of no use for the query. */
    @Nullable
    Scan scan(Document query) {
        List<String> prefixes = List.of("");
        int matched = 0;
        for (String field : fields) {
            List<Object> wanted = Conditions.equalTo(query, field);
            if (wanted == null || (long) wanted.size() * prefixes.size() > MAX_PREFIXES) {
                break;
            }
            List<String> longer = new ArrayList<>();
            for (String prefix : prefixes) {
                for (Object value : wanted) {
                    StringBuilder key = new StringBuilder(prefix);
                    KeyEncoding.append(key, value);
                    longer.add(key.toString());
                }
            }
            prefixes = longer;
            matched++;
        }
        if (matched == 0) {
            return null;
        }
        boolean complete = matched == fields.size();
        boolean ranged = complete && prefixes.size() <= MAX_MERGED;
        String from = ranged ? Conditions.firstId(query) : null;
        String to = ranged ? Conditions.lastId(query) : null;
        long count = 0;
        for (String prefix : prefixes) {
            count += place(prefix + (to == null ? "" : to) + KeyEncoding.END)
                    - place(prefix + (from == null ? "" : from));
        }
        return new Scan(this, prefixes, complete, count, from, to);
    }

    /** How many entries are before this key. */
    private long place(String key) {
        long index = entries.getKeyIndex(key);
        return index >= 0 ? index : -index - 1;
    }

    @Override
    public boolean canHandle(Document query) {
        return scan(query) != null;
    }

    @Override
    public Iterable<String> getPositions(Document query) {
        Scan scan = scan(query);
        return scan == null ? List.of() : scan.positions();
    }

    /** The documents' keys of all entries that begin with a prefix, or of those of them in a range of such keys, in the entries' order. */
    private final class Range implements Iterable<String> {
        private final String prefix;
        private final @Nullable String from;
        private final @Nullable String to;

        Range(String prefix) {
            this(prefix, null, null);
        }

        Range(String prefix, @Nullable String from, @Nullable String to) {
            this.prefix = prefix;
            this.from = from;
            this.to = to;
        }

        @Override
        public java.util.Iterator<String> iterator() {
            java.util.Iterator<String> keys = entries.keyIterator(from == null ? prefix : prefix + from);
            return new java.util.Iterator<>() {
                private @Nullable String next = advance();

                private @Nullable String advance() {
                    String key = keys.hasNext() ? keys.next() : null;
                    return key != null && key.startsWith(prefix) && (to == null || key.compareTo(prefix + to) <= 0)
                            ? key
                            : null;
                }

                @Override
                public boolean hasNext() {
                    return next != null;
                }

                @Override
                public String next() {
                    String key = next;
                    if (key == null) {
                        throw new java.util.NoSuchElementException();
                    }
                    next = advance();
                    int at = 0;
                    for (int n = 0; n < fields.size(); n++) {
                        at = KeyEncoding.skip(key, at);
                    }
                    return key.substring(at);
                }
            };
        }
    }

    /** Several ordered ranges as one, in the same order, what is in more than one of them once. */
    private static final class Merged implements java.util.Iterator<String> {
        private final PriorityQueue<Head> heads = new PriorityQueue<>();
        private @Nullable String next;

        private record Head(String position, java.util.Iterator<String> rest) implements Comparable<Head> {
            @Override
            public int compareTo(Head other) {
                return position.compareTo(other.position);
            }
        }

        Merged(List<Iterable<String>> ranges) {
            ranges.forEach(range -> enter(range.iterator()));
            next = advance();
        }

        private void enter(java.util.Iterator<String> range) {
            if (range.hasNext()) {
                heads.add(new Head(range.next(), range));
            }
        }

        private @Nullable String advance() {
            Head first = heads.poll();
            while (first != null && first.position().equals(next)) {
                enter(first.rest());
                first = heads.poll();
            }
            if (first == null) {
                return null;
            }
            enter(first.rest());
            return first.position();
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public String next() {
            String position = next;
            if (position == null) {
                throw new java.util.NoSuchElementException();
            }
            next = advance();
            return position;
        }
    }

    Set<String> allEntries() {
        return entries.keySet();
    }

    @Override
    public boolean isUnique() {
        return unique;
    }

    @Override
    public long getCount() {
        return entries.sizeAsLong();
    }

    @Override
    public long getDataSize() {
        return 0;
    }

    @Override
    public void drop() {
        entries.clear();
    }
}
