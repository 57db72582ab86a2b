package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.errors.AuthenticationException;
import org.junit.jupiter.api.Test;

class LeaveOnCloseTest {

    private final MockConsumer<byte[], byte[]> client = new MockConsumer<>("earliest");
    private final Consumer<byte[], byte[]> consumer = LeaveOnClose.leavingOnClose(client);

    @Test
    void whoUnsubscribesStaysInTheGroupUntilClosed() {
        consumer.subscribe(List.of("topic"));
        consumer.unsubscribe();
        assertThat(client.subscription()).containsExactly("topic");
        assertThat(client.closed()).isFalse();
        consumer.close();
        assertThat(client.closed()).isTrue();
    }

    @Test
    void whatTheClientThrowsIsThrownAsItIs() {
        consumer.subscribe(List.of("topic"));
        AuthenticationException refused = new AuthenticationException("refused");
        client.setPollException(refused);
        assertThatThrownBy(() -> consumer.poll(Duration.ZERO)).isSameAs(refused);
    }
}
