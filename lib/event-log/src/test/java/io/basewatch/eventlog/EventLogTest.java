package io.basewatch.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEventCodec;
import io.basewatch.fleetmodel.Repository;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.stream.function.StreamOperations;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.Message;
import org.springframework.util.MimeType;

class EventLogTest {

    private static final Digest DIGEST = Digest.parse("sha256:" + "ab".repeat(32));
    private static final ImageEvent EVENT = new ImageEvent.TagRemoved(
            new Repository("r.example.com", "team/app"), "1.0", DIGEST, 7, Instant.parse("2026-11-01T12:00:00Z"));

    private final List<Message<?>> sent = new ArrayList<>();

    /** Kafka's side, as far as this module sees it. */
    private record Bridge(List<Message<?>> sent, Supplier<Boolean> answer) implements StreamOperations {

        @Override
        public boolean send(String binding, Object data) {
            sent.add((Message<?>) data);
            return answer.get();
        }

        @Override
        public boolean send(String binding, Object data, MimeType type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean send(String binding, String binder, Object data) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean send(String binding, String binder, Object data, MimeType type) {
            throw new UnsupportedOperationException();
        }
    }

    private EventLog log(Supplier<Boolean> answer) {
        return new EventLog(new Bridge(sent, answer));
    }

    @Test
    void anEventGoesByItsRepositoryAndIsACloudEventAsAWhole() {
        log(() -> true).tell("somewhere", EVENT);
        assertThat(sent).singleElement().satisfies(message -> {
            assertThat((byte[]) message.getPayload()).isEqualTo(ImageEventCodec.encode(EVENT));
            assertThat((byte[]) message.getHeaders().get(KafkaHeaders.KEY))
                    .isEqualTo("r.example.com/team/app".getBytes(StandardCharsets.UTF_8));
            assertThat((byte[]) message.getHeaders().get("content-type"))
                    .isEqualTo("application/cloudevents+json".getBytes(StandardCharsets.UTF_8));
            assertThat(message.getHeaders()).as("nothing is traced").doesNotContainKey(EventLog.TRACEPARENT);
        });
    }

    @Test
    void whatIsNotAcknowledgedIsAnOutageThatSaysWhyInWhateverItIsWrapped() {
        EventLog failing = log(() -> {
            throw new IllegalStateException(
                    "outer", new IllegalArgumentException("middle", new java.io.IOException("no route to broker")));
        });
        assertThatThrownBy(() -> failing.write("somewhere", null, new byte[1], Map.of()))
                .isInstanceOf(EventLogUnavailableException.class)
                .hasMessageContaining("somewhere")
                .hasMessageContaining("IOException: no route to broker");
    }

    @Test
    void whatTheBindingDoesNotTakeIsAnOutageToo() {
        assertThatThrownBy(() -> log(() -> false).tell("somewhere", EVENT))
                .isInstanceOf(EventLogUnavailableException.class)
                .hasMessageContaining("did not take");
    }
}
