package io.basewatch.layeranalyzer;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/** A client of Kafka's for questions, made when the first is asked. Thread-safe. */
final class LazyAdmin implements AutoCloseable {

    private final Map<String, Object> connection;
    private @Nullable Admin admin;

    /**
     * @param connection as Kafka's admin client takes it
     */
    LazyAdmin(Map<String, Object> connection) {
        this.connection = new HashMap<>(connection);
    }

    /**
     * @throws org.apache.kafka.common.KafkaException when none can be made, as a broker's name cannot be found; to be called again
     */
    synchronized Admin get() {
        Admin made = admin;
        if (made == null) {
            made = Admin.create(connection);
            admin = made;
        }
        return made;
    }

    @Override
    public synchronized void close() {
        if (admin != null) {
            admin.close(Duration.ofSeconds(1));
            admin = null;
        }
    }
}
