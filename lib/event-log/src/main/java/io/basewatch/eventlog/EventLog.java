package io.basewatch.eventlog;

import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEventCodec;
import io.basewatch.tracing.Step;
import io.basewatch.tracing.What;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.stream.function.StreamOperations;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.support.MessageBuilder;

/**
 * Writes to Kafka. Each method returns after Kafka's acknowledgement, or throws an {@link EventLogUnavailableException}. Thread-safe. Where that is traced, what is written names its
 * step: in a header, and as CloudEvents' extension for distributed tracing.
 */
public final class EventLog {

    /** W3C's Trace Context, as a header of Kafka: the step that a record came from. Not there where nothing is traced. */
    public static final String TRACEPARENT = "traceparent";

    /** The same of a CloudEvent in binary mode. */
    private static final String EVENTS_TRACEPARENT = "ce_traceparent";

    /** CloudEvents, Kafka protocol binding, §3.3: what the whole value is, in structured mode. */
    private static final Map<String, String> CLOUD_EVENT = Map.of("content-type", "application/cloudevents+json");

    /** Deeper than any exception is wrapped; a circle of causes ends here. */
    private static final int DEPTH = 20;

    private final StreamOperations bridge;

    public EventLog(StreamOperations bridge) {
        this.bridge = bridge;
    }

    /**
     * Tells an event.
     *
     * @param binding whose destination is the topic
     */
    public void tell(String binding, ImageEvent event) {
        byte[] key = ImageEventCodec.key(event).getBytes(StandardCharsets.UTF_8);
        try (Step step = Step.begin(What.EVENT_TELL)) {
            String traceparent = step.traceparent().orElse(null);
            send(binding, key, ImageEventCodec.encode(event, traceparent), CLOUD_EVENT, traceparent);
        }
    }

    /**
     * Tells what became of something, in binary mode.
     *
     * @param binding whose destination is the topic
     * @param event headers of the CloudEvent
     */
    public void tell(String binding, byte[] key, byte[] value, Map<String, String> event) {
        try (Step step = Step.begin(What.RESULT_TELL)) {
            String traceparent = step.traceparent().orElse(null);
            Map<String, String> headers = new TreeMap<>(event);
            if (traceparent != null) {
                headers.put(EVENTS_TRACEPARENT, traceparent);
            }
            send(binding, key, value, headers, traceparent);
        }
    }

    /**
     * Writes a record as it is.
     *
     * @param binding whose destination is the topic
     * @param key null for none
     */
    public void write(String binding, byte @Nullable [] key, byte[] value, Map<String, String> headers) {
        send(binding, key, value, headers, Step.inHand().traceparent().orElse(null));
    }

    private void send(
            String binding,
            byte @Nullable [] key,
            byte[] value,
            Map<String, String> headers,
            @Nullable String traceparent) {
        MessageBuilder<byte[]> message = MessageBuilder.withPayload(value);
        if (key != null) {
            message.setHeader(KafkaHeaders.KEY, key);
        }
        // As bytes, or the header mapper would put them into JSON quotes.
        headers.forEach((name, text) -> message.setHeader(name, text.getBytes(StandardCharsets.UTF_8)));
        if (traceparent != null) {
            message.setHeader(TRACEPARENT, traceparent.getBytes(StandardCharsets.UTF_8));
        }
        try {
            if (!bridge.send(binding, message.build())) {
                throw new IllegalStateException("the binding did not take it");
            }
        } catch (RuntimeException e) {
            Step.inHand().failed(e);
            // Of many kinds: no acknowledgement in time, a broker's name that is not known, a binder that could not
            // start.
            throw new EventLogUnavailableException(
                    "Kafka did not take a record for " + binding + ": " + innermost(e), e);
        }
    }

    private static String innermost(Throwable thrown) {
        Throwable root = thrown;
        for (int depth = 0; root.getCause() != null && depth < DEPTH; depth++) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + (root.getMessage() == null ? "" : ": " + root.getMessage());
    }
}
