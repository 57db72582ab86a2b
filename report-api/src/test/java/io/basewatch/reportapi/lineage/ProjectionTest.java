package io.basewatch.reportapi.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetReading;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.KnownBases;
import io.basewatch.reportapi.web.BusyException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProjectionTest {

    private static final FleetReading.Content EMPTY =
            new FleetReading.Content(new Repository("r.example.com", "team/app"), List.of(), List.of());

    private boolean isAway = true;
    private Projection projection = projection();

    private Projection projection() {
        return new Projection(
                taker -> {
                    if (isAway) {
                        throw new IllegalStateException("not ready");
                    }
                    taker.take(EMPTY, 1);
                    assertThatThrownBy(projection::moment)
                            .as("half read")
                            .isInstanceOf(BusyException.class)
                            .hasMessageContaining("1 repository is left");
                    taker.take(EMPTY, 0);
                    return 2;
                },
                new FleetTree(KnownBases.bundled()),
                Clock.systemUTC(),
                System::nanoTime);
    }

    @Test
    void aStoreThatAnswersAgainIsNotSaidToBeAwayWhileTheFleetIsReadForTheFirstTime() throws Exception {
        assertThatThrownBy(projection::refresh).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(projection::moment).isInstanceOf(IllegalStateException.class);

        isAway = false;
        projection.refresh();

        assertThat(projection.moment().bases()).isNotNull();
    }

    @Test
    void whatIsReadOnceAtTheStartKeepsNobodyFromLookingForChangesSoonAfter() throws Exception {
        Duration[] takes = {Duration.ofMinutes(5)};
        AtomicLong nanos = new AtomicLong();
        Projection slow = new Projection(
                taker -> {
                    nanos.addAndGet(takes[0].toNanos());
                    return 0;
                },
                new FleetTree(KnownBases.none()),
                Clock.systemUTC(),
                nanos::get);

        slow.refresh();
        assertThat(slow.pause()).isEqualTo(Duration.ofSeconds(1));

        takes[0] = Duration.ofSeconds(2);
        slow.refresh();
        assertThat(slow.pause()).as("ten times what a look takes").isEqualTo(Duration.ofSeconds(20));
    }
}
