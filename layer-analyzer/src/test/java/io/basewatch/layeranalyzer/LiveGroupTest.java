package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.EventTopics;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberAssignment;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LiveGroupTest {

    @Test
    void whoHasNoPartitionOfASettledGroupIsLeftOut() {
        assertThat(LiveGroup.leftOut(
                        group(GroupState.STABLE, member("a", 0, 2), member("b"), member("c", 1), member("d")), 3))
                .containsExactlyInAnyOrder("b", "d");
    }

    @Test
    void nobodyIsLeftOutWhileAPartitionIsNobodys() {
        assertThat(LiveGroup.leftOut(group(GroupState.STABLE, member("a", 0, 2), member("b")), 3))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(value = GroupState.class, mode = EnumSource.Mode.EXCLUDE, names = "STABLE")
    void nobodyIsLeftOutWhilePartitionsMove(GroupState state) {
        assertThat(LiveGroup.leftOut(group(state, member("a", 0, 1), member("b")), 2))
                .isEmpty();
    }

    private static ConsumerGroupDescription group(GroupState state, MemberDescription... members) {
        return new ConsumerGroupDescription(
                Urgency.LIVE.group(),
                false,
                List.of(members),
                "uniform",
                GroupType.CONSUMER,
                state,
                Node.noNode(),
                Set.of(),
                Optional.empty(),
                Optional.empty());
    }

    private static MemberDescription member(String id, int... partitions) {
        Set<TopicPartition> has = Arrays.stream(partitions)
                .mapToObj(partition -> new TopicPartition(EventTopics.LIVE, partition))
                .collect(Collectors.toSet());
        return new MemberDescription(
                id,
                Optional.empty(),
                Optional.empty(),
                "client",
                "host",
                new MemberAssignment(has),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
