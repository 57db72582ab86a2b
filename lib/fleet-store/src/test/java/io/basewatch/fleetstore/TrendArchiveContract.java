package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetstore.TrendArchive.Day;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class TrendArchiveContract extends StoreUnderTest {

    private static final LocalDate DAY = LocalDate.parse("2026-11-20");
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

    private FleetStore store;
    private TrendArchive archive;

    @BeforeEach
    void openStore() {
        store = open();
        archive = store.trends();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private static Day day(LocalDate day, int hours, boolean backfilled, long images) {
        return new Day(
                day,
                NOON.plusSeconds(3600L * hours),
                backfilled,
                Map.of("libc", Map.of("musl", images), "phase", Map.of("$ended.now", images)));
    }

    private List<Day> kept() {
        return archive.between(DAY.minusDays(10), DAY.plusDays(10), List.of("libc", "phase"));
    }

    @Test
    void theLastCountOfADayStaysHoweverOftenAndInWhichOrderItIsMade() {
        archive.keep(day(DAY, 1, false, 7));
        archive.keep(day(DAY, 3, false, 9));
        archive.keep(day(DAY, 2, false, 8));
        archive.keep(day(DAY, 3, false, 9));
        assertThat(kept()).containsExactly(day(DAY, 3, false, 9));
    }

    @Test
    void whatIsMadeUpForNeverReplacesWhatWasCounted() {
        archive.keep(day(DAY, 40, true, 5));
        archive.keep(day(DAY, 41, true, 6));
        assertThat(kept()).containsExactly(day(DAY, 41, true, 6));
        archive.keep(day(DAY, 1, false, 7));
        assertThat(kept()).containsExactly(day(DAY, 1, false, 7));
        archive.keep(day(DAY, 50, true, 8));
        assertThat(kept()).containsExactly(day(DAY, 1, false, 7));
    }

    @Test
    void daysComeInTheirOrderWithTheSeriesThatAreAskedForAlone() {
        archive.keep(day(DAY.plusDays(2), 48, false, 3));
        archive.keep(day(DAY, 0, false, 1));
        archive.keep(day(DAY.plusDays(1), 24, false, 2));
        assertThat(archive.between(DAY.plusDays(1), DAY.plusDays(2), List.of("libc", "owner")))
                .extracting(Day::series)
                .containsExactly(Map.of("libc", Map.of("musl", 2L)), Map.of("libc", Map.of("musl", 3L)));
        assertThat(archive.kept(DAY, DAY.plusDays(9))).containsExactly(DAY, DAY.plusDays(1), DAY.plusDays(2));
    }

    @Test
    void aSeriesWithMoreLinesThanAreKeptForYearsIsRefused() {
        Map<String, Long> lines = new HashMap<>();
        for (int n = 0; n <= TrendArchive.MAX_LINES; n++) {
            lines.put("line " + n, 1L);
        }
        assertThatThrownBy(() -> new Day(DAY, NOON, false, Map.of("distro", lines)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("series distro has 65 lines, more than 64");
    }
}
