package io.basewatch.fleetmodel;

import java.util.List;

/** The Kafka topics between the services. */
public final class EventTopics {

    /** {@link ImageEvent}s of what changed just now; always served first. */
    public static final String LIVE = "basewatch.images.live";

    /** {@link ImageEvent}s of a first sweep or a re-analysis. */
    public static final String BACKFILL = "basewatch.images.backfill";

    /** Events that could not be handled, as they came, with the reason in the headers; kept without end. */
    public static final String DEAD = "basewatch.images.dead";

    /** What was analyzed, for others to consume. */
    public static final String ANALYZED = "basewatch.images.analyzed";

    private EventTopics() {}

    public static List<String> all() {
        return List.of(LIVE, BACKFILL, DEAD, ANALYZED);
    }
}
