package io.basewatch.reportapi.backlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetstore.BacklogJournal;
import io.basewatch.fleetstore.BacklogJournal.Standing;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.Waivers;
import io.basewatch.fleetstore.Waivers.Decision;
import io.basewatch.fleetstore.Waivers.End;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecisionsTest {

    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-11-21T10:00:00Z");
    private EmbeddedStore engine;
    private FleetStore store;
    private BacklogJournal journal;
    private Decisions decisions;

    /** Stands still until a test moves it. */
    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    };

    @BeforeEach
    void openStore() {
        engine = EmbeddedStore.start(folder.resolve("store"));
        store = FleetStore.connect(engine.connectionString(), clock);
        journal = store.backlogJournal();
        decisions = new Decisions(store.waivers(), journal, clock);
        decisions.give(new Decision("base-a", "a", List.of(), "why", "jo", LocalDate.of(2026, 12, 31)));
    }

    @AfterEach
    void closeStore() {
        store.close();
        engine.close();
    }

    private End end() {
        Waivers.Ended ended = store.waivers().find("base-a.1").orElseThrow().ended();
        return ended == null ? null : ended.why();
    }

    @Test
    void oneExpiresTheDayAfterItsLast() {
        journal.note(List.of(new Standing("base-a", "a", 1, 1)));
        now = Instant.parse("2026-12-31T23:59:59Z");
        decisions.settle(List.of());
        assertThat(end()).isNull();
        now = Instant.parse("2027-01-01T00:00:00Z");
        decisions.settle(List.of());
        assertThat(end()).isEqualTo(End.EXPIRED);
    }

    /** Who has read less of the fleet misses what another one has just decided about. */
    @Test
    void oneEndsWhenItsEntryIsGoneForLongerThanSomebodyMayLagBehind() {
        decisions.settle(List.of());
        assertThat(end()).isNull();
        journal.note(List.of(new Standing("base-a", "a", 1, 1)));
        now = now.plus(Duration.ofDays(3));
        decisions.settle(List.of());
        assertThat(end()).isNull();
        journal.note(List.of());
        now = now.plus(Duration.ofMinutes(9));
        decisions.settle(List.of());
        assertThat(end()).isNull();
        now = now.plus(Duration.ofMinutes(2));
        decisions.settle(List.of());
        assertThat(end()).isEqualTo(End.GONE);
    }
}
