package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetstore.WatchRoll.Watched;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class WatchRollContract extends StoreUnderTest {

    private static final Duration SILENCE = Duration.ofMinutes(2);

    private FleetStore store;
    private WatchRoll roll;

    @BeforeEach
    void openStore() {
        store = open();
        roll = store.watchRoll();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void knowsWhatAWatcherMentionedAndWhen() {
        Instant first = clock.instant();
        roll.mention("watcher", List.of("a.example.com", "b.example.com:5000"));
        clock.pass(Duration.ofMinutes(1));
        roll.mention("watcher", List.of("a.example.com"));
        roll.mention("other", List.of("c.example.com"));

        assertThat(roll.of("watcher"))
                .containsExactly(
                        new Watched("a.example.com", first.plusSeconds(60)), new Watched("b.example.com:5000", first));
        assertThat(roll.of("nobody")).isEmpty();
    }

    @Test
    void aRegistryIsWatchedWhileOneOfTheNameMentionsItAndWheneverAnotherNameHasIt() {
        roll.mention("watcher", List.of("a.example.com"));
        clock.pass(SILENCE.minusMillis(1));
        assertThat(roll.isWatchedBesides("watcher", "a.example.com", SILENCE)).isTrue();
        clock.pass(Duration.ofMillis(1));
        assertThat(roll.isWatchedBesides("watcher", "a.example.com", SILENCE)).isFalse();

        roll.mention("other", List.of("a.example.com"));
        clock.pass(Duration.ofDays(1));
        assertThat(roll.isWatchedBesides("watcher", "a.example.com", SILENCE)).isTrue();
    }

    @Test
    void whatIsForgottenIsGoneUnlessSomebodyMentionedItMeanwhile() {
        roll.mention("watcher", List.of("a.example.com"));
        roll.forget("watcher", "a.example.com", SILENCE);
        assertThat(roll.of("watcher")).hasSize(1);

        clock.pass(SILENCE);
        roll.forget("watcher", "a.example.com", SILENCE);
        assertThat(roll.of("watcher")).isEmpty();
    }

    @Test
    void aRegistryThatWasMentionedByAClockThatWasAheadIsSilentFromNowOnUnlessSomebodyMentionsItAgain() {
        clock.pass(Duration.ofDays(4 * 365));
        roll.mention("watcher", List.of("a.example.com"));
        clock.pass(Duration.ofDays(-4 * 365));
        assertThat(roll.of("watcher")).containsExactly(new Watched("a.example.com", clock.instant()));
        assertThat(roll.isWatchedBesides("watcher", "a.example.com", SILENCE)).isTrue();

        clock.pass(SILENCE);
        assertThat(roll.isWatchedBesides("watcher", "a.example.com", SILENCE)).isFalse();
        roll.forget("watcher", "a.example.com", SILENCE);
        assertThat(roll.of("watcher")).isEmpty();
    }
}
