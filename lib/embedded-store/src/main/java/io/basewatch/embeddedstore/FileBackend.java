package io.basewatch.embeddedstore;

import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.AbstractMongoBackend;

/** The databases of one file. */
final class FileBackend extends AbstractMongoBackend {

    private final StoreFile file;

    FileBackend(StoreFile file) {
        this.file = file;
        for (String database : file.databases()) {
            resolveDatabase(database);
        }
    }

    @Override
    protected MongoDatabase openOrCreateDatabase(String name) {
        return new FileDatabase(name, getCursorRegistry(), file);
    }

    boolean isConsistent() {
        return listDatabaseNames().stream()
                .map(name -> (FileDatabase) resolveDatabase(name))
                .allMatch(FileDatabase::isConsistent);
    }

    @Override
    public void close() {
        super.close();
        file.close();
    }
}
