package io.basewatch.layeranalyzer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ApplicationListener;
import org.springframework.kafka.event.KafkaEvent;
import org.springframework.kafka.listener.AbstractMessageListenerContainer;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.MessageListenerContainer;

/**
 * Finds consumers that hang: Kafka sees their background thread alive, and would leave them their partitions for hours. One hangs when it has
 * had one event in hand for longer than any image may take, when nothing was heard of it between two events for longer than any pause, and when
 * its thread has ended. Thread-safe.
 */
final class ConsumerWatch implements ApplicationListener<KafkaEvent>, HealthIndicator {

    private final Duration longestEvent;
    private final Duration longestSilence;
    private final LongSupplier nanoTime;
    private final Map<Urgency, AbstractMessageListenerContainer<?, ?>> groups = new ConcurrentHashMap<>();
    private final Map<MessageListenerContainer, Long> heard = new ConcurrentHashMap<>();
    private final Map<Thread, InHand> inHand = new ConcurrentHashMap<>();

    /**
     * @param longestEvent no image takes longer in one try
     * @param longestSilence no consumer says nothing for longer when it has no event in hand
     * @param nanoTime {@link System#nanoTime()}
     */
    ConsumerWatch(Duration longestEvent, Duration longestSilence, LongSupplier nanoTime) {
        this.longestEvent = longestEvent;
        this.longestSilence = longestSilence;
        this.nanoTime = nanoTime;
    }

    private record InHand(Urgency urgency, long since) {}

    /** One of the two that must be there; its consumers are known when it runs. */
    void watch(Urgency urgency, AbstractMessageListenerContainer<?, ?> group) {
        groups.put(urgency, group);
    }

    /** Consumers that poll without getting anything say so several times a second. */
    @Override
    public void onApplicationEvent(KafkaEvent event) {
        if (event.getSource() instanceof MessageListenerContainer consumer) {
            heard.put(consumer, nanoTime.getAsLong());
        }
    }

    /** By the consumer's thread, around each event. */
    void begins(Urgency urgency) {
        inHand.put(Thread.currentThread(), new InHand(urgency, nanoTime.getAsLong()));
    }

    void ends() {
        inHand.remove(Thread.currentThread());
    }

    /** How many consumers hang or have ended. */
    int hung() {
        return problems().size();
    }

    private List<String> problems() {
        List<String> problems = new ArrayList<>();
        long now = nanoTime.getAsLong();
        inHand.forEach((thread, event) -> {
            Duration time = Duration.ofNanos(now - event.since());
            if (time.compareTo(longestEvent) > 0) {
                problems.add("thread " + thread.getName() + " has had one event of the topic "
                        + event.urgency().topic() + " in hand for " + time.toSeconds() + " s");
            }
        });
        groups.forEach((urgency, group) -> {
            if (group.isRunning()) {
                consumers(group).forEach(consumer -> problem(urgency, consumer, now, problems));
            }
        });
        return problems;
    }

    private static List<MessageListenerContainer> consumers(AbstractMessageListenerContainer<?, ?> group) {
        return group instanceof ConcurrentMessageListenerContainer<?, ?> concurrent
                ? List.copyOf(concurrent.getContainers())
                : List.of(group);
    }

    private void problem(Urgency urgency, MessageListenerContainer consumer, long now, List<String> problems) {
        if (!consumer.isRunning()) {
            problems.add("a consumer of the topic " + urgency.topic() + " has ended; its log says why");
            return;
        }
        // An event in hand is told above; between two of them there is one more sign for each.
        Long last = heard.putIfAbsent(consumer, now);
        boolean busy = inHand.values().stream().anyMatch(event -> event.urgency() == urgency);
        if (last != null && !busy && now - last > longestSilence.toNanos()) {
            problems.add("nothing was heard of a consumer of the topic " + urgency.topic() + " for "
                    + Duration.ofNanos(now - last).toSeconds() + " s");
        }
    }

    @Override
    public Health health() {
        List<String> problems = problems();
        if (!problems.isEmpty()) {
            return Health.down().withDetail("problems", problems).build();
        }
        List<String> missing = new ArrayList<>();
        for (Urgency urgency : Urgency.values()) {
            AbstractMessageListenerContainer<?, ?> group = groups.get(urgency);
            if (group == null || !group.isRunning()) {
                missing.add(urgency.topic());
            }
        }
        return missing.isEmpty()
                ? Health.up().build()
                : Health.outOfService().withDetail("notConsumed", missing).build();
    }
}
