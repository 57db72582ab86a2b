package io.basewatch.reportapi.horizon;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Owners;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.StandsOn;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lifecycle.SupportPolicy;
import io.basewatch.lineage.Bases;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.KnownBases;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class HorizonsTest {

    private static final LocalDate DAY = LocalDate.parse("2028-06-01");
    private static final Lifecycle DATES = Lifecycle.bundled();
    private static final Bases NONE = new FleetTree(KnownBases.none()).bases();

    private final Horizons horizons = new Horizons(SupportPolicy.NONE, Owners.NONE);

    private static List<StandsOn> groups(long images) {
        return List.of(new StandsOn(
                "debian",
                "12",
                null,
                null,
                Libc.Family.GLIBC,
                AnalysisStatus.COMPLETE,
                images,
                List.of(new Repository("r.example", "pay/a")),
                1,
                100,
                null,
                null));
    }

    @Test
    void whatAFleetInWhichNothingHasChangedSaysIsNotMadeAgain() {
        Horizon first = horizons.of(groups(5), DAY, List.of(30, 365), DATES, NONE);

        assertThat(horizons.of(groups(5), DAY, List.of(30, 365), DATES, NONE)).isSameAs(first);
        assertThat(horizons.of(groups(5), DAY.plusDays(1), List.of(30, 365), DATES, NONE))
                .isNotSameAs(first);
        assertThat(horizons.of(groups(5), DAY, List.of(30, 365), DATES, NONE))
                .as("the other day did not take its place")
                .isSameAs(first);
    }

    @Test
    void whateverItIsMadeOfIsTakenIn() {
        assertThat(images(horizons.of(groups(5), DAY, List.of(30), DATES, null)))
                .isEqualTo(5);

        Horizon more = horizons.of(groups(6), DAY, List.of(30), DATES, null);
        assertThat(images(more)).isEqualTo(6);
        assertThat(more.within().get(0).bases()).isNull();
        assertThat(horizons.of(groups(6), DAY, List.of(30), DATES, NONE)
                        .within()
                        .get(0)
                        .bases())
                .as("by now the bases are known")
                .isZero();
        assertThat(horizons.of(groups(6), DAY, List.of(60), DATES, NONE).within())
                .singleElement()
                .satisfies(within -> assertThat(within.days()).isEqualTo(60));
        assertThat(horizons.of(groups(6), DAY.plusYears(20), List.of(60), DATES, NONE)
                        .past())
                .isEqualTo(6);
    }

    @Test
    void isTheSameAsOneThatIsMadeAnew() {
        horizons.of(groups(5), DAY, List.of(30), DATES, NONE);

        assertThat(horizons.of(groups(5), DAY, List.of(30), DATES, NONE))
                .isEqualTo(Horizon.of(groups(5), DAY, List.of(30), DATES, SupportPolicy.NONE, Owners.NONE, NONE));
    }

    private static long images(Horizon horizon) {
        return horizon.within().get(0).images();
    }
}
