package io.basewatch.embeddedstore;

import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.AbstractSynchronizedMongoCollection;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DocumentWithPosition;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.jspecify.annotations.Nullable;

/**
 * Documents as BSON bytes in one ordered map, by the key of their {@code _id}. Every read decodes anew: the engine changes documents in
 * place, and what is kept must not change under a reader, or under the thread that writes it to the file.
 */
final class FileCollection extends AbstractSynchronizedMongoCollection<String> {

    private final MVMap<String, byte[]> documents;

    FileCollection(
            MongoDatabase database,
            String name,
            CollectionOptions options,
            MVMap<String, byte[]> documents,
            CursorRegistry cursors) {
        super(database, name, options, cursors);
        this.documents = documents;
    }

    private static byte[] encode(Document document) {
        ByteBuf buffer = Unpooled.buffer(512);
        BsonEncoder.encodeDocument(document, buffer);
        return ByteBufUtil.getBytes(buffer);
    }

    @Override
    protected String addDocumentInternal(Document document) {
        String field = getIdField();
        Object id = field == null ? UUID.randomUUID() : document.get(field);
        String position = KeyEncoding.ofId(id);
        documents.put(position, encode(document));
        return position;
    }

    @Override
    protected void handleUpdate(String position, Document before, Document after) {
        documents.put(position, encode(after));
    }

    @Override
    protected void removeDocument(String position) {
        if (documents.remove(position) == null) {
            throw new NoSuchElementException("no document with the key " + position);
        }
    }

    @Override
    protected @Nullable Document getDocument(String position) {
        return getDocument(position, null);
    }

    private @Nullable Document getDocument(String position, @Nullable Set<String> read) {
        byte[] bytes = documents.get(position);
        return bytes == null ? null : StoredBson.decode(bytes, read);
    }

    @Override
    public int count() {
        return documents.size();
    }

    @Override
    public boolean isEmpty() {
        return documents.isEmpty();
    }

    @Override
    protected boolean tracksDataSize() {
        return false;
    }

    @Override
    protected void updateDataSize(int delta) {}

    @Override
    protected int getDataSize() {
        return 0;
    }

    /**
     * @param query of whose {@code _id} the lowest and the highest are where it begins and ends
     * @param isDescending whether it begins with the highest
     * @param read fields that are read of each; null for all
     */
    private Stream<Document> stream(Document query, boolean isDescending, @Nullable Set<String> read) {
        String lowest = Conditions.firstId(query);
        String highest = Conditions.lastId(query);
        return stream(
                        documents.cursor(
                                isDescending ? highest : lowest, isDescending ? lowest : highest, isDescending),
                        read)
                .map(DocumentWithPosition::getDocument);
    }

    private Stream<DocumentWithPosition<String>> stream(Cursor<String, byte[]> cursor, @Nullable Set<String> read) {
        Iterator<DocumentWithPosition<String>> decoded = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return cursor.hasNext();
            }

            @Override
            public DocumentWithPosition<String> next() {
                String position = cursor.next();
                return new DocumentWithPosition<>(StoredBson.decode(cursor.getValue(), read), position);
            }
        };
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(decoded, Spliterator.ORDERED), false);
    }

    @Override
    protected Stream<DocumentWithPosition<String>> streamAllDocumentsWithPosition() {
        return stream(documents.cursor(null), null);
    }

    /** What aggregations begin with: one document after the other instead of all of them at once. */
    @Override
    public Stream<Document> queryAllAsStream() {
        return streamAllDocumentsWithPosition().map(DocumentWithPosition::getDocument);
    }

    /** By the index that leaves the fewest documents to look at; without sorting where that index has the order. */
    @Override
    protected QueryResult queryDocuments(
            Document query, @Nullable Document orderBy, int skip, int limit, int batchSize, @Nullable Document fields) {
        Iterable<String> ids = byId(query);
        if (ids != null) {
            return match(ids, Conditions.besideId(query), orderBy, skip, limit, batchSize, fields);
        }
        FieldIndex.Scan scan = bestScan(query, orderBy);
        if (scan == null) {
            return matchDocuments(query, orderBy, skip, limit, batchSize, fields);
        }
        Document order = scan.isIn(orderBy) ? null : orderBy;
        return match(scan.positions(), query, order, skip, limit, batchSize, fields);
    }

    /** Documents among which are all that match, for who looks at each of them himself. */
    Stream<Document> candidates(Document query) {
        Iterable<String> positions = byId(query);
        if (positions == null) {
            FieldIndex.Scan scan = bestScan(query, null);
            positions = scan == null ? null : scan.positions();
        }
        return positions == null ? stream(query, false, null) : documentsAt(positions, null);
    }

    private @Nullable Iterable<String> byId(Document query) {
        for (Index<String> index : getIndexes()) {
            if (index instanceof IdIndex && index.canHandle(query)) {
                return index.getPositions(query);
            }
        }
        return null;
    }

    /** Of several that leave as many, one in the order that is asked for: it needs no sorting, and ends with the page. */
    private FieldIndex.@Nullable Scan bestScan(Document query, @Nullable Document orderBy) {
        FieldIndex.Scan best = null;
        for (Index<String> index : getIndexes()) {
            FieldIndex.Scan scan = index instanceof FieldIndex fieldIndex ? fieldIndex.scan(query) : null;
            if (scan != null
                    && (best == null
                            || scan.count() < best.count()
                            || (scan.count() == best.count() && scan.isIn(orderBy) && !best.isIn(orderBy)))) {
                best = scan;
            }
        }
        return best;
    }

    private Stream<Document> documentsAt(Iterable<String> positions, @Nullable Set<String> read) {
        return StreamSupport.stream(positions.spliterator(), false)
                .map(position -> getDocument(position, read))
                .filter(Objects::nonNull);
    }

    private QueryResult match(
            Iterable<String> positions,
            Document query,
            @Nullable Document orderBy,
            int skip,
            int limit,
            int batchSize,
            @Nullable Document fields) {
        Set<String> read = Conditions.fieldsOf(query, orderBy, fields);
        return matchDocumentsFromStream(documentsAt(positions, read), query, orderBy, skip, limit, batchSize, fields);
    }

    /** Reads all documents, or those between the query's lowest and highest {@code _id}. */
    @Override
    protected QueryResult matchDocuments(
            Document query, @Nullable Document orderBy, int skip, int limit, int batchSize, @Nullable Document fields) {
        boolean isDescending = isNaturalDescending(orderBy) || isById(orderBy, -1);
        Document order = isDescending || isById(orderBy, 1) ? null : orderBy;
        Set<String> read = Conditions.fieldsOf(query, order, fields);
        return matchDocumentsFromStream(
                stream(query, isDescending, read), query, order, skip, limit, batchSize, fields);
    }

    /** @param direction 1 ascending, -1 descending */
    private static boolean isById(@Nullable Document orderBy, int direction) {
        return orderBy != null
                && orderBy.size() == 1
                && orderBy.get("_id") instanceof Number asked
                && asked.intValue() == direction;
    }

    /** Whether every index has exactly the entries that the documents say. */
    synchronized boolean isConsistent() {
        for (Index<String> each : getIndexes()) {
            if (each instanceof FieldIndex index) {
                long expected = streamAllDocumentsWithPosition()
                        .mapToLong(found -> {
                            long missing = 0;
                            for (String values : index.valuesOf(found.getDocument())) {
                                missing += index.allEntries().contains(values + found.getPosition()) ? 1 : -1_000_000;
                            }
                            return missing;
                        })
                        .sum();
                if (expected != index.getCount()) {
                    return false;
                }
            }
        }
        return true;
    }
}
