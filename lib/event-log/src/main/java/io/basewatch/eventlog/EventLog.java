package io.basewatch.eventlog;

import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEventCodec;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.stream.function.StreamOperations;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.support.MessageBuilder;

/** Writes to Kafka. Each method returns after Kafka's acknowledgement, or throws an {@link EventLogUnavailableException}. Thread-safe. */
public final class EventLog {

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
        write(binding, key, ImageEventCodec.encode(event), CLOUD_EVENT);
    }

    /**
     * Writes a record as it is.
     *
     * @param binding whose destination is the topic
     * @param key null for none
     */
    public void write(String binding, byte @Nullable [] key, byte[] value, Map<String, String> headers) {
        MessageBuilder<byte[]> message = MessageBuilder.withPayload(value);
        if (key != null) {
            message.setHeader(KafkaHeaders.KEY, key);
        }
        // As bytes, or the header mapper would put them into JSON quotes.
        headers.forEach((name, text) -> message.setHeader(name, text.getBytes(StandardCharsets.UTF_8)));
        try {
            if (!bridge.send(binding, message.build())) {
                throw new IllegalStateException("the binding did not take it");
            }
        } catch (RuntimeException e) {
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
