package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

abstract class WatchMembersContract extends StoreUnderTest {

    @Test
    void eachIsHeardOfUntilItLeavesUnlessItWasHeardOfSince() {
        try (FleetStore store = open()) {
            WatchMembers members = store.watchMembers();
            members.beat("watcher", "a");
            members.beat("watcher", "a");
            members.beat("watcher", "b");
            members.beat("other", "c");
            assertThat(members.beats("watcher")).isEqualTo(Map.of("a", 2L, "b", 1L));
            members.leave("watcher", "a", 1);
            assertThat(members.beats("watcher")).as("was heard of since").containsKey("a");
            members.leave("watcher", "a", 2);
            assertThat(members.beats("watcher")).isEqualTo(Map.of("b", 1L));
            assertThat(members.beats("nobody")).isEmpty();
        }
    }
}
