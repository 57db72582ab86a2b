package io.basewatch.layeranalyzer;

import io.basewatch.eventlog.EventLogUnavailableException;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetstore.StoreUnavailableException;
import io.basewatch.layeranalyzer.AnalyzerSettings.Retries;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.MessageListenerContainer;

/**
 * What happens to an event that was not handled. An outage of the store or of Kafka is no fault of the event: it is tried for as long as that
 * lasts. What the registry may give in a moment, and what broke in this program, is tried some times. At the end of the tries what is known of
 * the image is stored as the failure it is; what time may heal is then looked at again by {@link SecondLooks}, and only an event that is itself
 * at fault, or broke this program, goes to the dead topic. Only when all of that is acknowledged is the record, and an outage in the middle of
 * it is one as any other.
 *
 * <p>Between two tries the consumer polls, so that it stays in its group and gives up what it must: no pause is longer than the longest one.
 */
final class FailedEvents implements CommonErrorHandler {

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
    private final Pauses pauses;
    private final Map<TopicPartition, Tries> tries = new ConcurrentHashMap<>();

    FailedEvents(Retries retries, EventHandler events, Announcer announcer, AnalyzerMetrics metrics, Pauses pauses) {
        this.retries = retries;
        this.events = events;
        this.announcer = announcer;
        this.metrics = metrics;
        this.pauses = pauses;
    }

    /** How time passes between two tries. */
    interface Pauses {
        /** Returns after this time, or soon after it is no longer wanted. */
        void pause(Duration time, BooleanSupplier wanted) throws InterruptedException;

        Pauses REAL = (time, wanted) -> {
            long until = System.nanoTime() + time.toNanos();
            for (long left = time.toNanos(); left > 0 && wanted.getAsBoolean(); left = until - System.nanoTime()) {
                Thread.sleep(Math.min(100, 1 + left / 1_000_000));
            }
        };
    }

    /**
     * Of the record at this offset, the first that its partition has left.
     *
     * @param faults tries that failed by the event, its image or this program
     * @param outages in a row since then
     */
    private record Tries(long offset, int faults, int outages) {

        Tries fault() {
            return new Tries(offset, faults + 1, 0);
        }

        Tries outage() {
            return new Tries(offset, faults, outages + 1);
        }
    }

    /** So that the container gives the record and all that follow it to {@link #handleRemaining}. */
    @Override
    public boolean seeksAfterHandling() {
        return true;
    }

