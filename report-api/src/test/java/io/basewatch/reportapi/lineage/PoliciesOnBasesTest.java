package io.basewatch.reportapi.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.fleetstore.FleetReading;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lifecycle.SupportPolicy;
import io.basewatch.lineage.Base;
import io.basewatch.lineage.Bases;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.KnownBases;
import io.basewatch.lineage.Member;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PoliciesOnBasesTest {

    private static final LocalDate DAY = LocalDate.parse("2026-11-27");

    private static final SupportPolicy BOUGHT = SupportPolicy.of(List.of(
            new SupportPolicy.Entry(
                    List.of("pay/**"), "debian", List.of("10"), "ELTS", null, "2028-06-20", "contract 7"),
            new SupportPolicy.Entry(List.of("old/**"), "debian", List.of("10"), "ELTS", null, "2026-01-31", null),
            new SupportPolicy.Entry(List.of("pay/**"), "alpine", null, "Alpine forever", null, "2030-01-01", null)));

    private final List<FleetReading.Content> fleet = new ArrayList<>();
    private final Projection projection = new Projection(
            taker -> {
                for (FleetReading.Content content : fleet) {
                    taker.take(content, 0);
                }
                return fleet.size();
            },
            new FleetTree(KnownBases.none()),
            Clock.systemUTC(),
            System::nanoTime);

    private static Digest digest(String name) {
        return Digest.sha256Of(name.getBytes(StandardCharsets.UTF_8));
    }

    private static Repository repository(String name) {
        return new Repository("r.example", name);
    }

    private static Member image(String name, String... layers) {
        return new Member(
                digest("image " + name),
                Platform.parse("linux/amd64"),
                AnalysisStatus.COMPLETE,
                Arrays.stream(layers)
                        .map(layer -> new Member.Layer(digest(layer), digest(layer), false, 10))
                        .toList(),
                List.of(),
                new Member.Ground("debian", "10", "buster", null),
                Libc.Family.GLIBC,
                null,
                null,
                null,
                List.of("1"),
                List.of(),
                Map.of(),
                null);
    }

    private void put(String repository, Member... images) {
        fleet.add(new FleetReading.Content(repository(repository), List.of(images), List.of()));
    }

    private Base base(String name) {
        return projection.moment().bases().all().stream()
                .filter(base ->
                        base.names().stream().anyMatch(each -> each.reference().equals("r.example/" + name)))
                .findFirst()
                .orElseThrow();
    }

    private static Support plain() {
        return Lifecycle.bundled().support("debian", "10", "buster", null, DAY);
    }

    private List<String> told(PoliciesOnBases policies, String base) {
        Bases all = projection.moment().bases();
        return policies.of(base(base), all, plain()).stream()
                .map(decided -> decided.images() + " " + decided.phase() + (decided.pastSupport() ? " past " : " ")
                        + decided.policy().repositories())
                .toList();
    }

    private void fill() throws InterruptedException {
        put("os/debian", image("os", "os"));
        put("os/python", image("python", "os", "python"));
        put("pay/a", image("a", "os", "python", "a"), image("b", "os", "python", "b"));
        put("pay/c", image("c", "os", "c"));
        put("old/d", image("d", "os", "d"));
        put("shop/e", image("e", "os", "e"), image("everywhere", "os", "everywhere"));
        put("pay/f", image("everywhere", "os", "everywhere"));
        projection.refresh();
    }

    @Test
    void ofEachBaseIsToldHowManyImagesOnItAreInPlacesForWhichSomethingWasDecided() throws Exception {
        fill();
        PoliciesOnBases policies = new PoliciesOnBases(projection, BOUGHT);
        assertThat(plain().phase()).isEqualTo(SupportPhase.EXTENDED);
        assertThat(plain().pastSupport()).isTrue();
        assertThat(base("os/debian:1").descendants().images()).isEqualTo(7);
        // The one that lies elsewhere, too, is judged by the worst of its places.
        assertThat(told(policies, "os/debian:1"))
                .containsExactlyInAnyOrder("3 extended pay/**", "1 extended past old/**", "1 extended past pay/**");
        assertThat(told(policies, "os/python:1")).containsExactly("2 extended pay/**");
    }

    @Test
    void whatIsToldIsTheSumOfWhatIsToldOfEachImage() throws Exception {
        fill();
        PoliciesOnBases policies = new PoliciesOnBases(projection, BOUGHT);
        for (Base base : projection.moment().bases().all()) {
            List<Support> each = new ArrayList<>();
            projection
                    .tree()
                    .forEachDescendant(base.id(), image -> each.add(BOUGHT.apply(plain(), image.repositories(), true)));
            assertThat(policies.of(base, projection.moment().bases(), plain()).stream()
                            .mapToLong(PoliciesOnBases.Decided::images)
                            .sum())
                    .isEqualTo(Stream.of(each.toArray(Support[]::new))
                            .filter(support -> support.policy() != null)
                            .count());
        }
    }

    @Test
    void itFollowsTheFleet() throws Exception {
        fill();
        PoliciesOnBases policies = new PoliciesOnBases(projection, BOUGHT);
        assertThat(told(policies, "os/python:1")).containsExactly("2 extended pay/**");
        fleet.clear();
        put("pay/g", image("g", "os", "python", "g"));
        projection.refresh();
        assertThat(told(policies, "os/python:1")).containsExactly("3 extended pay/**");
    }

    @Test
    void whereNothingIsDecidedNothingIsTold() throws Exception {
        fill();
        assertThat(new PoliciesOnBases(projection, SupportPolicy.NONE)
                        .of(base("os/debian:1"), projection.moment().bases(), plain()))
                .isEmpty();
    }
}
