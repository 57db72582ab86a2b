package io.basewatch.embeddedstore;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.AbstractSynchronizedMongoDatabase;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DatabaseResolver;
import de.bwaldvogel.mongo.backend.InMemoryCursor;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.backend.aggregation.Aggregation;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.oplog.Oplog;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/** A database of the file: opens collections and indexes as its maps, and answers what asks for it only when it is durable. */
final class FileDatabase extends AbstractSynchronizedMongoDatabase<String> {

    /** Commands that only read, in lower case; whatever is not among them is taken for a write. */
    private static final Set<String> READS =
            Set.of("find", "count", "distinct", "listcollections", "listindexes", "dbstats", "collstats", "validate");

    /** Read concerns that show nothing which the death of this process would take back. */
    private static final Set<Object> DURABLE_READS = Set.of("majority", "linearizable", "snapshot");

    private final StoreFile file;
    private final CursorRegistry cursors;

    FileDatabase(String name, CursorRegistry cursors, StoreFile file) {
        super(name, cursors);
        this.file = file;
        this.cursors = cursors;
        initializeNamespacesAndIndexes();
    }

    @Override
    public Document handleCommand(
            @Nullable Channel channel, String command, Document query, DatabaseResolver databases, Oplog oplog) {
        try {
            return handle(channel, command, query, databases, oplog);
        } catch (MVStoreException e) {
            throw failed(e);
        }
    }

    /** What befell the file says nothing about the command: with the codes by which MongoDB tells that too. */
    private static RuntimeException failed(MVStoreException e) {
        return switch (e.getErrorCode()) {
            case DataUtils.ERROR_CLOSED ->
                new MongoServerError(91, "ShutdownInProgress", "the store file is closed: " + e.getMessage(), e);
            case DataUtils.ERROR_WRITING_FAILED ->
                new MongoServerError(14031, "OutOfDiskSpace", "the store file cannot be written: " + e.getMessage(), e);
            default -> e;
        };
    }

    private Document handle(
            @Nullable Channel channel, String command, Document query, DatabaseResolver databases, Oplog oplog) {
        if (isRead(command, query)) {
            Document read = file.read(() -> {
                Document answer = command.equalsIgnoreCase("aggregate") ? aggregate(query, databases, oplog) : null;
                return answer != null ? answer : super.handleCommand(channel, command, query, databases, oplog);
            });
            if (query.get("readConcern") instanceof Document concern && DURABLE_READS.contains(concern.get("level"))) {
                file.commit();
            }
            return read;
        }
        Document answer = file.write(() -> super.handleCommand(channel, command, query, databases, oplog));
        if (query.get("writeConcern") instanceof Document concern && Utils.isTrue(concern.get("j"))) {
            file.commit();
        }
        return answer;
    }

    /** As the engine does it, but for a {@code $match} in front, which takes an index; null for what does not begin so. */
    private @Nullable Document aggregate(Document query, DatabaseResolver databases, Oplog oplog) {
        String name = String.valueOf(query.get("aggregate"));
        List<Document> pipeline = Aggregation.parse(query.get("pipeline"));
        if (pipeline.isEmpty()
                || !(pipeline.get(0).get("$match") instanceof Document match)
                || !(resolveCollection(name, false) instanceof FileCollection collection)) {
            return null;
        }
        Aggregation aggregation = Aggregation.fromPipeline(pipeline, databases, this, collection, oplog);
        aggregation.validate(query);
        List<Document> rows = aggregation.runStages(collection.candidates(match));
        int batch = query.get("cursor") instanceof Document cursor && cursor.get("batchSize") instanceof Number size
                ? size.intValue()
                : 0;
        // All rows of a large fleet are more than one message may have.
        boolean isMore = batch > 0 && rows.size() > batch;
        InMemoryCursor rest =
                isMore ? new InMemoryCursor(cursors.generateCursorId(), rows.subList(batch, rows.size())) : null;
        if (rest != null) {
            cursors.add(rest);
        }
        Document answer = new Document(
                "cursor",
                new Document("id", rest == null ? 0L : rest.getId())
                        .append("ns", collection.getFullName())
                        .append("firstBatch", isMore ? rows.subList(0, batch) : rows));
        Utils.markOkay(answer);
        return answer;
    }

    private static boolean isRead(String command, Document query) {
        if (command.equalsIgnoreCase("aggregate")) {
            return query.get("pipeline") instanceof List<?> stages
                    && stages.stream()
                            .noneMatch(stage -> stage instanceof Document document
                                    && (document.containsKey("$out") || document.containsKey("$merge")));
        }
        return READS.contains(command.toLowerCase(Locale.ROOT));
    }

    private MVMap<String, byte[]> documents(String collection) {
        return file.documents("documents/" + databaseName + "/" + collection);
    }

    private String indexMap(String collection, String index) {
        return "index/" + databaseName + "/" + collection + "/" + index;
    }

    @Override
    protected MongoCollection<String> openOrCreateCollection(String name, CollectionOptions options) {
        return new FileCollection(this, name, options, documents(name), cursorRegistry);
    }

    @Override
    protected Index<String> openOrCreateUniqueIndex(
            String collection, String name, List<IndexKey> keys, boolean sparse) {
        if (keys.size() == 1 && keys.get(0).getKey().equals("_id")) {
            return new IdIndex(name, keys, documents(collection));
        }
        return new FieldIndex(name, keys, true, sparse, file.entries(indexMap(collection, name)));
    }

    @Override
    protected Index<String> openOrCreateSecondaryIndex(
            String collection, String name, List<IndexKey> keys, boolean sparse) {
        return new FieldIndex(name, keys, false, sparse, file.entries(indexMap(collection, name)));
    }

    boolean isConsistent() {
        for (Document namespace : resolveCollection("system.namespaces", true).queryAll()) {
            String collection = String.valueOf(namespace.get("name")).substring(databaseName.length() + 1);
            if (!((FileCollection) resolveCollection(collection, true)).isConsistent()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void dropCollection(String name, Oplog oplog) {
        super.dropCollection(name, oplog);
        file.remove("documents/" + databaseName + "/" + name);
        file.removeAll(indexMap(name, ""));
    }

    @Override
    public void drop(Oplog oplog) {
        super.drop(oplog);
        file.removeAll("documents/" + databaseName + "/");
        file.removeAll("index/" + databaseName + "/");
    }

    @Override
    public void moveCollection(MongoDatabase from, MongoCollection<?> collection, String name) {
        throw new UnsupportedOperationException("the embedded store does not rename collections");
    }

    @Override
    protected long getStorageSize() {
        return file.size();
    }

    @Override
    protected long getFileSize() {
        return file.size();
    }
}
