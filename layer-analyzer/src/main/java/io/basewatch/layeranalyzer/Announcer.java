package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEventCodec;
import io.basewatch.fleetmodel.ModelJson;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.MessageBuilder;

/** Writes to Kafka what the analyzer has to say there. Each method returns after Kafka's acknowledgement, or throws. */
final class Announcer {

    /** Names of bindings in {@code layer-analyzer-bindings.yml}. */
    static final String ANALYZED_BINDING = "analyzer-analyzed";

    static final String DEAD_BINDING = "analyzer-dead";

    static final String BACKFILL_BINDING = "analyzer-backfill";

    private final StreamBridge bridge;

    Announcer(StreamBridge bridge) {
        this.bridge = bridge;
    }

    /**
     * One line about a stored analysis.
     *
     * @param distro for people, such as {@code alpine 3.20}; null when the files do not say
     * @param libc family of the system's
     */
    record Analyzed(String digest, String status, @Nullable String distro, String libc, String analyzerVersion) {

        static Analyzed of(ImageAnalysis analysis) {
            Distro distro = analysis.fingerprint().distro();
            return new Analyzed(
                    analysis.digest().toString(),
                    analysis.status().toString(),
                    distro == null ? null : distro.id() + (distro.version() == null ? "" : " " + distro.version()),
                    analysis.fingerprint().systemLibc().family().toString(),
                    analysis.analyzerVersion());
        }
    }

    void analyzed(ImageAnalysis analysis) {
        Analyzed line = Analyzed.of(analysis);
        send(ANALYZED_BINDING, line.digest().getBytes(StandardCharsets.UTF_8), ModelJson.writeBytes(line), Map.of());
    }

    /**
     * Keeps an event that was given up, byte by byte as it came.
     *
     * @param headers why and where it came from
     */
    void dead(byte @Nullable [] key, byte[] value, Map<String, String> headers) {
        send(DEAD_BINDING, key, value, headers);
    }

    /** Tells an event again, without hurry. */
    void again(ImageEvent event) {
        send(
                BACKFILL_BINDING,
                ImageEventCodec.key(event).getBytes(StandardCharsets.UTF_8),
                ImageEventCodec.encode(event),
                Map.of());
    }

    private void send(String binding, byte @Nullable [] key, byte[] value, Map<String, String> headers) {
        MessageBuilder<byte[]> message = MessageBuilder.withPayload(value);
        if (key != null) {
            message.setHeader(KafkaHeaders.KEY, key);
        }
        // As bytes, or the header mapper would put them into JSON quotes.
        headers.forEach((name, text) -> message.setHeader(name, text.getBytes(StandardCharsets.UTF_8)));
        Message<byte[]> built = message.build();
        if (!bridge.send(binding, built)) {
            throw new IllegalStateException("Kafka did not take a record for " + binding);
        }
    }
}
