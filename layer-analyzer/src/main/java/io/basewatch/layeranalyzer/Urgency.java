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

    /** Of all analyzers; each topic has its own, so that what one of them waits for never holds up the other. As in {@code layer-analyzer-bindings.yml}. */
    String group() {
        return "basewatch-analyzer-" + this;
    }

    /** As a metric's label. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
