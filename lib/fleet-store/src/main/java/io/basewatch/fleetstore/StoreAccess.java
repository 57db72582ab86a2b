package io.basewatch.fleetstore;

import io.basewatch.fleetstore.StoreDatabases.Gate;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * The store as the doors use it, once its documents and indexes are as this program knows them; before that, and when they are no longer,
 * whatever is asked is a {@link StoreUnavailableException} that says why.
 */
final class StoreAccess {

    private final MongoTemplate ungated;
    private final MongoTemplate mongo;
    private final Gate gate = new Gate();

    StoreAccess(MongoTemplate template) {
        this.ungated = FleetDatabase.durable(template);
        this.mongo = new MongoTemplate(
                StoreDatabases.behind(gate, template.getMongoDatabaseFactory()), template.getConverter());
    }

    /** For the doors. */
    MongoTemplate mongo() {
        return mongo;
    }

    /** For who looks at the schema, or only whether the store answers. */
    MongoTemplate ungated() {
        return ungated;
    }

    Gate gate() {
        return gate;
    }
}
