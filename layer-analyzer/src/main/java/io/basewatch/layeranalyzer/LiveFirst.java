package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.EventTopics;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.kafka.event.KafkaEvent;
import org.springframework.kafka.event.ListenerContainerIdleEvent;
import org.springframework.kafka.event.ListenerContainerNoLongerIdleEvent;
import org.springframework.kafka.listener.MessageListenerContainer;

/**
 * Lets backfill work pass only while no live work waits here. Live work waits as long as one of the live topic's consumers is not idle, that
 * is: has polled without getting anything. A consumer that has just been given its partitions must have done so twice, since its first poll
 * may come back before the first fetch does.
 *
 * <p>Backfill never waits for ever: after its patience one piece of work passes, so that live work without an end slows it down but does not
 * stop it, and no failure of this reckoning can stop it either. When the process ends, whoever waits is told so before any consumer is: else it
 * would keep its partitions from other analyzers for as long.
 */
final class LiveFirst implements ApplicationListener<KafkaEvent>, SmartLifecycle {

    /** A consumer without partitions counts as idle after this: there are more consumers than partitions. */
    private static final Duration WITHOUT_PARTITIONS = Duration.ofSeconds(15);

    private final Duration patience;
    private final Map<Object, Integer> idlePolls = new HashMap<>();
    private int inHand;
    private boolean stopped;

    /** The process ends: the work is left to whoever comes next. */
    static final class StoppedException extends RuntimeException {
        StoppedException() {
            super("the analyzer stops");
        }
    }

    LiveFirst(Duration patience) {
        this.patience = patience;
    }

    @Override
    public void onApplicationEvent(KafkaEvent event) {
        if (event instanceof ListenerContainerIdleEvent idle && isLive(event)) {
            var partitions = idle.getTopicPartitions();
            boolean without = partitions == null || partitions.isEmpty();
            if (!without || idle.getIdleTime() >= WITHOUT_PARTITIONS.toMillis()) {
                idle(event.getSource());
            } else {
                busy(event.getSource());
            }
        } else if (event instanceof ListenerContainerNoLongerIdleEvent && isLive(event)) {
            busy(event.getSource());
        }
    }

    private static boolean isLive(ApplicationEvent event) {
        if (!(event.getSource() instanceof MessageListenerContainer container)) {
            return false;
        }
        String[] topics = container.getContainerProperties().getTopics();
        return topics != null && Arrays.asList(topics).contains(EventTopics.LIVE);
    }

    synchronized void idle(Object consumer) {
        idlePolls.merge(consumer, 1, (before, one) -> Math.min(2, before + one));
        notifyAll();
    }

    synchronized void busy(Object consumer) {
        // It has its partitions since long when it was idle before: then the next empty poll says enough.
        idlePolls.computeIfPresent(consumer, (key, before) -> Math.min(before, 1));
        idlePolls.putIfAbsent(consumer, 0);
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
        return inHand > 0 || idlePolls.isEmpty() || idlePolls.values().stream().anyMatch(polls -> polls < 2);
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
