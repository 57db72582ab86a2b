package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.basewatch.fleetmodel.EventTopics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.event.ConsumerStartingEvent;
import org.springframework.kafka.event.ListenerContainerIdleEvent;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.kafka.listener.MessageListenerContainer;

class LiveFirstTest {

    private static final List<TopicPartition> PARTITIONS =
            List.of(new TopicPartition(EventTopics.LIVE, 0), new TopicPartition(EventTopics.LIVE, 1));

    /** Only what hangs needs as long, and backfill's own patience is longer still. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final AtomicBoolean isLeftOut = new AtomicBoolean();
    private final LiveFirst liveFirst = new LiveFirst(Duration.ofHours(1), member -> isLeftOut.get());
    private final MessageListenerContainer live = new KafkaMessageListenerContainer<>(
            new DefaultKafkaConsumerFactory<byte[], byte[]>(Map.of()), new ContainerProperties(EventTopics.LIVE));

    private Thread backfill() {
        Thread thread = new Thread(() -> {
            try {
                liveFirst.awaitTurn();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void assertWaits(Thread thread) {
        await().atMost(PATIENCE).until(() -> thread.getState() == Thread.State.TIMED_WAITING || !thread.isAlive());
        assertThat(thread.isAlive()).isTrue();
    }

    private static void assertPasses(Thread thread) throws InterruptedException {
        thread.join(PATIENCE.toMillis());
        assertThat(thread.isAlive()).isFalse();
    }

    @Test
    void nothingPassesBeforeAllLiveConsumersAreAtTheirEnd() throws Exception {
        Thread backfill = backfill();
        assertWaits(backfill);
        liveFirst.busy("live-0");
        liveFirst.busy("live-1");
        liveFirst.idle("live-0");
        assertWaits(backfill);
        liveFirst.idle("live-1");
        assertPasses(backfill);
    }

    @Test
    void aConsumerThatEndedHoldsNothingUp() throws Exception {
        liveFirst.busy("live-0");
        liveFirst.idle("live-1");
        Thread backfill = backfill();
        assertWaits(backfill);
        liveFirst.gone("live-0");
        assertPasses(backfill);
        liveFirst.gone("live-1");
        assertWaits(backfill());
    }

    @Test
    void anEmptyPollSaysNothingBeforeTheBrokerHasToldWhereThePartitionsEnd() throws Exception {
        Map<TopicPartition, OptionalLong> lags = new HashMap<>();
        try (MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest") {
            @Override
            public synchronized OptionalLong currentLag(TopicPartition partition) {
                return lags.getOrDefault(partition, OptionalLong.empty());
            }
        }) {
            started();
            emptyPoll(consumer);
            Thread backfill = backfill();
            assertWaits(backfill);
            lags.put(PARTITIONS.get(0), OptionalLong.of(0));
            emptyPoll(consumer);
            assertWaits(backfill);
            lags.put(PARTITIONS.get(1), OptionalLong.of(1));
            emptyPoll(consumer);
            assertWaits(backfill);
            lags.put(PARTITIONS.get(1), OptionalLong.of(0));
            emptyPoll(consumer);
            assertPasses(backfill);
        }
    }

    @Test
    void aConsumerWithoutPartitionsIsWaitedForUntilItsGroupHasLeftItOut() throws Exception {
        try (MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest")) {
            started();
            Thread backfill = backfill();
            emptyPoll(consumer, List.of(), Duration.ofDays(1));
            assertWaits(backfill);
            isLeftOut.set(true);
            emptyPoll(consumer, List.of(), Duration.ZERO);
            assertPasses(backfill);
            assign(EventTopics.LIVE);
            isLeftOut.set(false);
            emptyPoll(consumer, List.of(), Duration.ofDays(1));
            assertWaits(backfill());
        }
    }

    @Test
    void aConsumerIsWaitedForFromItsStartOn() throws Exception {
        liveFirst.idle("live-1");
        started();
        assertWaits(backfill());
    }

    @Test
    void aConsumerThatIsGivenAPartitionIsNoLongerAtItsEnd() throws Exception {
        liveFirst.idle("live-0");
        liveFirst.idle("live-1");
        assign(EventTopics.BACKFILL);
        assertPasses(backfill());
        assign(EventTopics.LIVE);
        Thread backfill = backfill();
        assertWaits(backfill);
        liveFirst.idle("live-0");
        assertWaits(backfill);
        liveFirst.idle("live-1");
        assertPasses(backfill);
    }

    private void assign(String topic) {
        try (MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest")) {
            liveFirst.onPartitionsAssigned("any", consumer, List.of(new TopicPartition(topic, 3)), false);
        }
    }

    private void started() {
        liveFirst.onApplicationEvent(new ConsumerStartingEvent(live, live));
    }

    private void emptyPoll(Consumer<?, ?> consumer) {
        emptyPoll(consumer, PARTITIONS, Duration.ofMillis(200));
    }

    private void emptyPoll(Consumer<?, ?> consumer, List<TopicPartition> partitions, Duration idle) {
        liveFirst.onApplicationEvent(
                new ListenerContainerIdleEvent(live, live, idle.toMillis(), "live", partitions, consumer, false));
    }

    @Test
    void liveWorkInHandHoldsBackfillUp() throws Exception {
        liveFirst.idle("live-0");
        liveFirst.liveStarts();
        Thread backfill = backfill();
        assertWaits(backfill);
        liveFirst.liveEnds();
        assertPasses(backfill);
    }

    @Test
    void whoeverWaitsIsToldWhenTheProcessEnds() throws Exception {
        CompletableFuture<Void> backfill = CompletableFuture.runAsync(() -> {
            try {
                liveFirst.awaitTurn();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        liveFirst.stop();
        assertThatThrownBy(backfill::get).hasCauseInstanceOf(LiveFirst.StoppedException.class);
        assertThatThrownBy(liveFirst::awaitTurn).isInstanceOf(LiveFirst.StoppedException.class);
    }

    @Test
    void backfillPassesWhenItsPatienceEnds() throws Exception {
        new LiveFirst(Duration.ofMillis(1), member -> false).awaitTurn();
    }
}
