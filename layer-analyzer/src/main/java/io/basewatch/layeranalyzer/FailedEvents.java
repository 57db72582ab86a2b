package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Reason;
import io.basewatch.layeranalyzer.AnalyzerSettings.Retries;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.util.backoff.BackOff;
import org.springframework.util.backoff.ExponentialBackOff;
import org.springframework.util.backoff.FixedBackOff;

/**
 * What happens to an event that was not handled: what no try can change goes to the dead topic at once, what the registry may give later is
 * tried some times with growing pauses, and what the store does not take is tried for much longer, since it is no fault of the event. At the
 * end of the tries what is known of the image is stored as the failure it is, and the event goes to the dead topic. Only when both are
 * acknowledged is the record.
 */
final class FailedEvents {

    /** Headers of a dead event, UTF-8. The code is one of {@link Reason.Code}; the problem is for people. */
    static final String REASON = "basewatch-reason";

    static final String PROBLEM = "basewatch-problem";
    static final String TOPIC = "basewatch-topic";
    static final String PARTITION = "basewatch-partition";
    static final String OFFSET = "basewatch-offset";

    private static final Logger log = LoggerFactory.getLogger(FailedEvents.class);

    private static final int MAX_PROBLEM = 4_000;

    private final Retries retries;
    private final EventHandler events;
    private final Announcer announcer;
    private final AnalyzerMetrics metrics;

    FailedEvents(Retries retries, EventHandler events, Announcer announcer, AnalyzerMetrics metrics) {
        this.retries = retries;
        this.events = events;
        this.announcer = announcer;
        this.metrics = metrics;
    }

    DefaultErrorHandler handler() {
        DefaultErrorHandler handler = new DefaultErrorHandler(this::bury);
        handler.setBackOffFunction((record, thrown) -> pauses(thrown));
        // One line of our own tells it; the stack of an expected failure helps nobody.
        handler.setLogLevel(KafkaException.Level.DEBUG);
        handler.setRetryListeners((record, thrown, attempt) -> {
            if (!isFinal(thrown)) {
                log.warn(
                        "event not handled topic={} partition={} offset={} attempt={} problem=\"{}\"",
                        record.topic(),
                        record.partition(),
                        record.offset(),
                        attempt,
                        problem(thrown));
            }
        });
        return handler;
    }

    private BackOff pauses(@Nullable Exception thrown) {
        if (isFinal(thrown)) {
            return new FixedBackOff(0, 0);
        }
        ExponentialBackOff pauses = new ExponentialBackOff(retries.firstPause().toMillis(), 2);
        pauses.setMaxInterval(retries.longestPause().toMillis());
        pauses.setJitter(retries.firstPause().toMillis() / 4);
        if (cause(thrown, AnalysisFailedException.class) != null) {
            pauses.setMaxAttempts(retries.attempts() - 1);
        } else {
            pauses.setMaxElapsedTime(retries.storePatience().toMillis());
        }
        return pauses;
    }

    private static boolean isFinal(@Nullable Exception thrown) {
        AnalysisFailedException failed = cause(thrown, AnalysisFailedException.class);
        return failed != null ? !failed.outcome().again() : cause(thrown, UndecodableEventException.class) != null;
    }

    private void bury(ConsumerRecord<?, ?> record, Exception thrown) {
        AnalysisFailedException failed = cause(thrown, AnalysisFailedException.class);
        Reason.Code code = Reason.Code.INTERNAL_ERROR;
        if (failed != null) {
            events.store(failed.outcome().analysis(), failed.outcome().basis());
            code = failed.outcome().analysis().reasons().get(0).code();
        } else if (cause(thrown, UndecodableEventException.class) != null) {
            code = Reason.Code.UNSUPPORTED_FORMAT;
        }
        Map<String, String> headers = new TreeMap<>();
        headers.put(REASON, code.toString());
        headers.put(PROBLEM, problem(thrown));
        headers.put(TOPIC, record.topic());
        headers.put(PARTITION, Integer.toString(record.partition()));
        headers.put(OFFSET, Long.toString(record.offset()));
        byte[] value = record.value() instanceof byte[] bytes ? bytes : new byte[0];
        announcer.dead(record.key() instanceof byte[] key ? key : null, value, headers);
        metrics.buried();
        log.warn(
                "event given up topic={} partition={} offset={} reason={} problem=\"{}\"",
                record.topic(),
                record.partition(),
                record.offset(),
                code,
                headers.get(PROBLEM));
    }

    private static <T extends Throwable> @Nullable T cause(@Nullable Throwable thrown, Class<T> type) {
        Throwable at = thrown;
        for (int depth = 0; at != null && depth < 20; depth++) {
            if (type.isInstance(at)) {
                return type.cast(at);
            }
            at = at.getCause();
        }
        return null;
    }

    /** Messages of our own exceptions are fit for people; of all others, kind and message of the innermost. */
    private static String problem(@Nullable Throwable thrown) {
        if (thrown == null) {
            return "unknown";
        }
        Throwable ours = cause(thrown, AnalysisFailedException.class);
        if (ours == null) {
            ours = cause(thrown, UndecodableEventException.class);
        }
        Throwable innermost = thrown;
        for (int depth = 0; innermost.getCause() != null && depth < 20; depth++) {
            innermost = innermost.getCause();
        }
        String text = ours != null
                ? String.valueOf(ours.getMessage())
                : innermost.getClass().getSimpleName() + ": " + innermost.getMessage();
        String line = text.replaceAll("\\p{Cntrl}", " ");
        return line.length() <= MAX_PROBLEM ? line : line.substring(0, MAX_PROBLEM) + "…";
    }
}
