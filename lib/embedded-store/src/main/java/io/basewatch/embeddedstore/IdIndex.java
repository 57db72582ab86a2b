package io.basewatch.embeddedstore;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.DuplicateKeyError;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.h2.mvstore.MVMap;

/** The index of {@code _id}: the documents' own map, which has that key. */
final class IdIndex extends Index<String> {

    private final MVMap<String, byte[]> documents;

    IdIndex(String name, List<IndexKey> keys, MVMap<String, byte[]> documents) {
        super(name, keys, false);
        this.documents = documents;
    }

    @Override
    public String getPosition(Document document) {
        return KeyEncoding.ofId(document.get("_id"));
    }

    @Override
    public void checkAdd(Document document, MongoCollection<String> collection) {
        if (documents.containsKey(getPosition(document))) {
            throw new DuplicateKeyError(
                    this,
                    collection,
                    getKeys(),
                    getKeyValues(document).iterator().next());
        }
    }

    @Override
    public void add(Document document, String position, MongoCollection<String> collection) {}

    @Override
    public String remove(Document document) {
        return getPosition(document);
    }

    @Override
    public void checkUpdate(Document before, Document after, MongoCollection<String> collection) {}

    @Override
    public void updateInPlace(Document before, Document after, String position, MongoCollection<String> collection) {}

    @Override
    public boolean canHandle(Document query) {
        return Conditions.equalTo(query, "_id") != null;
    }

    @Override
    public Iterable<String> getPositions(Document query) {
        Set<String> positions = new LinkedHashSet<>();
        List<Object> ids = Conditions.equalTo(query, "_id");
        if (ids != null) {
            ids.forEach(id -> positions.add(KeyEncoding.ofId(id)));
        }
        return positions;
    }

    @Override
    public boolean isUnique() {
        return true;
    }

    @Override
    public boolean isEmpty() {
        // There is nothing to fill it with.
        return false;
    }

    @Override
    public long getCount() {
        return documents.sizeAsLong();
    }

    @Override
    public long getDataSize() {
        return 0;
    }

    @Override
    public void drop() {}
}
