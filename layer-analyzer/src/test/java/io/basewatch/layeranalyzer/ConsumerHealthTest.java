package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
}
