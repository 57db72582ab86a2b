package io.basewatch.registrywatcher;

import io.basewatch.eventlog.EventLog;
import io.basewatch.fleetmodel.ImageEvent;

/** Tells Kafka what happened. */
final class EventPublisher {

    /** Names of bindings in {@code registry-watcher-bindings.yml}. */
    static final String LIVE_BINDING = "watcher-live";

    static final String BACKFILL_BINDING = "watcher-backfill";

    private final EventLog log;

    EventPublisher(EventLog log) {
        this.log = log;
    }

    /**
     * Returns after Kafka has acknowledged the event.
     *
     * @throws io.basewatch.eventlog.EventLogUnavailableException when it has not, or nobody knows
     */
    void publish(Urgency urgency, ImageEvent event) {
        log.tell(
                switch (urgency) {
                    case LIVE -> LIVE_BINDING;
                    case BACKFILL -> BACKFILL_BINDING;
                },
                event);
    }
}
