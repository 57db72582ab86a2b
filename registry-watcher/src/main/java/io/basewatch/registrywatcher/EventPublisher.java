package io.basewatch.registrywatcher;

import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEventCodec;
import java.nio.charset.StandardCharsets;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.MessageBuilder;

/** Tells Kafka what happened. */
final class EventPublisher {

    /** Names of bindings in {@code registry-watcher-bindings.yml}, whose producers wait for the acknowledgement of all replicas. */
    static final String LIVE_BINDING = "watcher-live";

    static final String BACKFILL_BINDING = "watcher-backfill";

    /** CloudEvents, Kafka protocol binding, §3.3: what the whole value is, in structured mode. */
    private static final byte[] CONTENT_TYPE = "application/cloudevents+json".getBytes(StandardCharsets.US_ASCII);

    private final StreamBridge bridge;

    EventPublisher(StreamBridge bridge) {
        this.bridge = bridge;
    }

    /**
     * Returns after Kafka has acknowledged the event.
     *
     * @throws PublishingFailedException when it has not, or nobody knows
     */
    void publish(Urgency urgency, ImageEvent event) {
        Message<byte[]> message = MessageBuilder.withPayload(ImageEventCodec.encode(event))
                .setHeader(KafkaHeaders.KEY, ImageEventCodec.key(event).getBytes(StandardCharsets.UTF_8))
                .setHeader("content-type", CONTENT_TYPE)
                .build();
        String binding = switch (urgency) {
            case LIVE -> LIVE_BINDING;
            case BACKFILL -> BACKFILL_BINDING;
        };
        try {
            if (!bridge.send(binding, message)) {
                throw new PublishingFailedException("Kafka did not take an event of " + event.repository(), null);
            }
        } catch (PublishingFailedException e) {
            throw e;
        } catch (RuntimeException e) {
            // Of many kinds: no acknowledgement in time, a broker's name that is not known, a binder that could not
            // start.
            throw new PublishingFailedException(
                    "Kafka did not take an event of " + event.repository() + ": " + rootMessage(e), e);
        }
    }

    private static String rootMessage(Throwable thrown) {
        Throwable root = thrown;
        for (int depth = 0; root.getCause() != null && depth < 20; depth++) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + (root.getMessage() == null ? "" : ": " + root.getMessage());
    }
}
