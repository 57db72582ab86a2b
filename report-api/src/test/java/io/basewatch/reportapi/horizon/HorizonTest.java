package io.basewatch.reportapi.horizon;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Owners;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.fleetstore.StandsOn;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lifecycle.SupportPolicy;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HorizonTest {

    private static final LocalDate DAY = LocalDate.parse("2028-06-01");

    private final StandsOn debian = group("debian", "12", 5, 2, "r.example/pay/a", "r.example/web/b");
    private final StandsOn bullseye = group("debian", "11", 2, 1, "r.example/pay/c");
    private final StandsOn alpine = group("alpine", "3.24.1", 3, 200, "r.example/web/d");
    private final StandsOn centos = group("centos", "7", 7, 1, "r.example/old/e");
    private final StandsOn arch = group("arch", null, 11, 1, "r.example/arch");

    @Test
    void countsEachImageOnceInEachNumberOfDays() {
        Horizon horizon = look(SupportPolicy.NONE, 30, 365, 1900);

        assertThat(horizon.within()).extracting(Horizon.Within::days).containsExactly(30, 365, 1900);
        Horizon.Within month = horizon.within().get(0);
        assertThat(month.until()).isEqualTo("2028-07-01");
        assertThat(month.images()).isEqualTo(8);
        assertThat(month.toExtended()).isEqualTo(5);
        assertThat(month.toEnded()).isEqualTo(3);
        // Five years on Debian 12 has lost the paid fixes too, and Debian 11 those it still had.
        Horizon.Within years = horizon.within().get(2);
        assertThat(years.images()).isEqualTo(10);
        assertThat(years.toEnded()).isEqualTo(10);
        assertThat(horizon.past()).isEqualTo(9);
        assertThat(horizon.withoutEnd()).isEqualTo(11);
    }

    @Test
    void hasEveryEndInItsMonthInOrder() {
        List<Horizon.Entry> entries = look(SupportPolicy.NONE, 1900).months().stream()
                .flatMap(month -> month.entries().stream())
                .toList();

        assertThat(entries)
                .extracting(entry -> entry.on() + " " + entry.product() + " " + entry.cycle() + " " + entry.enters())
                .containsExactly(
                        "2028-06-02 alpine 3.24 ended",
                        "2028-07-01 debian 12 extended",
                        "2031-07-01 debian 11 ended",
                        "2033-07-01 debian 12 ended");
    }

    @Test
    void tellsWhatIsALowerBound() {
        Horizon.Entry entry =
                look(SupportPolicy.NONE, 30).months().get(0).entries().get(0);

        assertThat(entry.product()).isEqualTo("alpine");
        assertThat(entry.repositoryCount()).isEqualTo(200);
        assertThat(entry.repositoriesAreExact()).isFalse();
        assertThat(look(SupportPolicy.NONE, 30).within().get(0).repositoriesAreExact())
                .isFalse();
    }

    @Test
    void tellsWhoseRepositoriesTheyAre() {
        Owners owners = Owners.of(List.of(new Owners.Entry(List.of("pay/**"), "payments", null)));
        Horizon horizon = Horizon.of(groups(), DAY, List.of(30), Lifecycle.bundled(), SupportPolicy.NONE, owners, null);

        assertThat(horizon.within().get(0).owners())
                .containsExactly(new Horizon.OwnerShare(null, 2), new Horizon.OwnerShare("payments", 1));
    }

    @Test
    void whatWasBoughtMovesTheEndWhereAllRepositoriesHaveIt() {
        SupportPolicy policy = SupportPolicy.of(
                List.of(new SupportPolicy.Entry(List.of("pay/**"), "debian", null, "ELTS", null, "2028-06-20", null)));

        Horizon horizon = look(policy, 30);

        assertThat(horizon.past()).isEqualTo(7);
        assertThat(horizon.months().get(0).entries()).anySatisfy(entry -> {
            assertThat(entry.cycle()).isEqualTo("11");
            assertThat(entry.on()).isEqualTo("2028-06-21");
            assertThat(entry.enters()).isEqualTo(SupportPhase.EXTENDED);
            assertThat(entry.policy().says()).contains("ELTS");
        });
        // The other one lies where it was not bought too.
        assertThat(horizon.months().get(1).entries().get(0).on()).isEqualTo("2028-07-01");
    }

    private Horizon look(SupportPolicy policy, Integer... days) {
        return Horizon.of(groups(), DAY, List.of(days), Lifecycle.bundled(), policy, Owners.NONE, null);
    }

    private List<StandsOn> groups() {
        return List.of(debian, bullseye, alpine, centos, arch);
    }

    private static StandsOn group(
            String distro, String version, long images, long repositoryCount, String... repositories) {
        return new StandsOn(
                distro,
                version,
                null,
                null,
                Libc.Family.GLIBC,
                AnalysisStatus.COMPLETE,
                images,
                Stream.of(repositories).map(Repository::parse).toList(),
                repositoryCount,
                1000,
                null,
                null);
    }
}
