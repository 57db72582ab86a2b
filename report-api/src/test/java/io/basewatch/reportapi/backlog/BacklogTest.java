package io.basewatch.reportapi.backlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.StandsOn;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.reportapi.backlog.Backlog.Include;
import io.basewatch.reportapi.backlog.BacklogEntry.Why;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BacklogTest {

    private static final LocalDate DAY = LocalDate.parse("2026-11-21");
    private static final Repository A = Repository.parse("r.example/a");
    private static final Repository B = Repository.parse("r.example/b");

    @Test
    void gathersPointReleasesAndStatusesOfOneRelease() {
        List<BacklogEntry> entries = rank(
                group("alpine", "3.18.2", Libc.Family.MUSL, AnalysisStatus.COMPLETE, 3, List.of(A), 1),
                group("alpine", "3.18.9", Libc.Family.MUSL, AnalysisStatus.PARTIAL, 4, List.of(A, B), 2));

        assertThat(entries).hasSize(1);
        BacklogEntry entry = entries.get(0);
        assertThat(entry.images()).isEqualTo(7);
        assertThat(entry.score()).isEqualTo(7 * (Backlog.ENDED + Backlog.MUSL));
        assertThat(entry.byStatus()).isEqualTo(Map.of(AnalysisStatus.COMPLETE, 3L, AnalysisStatus.PARTIAL, 4L));
        assertThat(entry.repositories()).containsExactly(A, B);
        assertThat(entry.repositoryCount()).isEqualTo(2);
        assertThat(entry.repositoryCountIsExact()).isTrue();
        assertThat(entry.compressedBytes()).isEqualTo(700);
    }

    @Test
    void saysWhenItDoesNotKnowAllRepositories() {
        BacklogEntry entry = rank(
                        group("alpine", "3.18.2", Libc.Family.MUSL, AnalysisStatus.COMPLETE, 300, List.of(A), 250),
                        group("alpine", "3.18.9", Libc.Family.MUSL, AnalysisStatus.COMPLETE, 4, List.of(A, B), 2))
                .get(0);

        assertThat(entry.repositoryCount()).isEqualTo(250);
        assertThat(entry.repositoryCountIsExact()).isFalse();
    }

    @Test
    void putsTheReleaseThatEndedEarlierFirstWhenScoresAreEqual() {
        assertThat(rank(
                        group("alpine", "3.20.3", Libc.Family.MUSL, AnalysisStatus.COMPLETE, 2, List.of(A), 1),
                        group("alpine", "3.12.1", Libc.Family.MUSL, AnalysisStatus.COMPLETE, 2, List.of(A), 1)))
                .extracting(entry -> entry.rank() + " " + entry.standsOn().release())
                .containsExactly("1 3.12", "2 3.20");
    }

    @Test
    void leavesOutWhatIsSupportedAndNotOnMuslAndWhatIsNoImage() {
        assertThat(rank(
                        group("debian", "13", Libc.Family.GLIBC, AnalysisStatus.COMPLETE, 2, List.of(A), 1),
                        group("wolfi", "20230201", Libc.Family.GLIBC, AnalysisStatus.COMPLETE, 2, List.of(A), 1),
                        group(null, null, Libc.Family.STATIC, AnalysisStatus.COMPLETE, 2, List.of(A), 1),
                        group("alpine", "3.12.1", Libc.Family.MUSL, AnalysisStatus.SKIPPED, 2, List.of(A), 1)))
                .isEmpty();
    }

    @Test
    void saysWhatPaidSupportIsLeftAndWhatIsUnconfirmed() {
        List<BacklogEntry> entries = rank(
                group("debian", "11", Libc.Family.GLIBC, AnalysisStatus.COMPLETE, 2, List.of(A), 1),
                group("mariner", "2.0", Libc.Family.GLIBC, AnalysisStatus.COMPLETE, 1, List.of(A), 1));

        assertThat(entries.get(0).why())
                .containsExactly(
                        new Why(
                                "extended",
                                Backlog.EXTENDED,
                                "free fixes ended on 2026-08-31, 82 days ago; only paid or opt-in support is left, until 2031-06-30"));
        assertThat(entries.get(1).why())
                .containsExactly(new Why(
                        "ended", Backlog.ENDED, "support ended on 2025-07-31, 478 days ago (date unconfirmed)"));
    }

    @Test
    void ruleNamesTheVeryPoints() {
        assertThat(Backlog.RULE)
                .contains("ended " + Backlog.ENDED)
                .contains("paid support " + Backlog.EXTENDED)
                .contains("unknown " + Backlog.UNKNOWN)
                .contains(Backlog.MUSL + " more on musl");
    }

    private static List<BacklogEntry> rank(StandsOn... groups) {
        return new Backlog(Lifecycle.bundled(), DAY, EnumSet.of(Include.MUSL, Include.PAST_SUPPORT))
                .rank(List.of(groups));
    }

    private static StandsOn group(
            @Nullable String distro,
            @Nullable String version,
            Libc.Family libc,
            AnalysisStatus status,
            long images,
            List<Repository> repositories,
            long repositoryCount) {
        return new StandsOn(
                distro,
                version,
                null,
                null,
                libc,
                status,
                images,
                repositories,
                repositoryCount,
                images * 100,
                Instant.parse("2024-01-01T00:00:00Z"),
                Instant.parse("2025-01-01T00:00:00Z"));
    }
}
