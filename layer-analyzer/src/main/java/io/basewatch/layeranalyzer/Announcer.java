package io.basewatch.layeranalyzer;

import io.basewatch.eventlog.EventLog;
import io.basewatch.eventlog.EventLogUnavailableException;
import io.basewatch.fleetmodel.AnalyzedImage;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.Judgement;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/** Writes to Kafka what the analyzer has to say there. Each method returns after Kafka's acknowledgement, or throws a {@link EventLogUnavailableException}. */
final class Announcer {

    /** Names of bindings in {@code layer-analyzer-bindings.yml}. */
    static final String ANALYZED_BINDING = "analyzer-analyzed";

    static final String DEAD_BINDING = "analyzer-dead";

    static final String BACKFILL_BINDING = "analyzer-backfill";

    /** Header of a dead event of which only the beginning was kept: how many bytes it had. */
    private static final String CUT = "basewatch-cut-from";

    private static final int MAX_BEGINNING = 100_000;

    private final EventLog log;

    Announcer(EventLog log) {
        this.log = log;
    }

    /**
     * Tells what became of an image.
     *
     * @param judgement null when there is none
     */
    void analyzed(ImageAnalysis analysis, @Nullable Judgement judgement) {
        AnalyzedImage told = AnalyzedImage.of(analysis, judgement);
        log.tell(ANALYZED_BINDING, told.key(), told.encode(), told.headers());
    }

    /**
     * Keeps an event that was given up, byte by byte as it came; only its beginning when Kafka would not take it with the headers.
     *
     * @param headers why and where it came from
     */
    void dead(byte @Nullable [] key, byte[] value, Map<String, String> headers) {
        try {
            log.write(DEAD_BINDING, key, value, headers);
        } catch (EventLogUnavailableException e) {
            if (Causes.find(e, RecordTooLargeException.class) == null || value.length <= MAX_BEGINNING) {
                throw e;
            }
            Map<String, String> more = new TreeMap<>(headers);
            more.put(CUT, Integer.toString(value.length));
            log.write(DEAD_BINDING, null, Arrays.copyOf(value, MAX_BEGINNING), more);
        }
    }

    /** Tells an event again, without hurry. */
    void again(ImageEvent event) {
        log.tell(BACKFILL_BINDING, event);
    }
}
