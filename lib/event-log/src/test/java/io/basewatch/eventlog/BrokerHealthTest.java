package io.basewatch.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

class BrokerHealthTest {

    private static void assertTellsThatKafkaIsAwayWithinTwoSeconds(String brokers) {
        try (BrokerHealth kafka = new BrokerHealth(Map.of("bootstrap.servers", brokers))) {
            // The first one loads classes.
            kafka.health();
            long start = System.nanoTime();
            Health health = kafka.health();
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            assertThat(health.getStatus()).isEqualTo(Status.DOWN);
            assertThat(health.getDetails().toString()).contains(brokers);
            assertThat(took).isLessThan(Duration.ofSeconds(2));
        }
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