    @Override
    public void handleRemaining(
            Exception thrown,
            List<ConsumerRecord<?, ?>> records,
            Consumer<?, ?> consumer,
            MessageListenerContainer container) {
        ConsumerRecord<?, ?> record = records.get(0);
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        Tries before = tries.get(partition);
        if (before == null || before.offset() != record.offset()) {
            before = new Tries(record.offset(), 0, 0);
        }
        Tries now = isOutage(thrown) ? before.outage() : before.fault();
        Exception problem = thrown;
        if (!isOutage(thrown) && !mayBeTriedAgain(thrown, now.faults())) {
            try {
                giveUp(record, thrown);
                tries.remove(partition);
                seek(records.subList(1, records.size()), consumer);
                return;
            } catch (RuntimeException e) {
                now = now.outage();
                problem = e;
            }
        }
        tries.put(partition, now);
        seek(records, consumer);
        Duration pause = retries.pauses().next(Math.max(now.outages(), now.faults()) - 1);
        log.warn(
                "event not handled, trying again topic={} partition={} offset={} tries={} pause={} problem=\"{}\"",
                record.topic(),
                record.partition(),
                record.offset(),
                now.faults() + now.outages(),
                pause,
                problem(problem));
        try {
            pauses.pause(pause, container::isRunning);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new KafkaException("the record comes again", KafkaException.Level.DEBUG, problem);
    }

    @Override
    public void handleOtherException(
            Exception thrown, Consumer<?, ?> consumer, MessageListenerContainer container, boolean batchListener) {
        log.warn("consumer goes on after a failure outside of any event problem=\"{}\"", problem(thrown));
    }

    private static void seek(List<? extends ConsumerRecord<?, ?>> records, Consumer<?, ?> consumer) {
        Map<TopicPartition, Long> first = new LinkedHashMap<>();
        records.forEach(
                record -> first.putIfAbsent(new TopicPartition(record.topic(), record.partition()), record.offset()));
        first.forEach(consumer::seek);
    }

    /** Whether it says nothing about what was done: store or Kafka are away, or the process ends. */
    static boolean isOutage(Throwable thrown) {
        return Causes.find(thrown, StoreUnavailableException.class) != null
                || Causes.find(thrown, EventLogUnavailableException.class) != null
                || Causes.find(thrown, LiveFirst.StoppedException.class) != null
                || Causes.find(thrown, InterruptedException.class) != null;
    }

    private boolean mayBeTriedAgain(Throwable thrown, int faults) {
        AnalysisFailedException failed = Causes.find(thrown, AnalysisFailedException.class);
        boolean helps = failed != null
                ? failed.outcome().again()
                : Causes.find(thrown, UndecodableEventException.class) == null;
        return helps && faults < retries.attempts();
    }

    private void giveUp(ConsumerRecord<?, ?> record, Exception thrown) {
        AnalysisFailedException failed = Causes.find(thrown, AnalysisFailedException.class);
        if (failed != null) {
            ImageAnalysis analysis = failed.outcome().analysis();
            events.store(failed.outcome());
            if (analysis.settled() || analysis.mayHeal()) {
                return;
            }
            bury(record, analysis.reasons().get(0).code(), thrown);
        } else if (Causes.find(thrown, UndecodableEventException.class) != null) {
            bury(record, Reason.Code.UNSUPPORTED_FORMAT, thrown);
        } else {
            log.error("handling an event broke topic={} offset={}", record.topic(), record.offset(), thrown);
            storeBroken(record, thrown);
            bury(record, Reason.Code.INTERNAL_ERROR, thrown);
        }
    }

    private void storeBroken(ConsumerRecord<?, ?> record, Exception thrown) {
        try {
            events.storeBroken(value(record), thrown);
        } catch (RuntimeException e) {
            if (isOutage(e)) {
                throw e;
            }
            // What broke may be the storing itself: the event is kept all the same.
            log.error("nothing stored of the image that broke offset={}", record.offset(), e);
        }
    }

    private void bury(ConsumerRecord<?, ?> record, Reason.Code code, Exception thrown) {
        Map<String, String> headers = new TreeMap<>();
        headers.put(REASON, code.toString());
        headers.put(PROBLEM, problem(thrown));
        headers.put(TOPIC, record.topic());
        headers.put(PARTITION, Integer.toString(record.partition()));
        headers.put(OFFSET, Long.toString(record.offset()));
        announcer.dead(record.key() instanceof byte[] key ? key : null, value(record), headers);
        metrics.buried();
        log.warn(
                "event given up topic={} partition={} offset={} reason={} problem=\"{}\"",
                record.topic(),
                record.partition(),
                record.offset(),
                code,
                headers.get(PROBLEM));
    }

    private static byte[] value(ConsumerRecord<?, ?> record) {
        return record.value() instanceof byte[] bytes ? bytes : new byte[0];
    }

    /** Messages of our own exceptions are fit for people; of all others, kind and message of the innermost. */
    private static String problem(@Nullable Throwable thrown) {
        if (thrown == null) {
            return "unknown";
        }
        Throwable ours = Causes.find(thrown, AnalysisFailedException.class);
        if (ours == null) {
            ours = Causes.find(thrown, UndecodableEventException.class);
        }
        Throwable innermost = Causes.innermost(thrown);
        String text = ours != null
                ? String.valueOf(ours.getMessage())
                : innermost.getClass().getSimpleName() + ": " + innermost.getMessage();
        String line = text.replaceAll("\\p{Cntrl}", " ");
        return line.length() <= MAX_PROBLEM ? line : line.substring(0, MAX_PROBLEM) + "…";
    }
}
