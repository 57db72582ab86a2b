package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.EventTopics;
import java.util.Locale;

/** The topic an event came by. */
enum Urgency {
    LIVE(EventTopics.LIVE),
    BACKFILL(EventTopics.BACKFILL);

    private final String topic;

    Urgency(String topic) {
        this.topic = topic;
    }

    String topic() {
        return topic;
    }

    /** As a metric's label. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
