package io.basewatch.embeddedstore;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.BadValueException;
import de.bwaldvogel.mongo.exception.DuplicateKeyError;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
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
 * <p>It answers equality and {@code $in} on its first fields. Behind these, a range of dates; or when the query says something of all of its fields, a range of {@code _id}. The documents
 * come in the order of what the range is over. It may give documents too many, never too few: the engine looks at each again.
 * It never answers for null, which a missing field equals too.
 *
 * <p>Two dates in one array are refused: one may lie before and the other behind a range which the document then matches.
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
        refuseArrayOfDates(document);
        if (unique) {
            checkUnique(document, position(document), collection);
        }
    }

    @Override
    public void checkUpdate(Document before, Document after, MongoCollection<String> collection) {
        refuseArrayOfDates(after);
        if (unique) {
            checkUnique(after, position(before), collection);
        }
    }

    private void refuseArrayOfDates(Document document) {
        for (String field : fields) {
            Set<Instant> dates = new HashSet<>();
            addDates(document, field, dates);
            if (dates.size() > 1) {
                throw new BadValueException("an index of this store takes no array of dates: " + field
                        + " of the document " + document.get("_id"));
            }
        }
    }

    /** @param path from the value on; empty when it is the value itself */
    private static void addDates(@Nullable Object value, String path, Set<Instant> dates) {
        if (value instanceof Collection<?> elements) {
            elements.forEach(element -> addDates(element, path, dates));
        } else if (value instanceof Document document && !path.isEmpty()) {
            int dot = path.indexOf('.');
            String name = dot < 0 ? path : path.substring(0, dot);
            addDates(document.get(name), dot < 0 ? "" : path.substring(dot + 1), dates);
        } else if (value instanceof Instant date && path.isEmpty()) {
            dates.add(date);
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
     * @param order names of the fields in whose order the entries of one prefix are, {@code _id} last; empty when they are in none that is known
     * @param count of entries to read
     * @param from what the first entry that is wanted has behind its prefix; null for all
     * @param to nor is anything wanted that has more; null for all
     */
    record Scan(
            FieldIndex index,
            List<String> prefixes,
            List<String> order,
            long count,
            @Nullable String from,
            @Nullable String to) {

        private boolean inKeyOrder() {
            return order.size() == 1 && prefixes.size() <= MAX_MERGED;
        }

        /** Whether {@link #positions} come in an order that is asked for. */
        boolean isIn(@Nullable Document asked) {
            return asked != null
                    && (prefixes.size() == 1 || inKeyOrder())
                    && order.equals(List.copyOf(asked.keySet()))
                    && asked.values().stream()
                            .allMatch(direction -> direction instanceof Number number && number.intValue() == 1);
        }

        /** The documents' keys, each once. */
        Iterable<String> positions() {
            List<Iterable<String>> ranges = new ArrayList<>();
            for (String prefix : prefixes) {
                ranges.add(index.new Range(prefix, from, to));
            }
            if (ranges.size() == 1 && !order.isEmpty()) {
                return ranges.get(0);
            }
            if (inKeyOrder()) {
                return () -> new Merged(ranges);
            }
            Set<String> positions = new LinkedHashSet<>();
            ranges.forEach(range -> range.forEach(positions::add));
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
        Conditions.Dates dates = matched < fields.size() ? Conditions.dates(query, fields.get(matched)) : null;
        if (matched == 0 && dates == null) {
            return null;
        }
        String from = null;
        String to = null;
        List<String> order = List.of();
        if (dates != null) {
            from = dates.from();
            to = dates.to();
            order = matched + 1 == fields.size() ? List.of(fields.get(matched), "_id") : List.of();
        } else if (matched == fields.size()) {
            from = Conditions.firstId(query);
            to = Conditions.lastId(query);
            order = List.of("_id");
        }
        long count = 0;
        for (String prefix : prefixes) {
            long first = place(prefix + (from == null ? "" : from));
            count += Math.max(0, place(prefix + (to == null ? "" : to) + KeyEncoding.END) - first);
        }
        return new Scan(this, prefixes, order, count, from, to);
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
