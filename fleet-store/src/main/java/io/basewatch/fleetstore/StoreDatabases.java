package io.basewatch.fleetstore;

import com.mongodb.ClientSessionOptions;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoDatabase;
import org.bson.codecs.configuration.CodecRegistry;
import org.springframework.dao.support.PersistenceExceptionTranslator;
import org.springframework.data.mongodb.MongoDatabaseFactory;

/** Where all doors get their database from: the one place that says how the store is spoken to and what its exceptions mean. */
final class StoreDatabases implements MongoDatabaseFactory {

    private final MongoDatabaseFactory databases;
    private final PersistenceExceptionTranslator outages = new Outages();

    private StoreDatabases(MongoDatabaseFactory databases) {
        this.databases = databases;
    }

    static StoreDatabases of(MongoDatabaseFactory databases) {
        return databases instanceof StoreDatabases already ? already : new StoreDatabases(databases);
    }

    @Override
    public MongoDatabase getMongoDatabase() {
        return databases.getMongoDatabase();
    }

    @Override
    public MongoDatabase getMongoDatabase(String name) {
        return databases.getMongoDatabase(name);
    }

    @Override
    public PersistenceExceptionTranslator getExceptionTranslator() {
        return outages;
    }

    @Override
    public CodecRegistry getCodecRegistry() {
        return databases.getCodecRegistry();
    }

    @Override
    public ClientSession getSession(ClientSessionOptions options) {
        return databases.getSession(options);
    }

    @Override
    public MongoDatabaseFactory withSession(ClientSession session) {
        return new StoreDatabases(databases.withSession(session));
    }
}
