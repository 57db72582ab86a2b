package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.EventTopics;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Kafka who of the live topic's group has which partitions: a consumer without any cannot know by itself whether some are on their way to it.
 * Thread-safe; consumers that ask at once share an answer.
 */
final class LiveGroup implements LiveFirst.Group, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LiveGroup.class);

    /** A consumer that stops waits for it. */
    private static final long TIMEOUT_SECONDS = 3;

    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LazyAdmin admin;
    private long askedAt;
    private Set<String> leftOut = Set.of();

    /**
     * @param connection as Kafka's admin client takes it
     */
    LiveGroup(Map<String, Object> connection) {
        this.admin = new LazyAdmin(connection);
        askedAt = System.nanoTime() - KEPT_NANOS;
    }

    /** No while the group moves partitions, and when Kafka does not tell. */
    @Override
    public synchronized boolean leavesOut(String member) {
        if (System.nanoTime() - askedAt >= KEPT_NANOS) {
            leftOut = ask();
            askedAt = System.nanoTime();
        }
        return leftOut.contains(member);
    }

    private Set<String> ask() {
        try {
            Admin asked = admin.get();
            TopicDescription topic = asked.describeTopics(List.of(EventTopics.LIVE))
                    .allTopicNames()
                    .get(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .get(EventTopics.LIVE);
            ConsumerGroupDescription group = asked.describeConsumerGroups(List.of(Urgency.LIVE.group()))
                    .all()
                    .get(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .get(Urgency.LIVE.group());
            return topic == null || group == null
                    ? Set.of()
                    : leftOut(group, topic.partitions().size());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Set.of();
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            log.debug("group not known", e);
            return Set.of();
        }
    }

    /**
     * By the classic protocol a group is stable also between the two halves of a move, when nobody has the partitions that one has given up and the
     * other has yet to be given; so all of them have to be somebody's.
     */
    static Set<String> leftOut(ConsumerGroupDescription group, int partitions) {
        if (group.groupState() != GroupState.STABLE) {
            return Set.of();
        }
        Set<TopicPartition> taken = new HashSet<>();
        Set<String> without = new HashSet<>();
        for (MemberDescription member : group.members()) {
            Set<TopicPartition> has = member.assignment().topicPartitions();
            taken.addAll(has);
            if (has.isEmpty()) {
                without.add(member.consumerId());
            }
        }
        return taken.size() == partitions ? without : Set.of();
    }

    @Override
    public void close() {
        admin.close();
    }
}
