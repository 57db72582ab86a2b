package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEventCodec;
import io.basewatch.fleetmodel.ModelJson;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.stream.function.StreamOperations;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.MessageBuilder;

/** Writes to Kafka what the analyzer has to say there. Each method returns after Kafka's acknowledgement, or throws a {@link KafkaUnavailableException}. */
final class Announcer {

    /** Names of bindings in {@code layer-analyzer-bindings.yml}. */
    static final String ANALYZED_BINDING = "analyzer-analyzed";

    static final String DEAD_BINDING = "analyzer-dead";

    static final String BACKFILL_BINDING = "analyzer-backfill";

    /** Header of a dead event of which only the beginning was kept: how many bytes it had. */
    private static final String CUT = "basewatch-cut-from";

    private static final int MAX_BEGINNING = 100_000;

    private final StreamOperations bridge;

    Announcer(StreamOperations bridge) {
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
     * Keeps an event that was given up, byte by byte as it came; only its beginning when Kafka would not take it with the headers.
     *
     * @param headers why and where it came from
     */
    void dead(byte @Nullable [] key, byte[] value, Map<String, String> headers) {
        try {
            send(DEAD_BINDING, key, value, headers);
        } catch (KafkaUnavailableException e) {
            if (Causes.find(e, RecordTooLargeException.class) == null || value.length <= MAX_BEGINNING) {
                throw e;
            }
            Map<String, String> more = new TreeMap<>(headers);
            more.put(CUT, Integer.toString(value.length));
            send(DEAD_BINDING, null, Arrays.copyOf(value, MAX_BEGINNING), more);
        }
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
        try {
            if (!bridge.send(binding, built)) {
                throw new IllegalStateException("the binding did not take it");
            }
        } catch (RuntimeException e) {
            throw new KafkaUnavailableException(
                    "Kafka did not take a record for " + binding + ": "
                            + Causes.innermost(e).getMessage(),
                    e);
        }
    }
}
