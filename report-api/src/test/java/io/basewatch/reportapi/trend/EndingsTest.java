package io.basewatch.reportapi.trend;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.KnownBases;
import io.basewatch.lineage.Member;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EndingsTest {

    private static final LocalDate FROM = LocalDate.parse("2026-03-01");
    private static final LocalDate TO = LocalDate.parse("2026-05-01");

    private Lifecycle dates = Lifecycle.bundled();
    private final FleetTree tree = new FleetTree(KnownBases.none());
    private final Endings endings = new Endings(
            () -> tree,
            (ground, places, day) -> ground == null
                    ? Support.unknown(null, day)
                    : dates.support(ground.distro(), ground.version(), ground.codename(), ground.variant(), day),
            () -> dates);

    private static Digest digest(int n) {
        return Digest.parse("sha256:" + String.format(Locale.ROOT, "%064x", n));
    }

    private void put(String repository, int... images) {
        tree.replace(
                Repository.parse(repository),
                Stream.of(images)
                        .flatMapToInt(Arrays::stream)
                        .mapToObj(n -> new Member(
                                digest(n),
                                null,
                                AnalysisStatus.COMPLETE,
                                List.of(),
                                List.of(),
                                new Member.Ground("alpine", "3.20.6", null, null),
                                Libc.Family.MUSL,
                                null,
                                null,
                                null,
                                List.of("1"),
                                List.of(),
                                Map.of(),
                                null))
                        .toList(),
                List.of());
    }

    private List<Digest> ended(LocalDate from, LocalDate to) {
        return endings.between(from, to, null, 100).stream()
                .map(Endings.Ending::image)
                .toList();
    }

    @Test
    void whatEndedIsToldOfTheFleetAsItIsWhenAsked() {
        put("r.example/a", 1);
        assertThat(ended(FROM, TO)).containsExactly(digest(1));
        assertThat(ended(FROM, TO)).containsExactly(digest(1));
        put("r.example/b", 2, 3);
        assertThat(ended(FROM, TO)).containsExactly(digest(1), digest(2), digest(3));
        put("r.example/a");
        assertThat(ended(FROM, TO)).containsExactly(digest(2), digest(3));
    }

    @Test
    void otherDaysAreAnotherAnswer() {
        put("r.example/a", 1);
        assertThat(ended(FROM, TO)).containsExactly(digest(1));
        assertThat(ended(FROM, FROM.plusDays(1))).isEmpty();
        assertThat(ended(TO, TO.plusDays(1))).isEmpty();
        assertThat(ended(FROM, TO)).containsExactly(digest(1));
    }

    @Test
    void otherDatesAreAnotherAnswer() {
        put("r.example/a", 1);
        assertThat(ended(FROM, TO)).containsExactly(digest(1));
        dates = Lifecycle.read(new String(dates.json(), StandardCharsets.UTF_8)
                .replace("2026-04-01", "2026-06-01")
                .getBytes(StandardCharsets.UTF_8));
        assertThat(ended(FROM, TO)).isEmpty();
    }

    @Test
    void aPageBeginsBehindTheOneBefore() {
        put("r.example/a", 1, 2, 3);
        Endings.Ending first = endings.between(FROM, TO, null, 1).get(0);
        assertThat(first.image()).isEqualTo(digest(1));
        assertThat(endings.between(FROM, TO, first.place(), 1))
                .extracting(Endings.Ending::image)
                .containsExactly(digest(2));
    }
}
