package io.basewatch.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

class BrokerHealthTest {

    /** By one of several: the first one loads classes, and a busy machine takes longer for some. */
    private static void assertTellsThatKafkaIsAwayWithinTwoSeconds(String brokers) {
        await().atMost(Duration.ofMinutes(5)).until(() -> {
            try (BrokerHealth kafka = new BrokerHealth(Map.of("bootstrap.servers", brokers))) {
                long start = System.nanoTime();
                Health health = kafka.health();
                Duration took = Duration.ofNanos(System.nanoTime() - start);
                assertThat(health.getStatus()).isEqualTo(Status.DOWN);
                assertThat(health.getDetails().toString()).contains(brokers);
                return took.compareTo(Duration.ofSeconds(2)) < 0;
            }
        });
    }

    @Test
    void thatNobodyListensAtTheBrokersAddressIsToldWithinTwoSeconds() {
        assertTellsThatKafkaIsAwayWithinTwoSeconds("127.0.0.1:1");
    }

    @Test
    void thatTheBrokerIsFrozenIsToldWithinTwoSeconds() throws IOException {
        try (ServerSocket frozen = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            assertTellsThatKafkaIsAwayWithinTwoSeconds("127.0.0.1:" + frozen.getLocalPort());
        }
    }
}
