package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.EventTopics;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.springframework.cloud.stream.binder.kafka.KafkaBindingRebalanceListener;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.kafka.event.ConsumerStartingEvent;
import org.springframework.kafka.event.ConsumerStoppedEvent;
import org.springframework.kafka.event.KafkaEvent;
import org.springframework.kafka.event.ListenerContainerIdleEvent;
import org.springframework.kafka.event.ListenerContainerNoLongerIdleEvent;
import org.springframework.kafka.listener.MessageListenerContainer;

/**
 * Lets backfill work pass only while no live work waits here. Live work waits as long as one of the live topic's consumers has not said that
 * it is at the end of all its partitions: a poll that gave nothing says that only where the broker has told where the end is, as the first
 * fetches of a consumer that was just given its partitions take longer than its first polls. One without partitions is at its end when the group has
 * left it out, as there are more consumers than partitions. When partitions move, all of them have to say it again.
 *
 * <p>Backfill never waits for ever: after its patience one piece of work passes, so that live work without an end slows it down but does not
 * stop it, and no failure of this reckoning can stop it either. When the process ends, whoever waits is told so before any consumer is: else it
 * would keep its partitions from other analyzers for as long.
 */
final class LiveFirst implements ApplicationListener<KafkaEvent>, KafkaBindingRebalanceListener, SmartLifecycle {

    private final Duration patience;
    private final Group group;
    private final Map<Object, Boolean> isIdle = new HashMap<>();
    private int inHand;
    private boolean stopped;

    /** The process ends: the work is left to whoever comes next. */
    static final class StoppedException extends RuntimeException {
        StoppedException() {
            super("the analyzer stops");
        }
    }

    /** All consumers of the live topic, wherever they run. */
    @FunctionalInterface
    interface Group {

        /** Whether it has settled all partitions on other members. May ask Kafka, and takes as long. */
        boolean leavesOut(String member);
    }

    LiveFirst(Duration patience, Group group) {
        this.patience = patience;
        this.group = group;
    }

    @Override
    public void onApplicationEvent(KafkaEvent event) {
        if (!isLive(event)) {
            return;
        }
        Object consumer = event.getSource();
        if (event instanceof ConsumerStoppedEvent) {
            gone(consumer);
        } else if (event instanceof ListenerContainerIdleEvent idle && isAtEnd(idle)) {
            idle(consumer);
        } else if (event instanceof ConsumerStartingEvent
                || event instanceof ListenerContainerIdleEvent
                || event instanceof ListenerContainerNoLongerIdleEvent) {
            busy(consumer);
        }
    }

    /** What a consumer is given may have waited for long, so whoever was at an end says so again, which all do with each poll that gives nothing. */
    @Override
    public void onPartitionsAssigned(
            String bindingName, Consumer<?, ?> consumer, Collection<TopicPartition> partitions, boolean initial) {
        if (partitions.stream().anyMatch(partition -> partition.topic().equals(EventTopics.LIVE))) {
            allBusy();
        }
    }

    private synchronized void allBusy() {
        isIdle.replaceAll((consumer, idle) -> false);
    }

    /** Told by the consumer's own thread, which alone may ask it. */
    private boolean isAtEnd(ListenerContainerIdleEvent idle) {
        Collection<TopicPartition> partitions = idle.getTopicPartitions();
        if (partitions == null || partitions.isEmpty()) {
            return isIdle(idle.getSource())
                    || group.leavesOut(idle.getConsumer().groupMetadata().memberId());
        }
        return partitions.stream()
                .allMatch(partition -> idle.getConsumer().currentLag(partition).orElse(1) == 0);
    }

    private static boolean isLive(ApplicationEvent event) {
        if (!(event.getSource() instanceof MessageListenerContainer container)) {
            return false;
        }
        String[] topics = container.getContainerProperties().getTopics();
        return topics != null && Arrays.asList(topics).contains(EventTopics.LIVE);
    }

    private synchronized boolean isIdle(Object consumer) {
        return isIdle.getOrDefault(consumer, false);
    }

    /** It is at the end of what it consumes. */
    synchronized void idle(Object consumer) {
        isIdle.put(consumer, true);
        notifyAll();
    }

    /** It may have something to come, as far as anybody knows. */
    synchronized void busy(Object consumer) {
        isIdle.put(consumer, false);
    }

    synchronized void gone(Object consumer) {
        isIdle.remove(consumer);
        notifyAll();
    }

    /** Around each piece of live work. */
    synchronized void liveStarts() {
        inHand++;
    }

    synchronized void liveEnds() {
        inHand--;
        notifyAll();
    }

    /**
     * Returns when no live work waits, or the patience is at its end.
     *
     * @throws StoppedException after {@link #stop}
     */
    synchronized void awaitTurn() throws InterruptedException {
        long until = System.nanoTime() + patience.toNanos();
        while (stopped || isLiveWaiting()) {
            if (stopped) {
                throw new StoppedException();
            }
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            if (left <= 0) {
                return;
            }
            wait(left);
        }
    }

    private boolean isLiveWaiting() {
        return inHand > 0 || isIdle.isEmpty() || isIdle.containsValue(false);
    }

    @Override
    public synchronized void start() {
        stopped = false;
    }

    @Override
    public synchronized void stop() {
        stopped = true;
        notifyAll();
    }

    @Override
    public synchronized boolean isRunning() {
        return !stopped;
    }

    /** Stops before all others. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
