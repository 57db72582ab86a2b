package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

class ConsumerHealthTest {

    private final AtomicLong now = new AtomicLong();
    private final ConsumerWatch watch = new ConsumerWatch(Duration.ofMinutes(90), Duration.ofMinutes(5), now::get);

    @Test
    void aConsumerThatHasOneEventInHandForTooLongIsFound() {
        watch.begins(Urgency.BACKFILL);
        now.addAndGet(Duration.ofMinutes(89).toNanos());
        assertThat(watch.hung()).isZero();
        now.addAndGet(Duration.ofMinutes(2).toNanos());
        assertThat(watch.hung()).isEqualTo(1);
        Health health = watch.health();
        assertThat(health.getStatus()).isEqualTo(Status.DOWN);
        assertThat(health.getDetails().toString())
                .contains("basewatch.images.backfill")
                .contains(Thread.currentThread().getName())
                .contains("5460 s");
        watch.ends();
        assertThat(watch.hung()).isZero();
    }

    @Test
    void whatIsNotConsumedYetIsOutOfService() {
        assertThat(watch.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
        assertThat(watch.health().getDetails().toString()).contains("basewatch.images.live");
    }

    private static void assertTellsThatKafkaIsAwayWithinTwoSeconds(String brokers) {
        try (KafkaHealth kafka = new KafkaHealth(Map.of("bootstrap.servers", brokers))) {
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
