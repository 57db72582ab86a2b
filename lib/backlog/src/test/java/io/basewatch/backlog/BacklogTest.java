package io.basewatch.backlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetmodel.MoveFacts;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.Former;
import io.basewatch.lineage.KnownBases;
import io.basewatch.lineage.Member;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BacklogTest {

    private static final LocalDate DAY = LocalDate.of(2026, 11, 26);

    private final FleetTree fleet = new FleetTree(KnownBases.none());
    private final Map<String, List<Member>> held = new HashMap<>();
    private Weights weights = Weights.DEFAULT;

    private static Digest digest(String name) {
        return Digest.sha256Of(name.getBytes(StandardCharsets.UTF_8));
    }

    private static Repository repository(String name) {
        return new Repository("registry.example", name);
    }

    /** What is said of an image, for tests. */
    private final class Image {
        private final String repository;
        private final String tag;
        private final List<String> layers;
        private String distro = "alpine";
        private @Nullable String version = "3.12.12";
        private Libc.Family libc = Libc.Family.MUSL;
        private final List<Member.CaveatKey> caveats = new ArrayList<>();
        private @Nullable MoveFacts move = move(List.of(), List.of());
        private Platform platform = Platform.parse("linux/amd64");
        private Map<String, String> labels = Map.of();

        private @Nullable String variant;

        Image(String repository, String tag, String... layers) {
            this.repository = repository;
            this.tag = tag;
            this.layers = Arrays.asList(layers);
        }

        Image on(String distro, @Nullable String version, Libc.Family libc) {
            this.distro = distro;
            this.version = version;
            this.libc = libc;
            return this;
        }

        Image with(String id, Caveat.Kind kind, Caveat.Severity severity) {
            caveats.add(new Member.CaveatKey(id, kind, severity));
            return this;
        }

        Image moves(@Nullable MoveFacts facts) {
            move = facts;
            return this;
        }

        Image variant(String name) {
            variant = name;
            return this;
        }

        Image label(String name, String value) {
            labels = Map.of(name, value);
            return this;
        }

        Image platform(String text) {
            platform = Platform.parse(text);
            return this;
        }

        void push() {
            held.computeIfAbsent(repository, any -> new ArrayList<>())
                    .add(new Member(
                            digest(repository + tag + platform + layers),
                            platform,
                            AnalysisStatus.COMPLETE,
                            layers.stream()
                                    .map(layer -> new Member.Layer(digest("blob " + layer), digest(layer), false, 100))
                                    .toList(),
                            List.of(),
                            new Member.Ground(distro, version, null, variant),
                            libc,
                            Instant.parse("2026-01-01T00:00:00Z"),
                            caveats,
                            null,
                            List.of(tag),
                            List.of(),
                            labels,
                            move == null ? null : ModelJson.write(move)));
            fleet.replace(repository(repository), held.getOrDefault(repository, List.of()), List.of());
        }
    }

    private Image image(String repository, String tag, String... layers) {
        return new Image(repository, tag, layers);
    }

    private static MoveFacts move(List<String> packages, List<Digest> packagesLayers, String... runtimes) {
        return new MoveFacts(
                packages,
                List.of(),
                List.of(),
                List.of(),
                null,
                List.of(runtimes),
                packagesLayers,
                List.of(),
                false,
                List.of());
    }

    private Backlog backlog() {
        return backlog(DAY);
    }

    private Backlog backlog(LocalDate asOf) {
        return following(asOf).now();
    }

    private FollowingBacklog following(LocalDate asOf) {
        Lifecycle lifecycle = Lifecycle.bundled();
        return new FollowingBacklog(
                fleet,
                lifecycle,
                (ground, places, day) -> ground == null
                        ? Support.unknown()
                        : lifecycle.support(
                                ground.distro(), ground.version(), ground.codename(), ground.variant(), day),
                (repository, labels) -> repository.name().startsWith("shop/") ? "team shop" : labels.get("team"),
                weights,
                asOf);
    }

    private static @Nullable Target target(Entry entry) {
        return entry.targets().isEmpty() ? null : entry.targets().get(0).target();
    }

    private Entry only() {
        assertThat(backlog().entries()).hasSize(1);
        return backlog().entries().get(0);
    }

    @Test
    void anImagesLabelsSayWhoseItIsWhereItsRepositoryDoesNot() {
        image("web/a", "1", "a").label("team", "web").push();
        image("shop/b", "1", "b").label("team", "web").push();
        assertThat(backlog().entries())
                .extracting(Entry::owners)
                .containsExactlyInAnyOrder(Map.of("web", 1L), Map.of("team shop", 1L));
    }

    @Test
    void whatStandsOnABaseMovesWithIt() {
        image("library/alpine", "3.12", "os").push();
        image("platform/python", "1", "os", "python").push();
        image("shop/api", "1", "os", "python", "api").push();
        image("shop/web", "1", "os", "python", "web").push();
        image("shop/tool", "1", "os", "tool").push();

        Entry entry = only();
        assertThat(entry.name()).isEqualTo("registry.example/library/alpine:3.12");
        assertThat(entry.bases()).hasSize(1);
        assertThat(entry.images()).as("the base itself need not move").isEqualTo(4);
        assertThat(entry.repositories()).isEqualTo(4);
        assertThat(entry.owners()).containsExactly(Map.entry("team shop", 3L));
        assertThat(entry.changes())
                .extracting(change -> change.repository().name() + " " + change.layers() + " " + change.below())
                .as("what most moves along with goes first")
                .containsExactly("platform/python 1 2", "shop/tool 1 0");
        assertThat(entry.rebuilt()).isEqualTo(2);
        assertThat(entry.why()).containsExactlyInAnyOrder(Entry.Why.PAST_SUPPORT, Entry.Why.MUSL);
        assertThat(target(entry)).extracting(Target::image).isEqualTo("alpine:3.24");
        assertThat(target(entry)).extracting(Target::sameFamily).isEqualTo(true);
    }

    @Test
    void thePartsOfScoreBenefitAndEffortAddUp() {
        image("library/alpine", "3.12", "os").push();
        image("shop/api", "1", "os", "api")
                .with("elf-glibc-interpreter-missing", Caveat.Kind.CERTAIN, Caveat.Severity.CRITICAL)
                .with("dns-no-tcp-fallback", Caveat.Kind.RISK, Caveat.Severity.HIGH)
                .moves(move(List.of("curl", "nobody-knows-this"), List.of(digest("api")), "python 3.11.4"))
                .push();
        image("shop/api", "2", "os", "api2").push();
        image("shop/web", "1", "os", "web").push();

        Entry entry = only();
        // Ended on 2022-05-01: 8 + 9 * log2(1 + 1670 / 90) is more than 35.
        assertThat(entry.benefit().ended()).isEqualTo(35 + 0.1 * 35 + 35, within(1e-9));
        assertThat(entry.benefit().certain()).isEqualTo(30);
        assertThat(entry.benefit().risk()).isEqualTo(6);
        double sum =
                entry.effort().parts().stream().mapToDouble(Effort.Part::points).sum();
        assertThat(entry.effort().total()).isEqualTo(sum, within(1e-9));
        assertThat(entry.effort().parts())
                .extracting(part -> part.code() + " " + part.points() + " " + part.count())
                .containsExactlyInAnyOrder("layers 2.0 2");
        assertThat(entry.score()).isEqualTo(Math.round(100 * entry.benefit().total() / (4 + sum)) / 100.0);
        assertThat(entry.findings())
                .extracting(found -> found.id() + " " + found.kind() + " " + found.images())
                .containsExactly("elf-glibc-interpreter-missing certain 1", "dns-no-tcp-fallback risk 1");
    }

    @Test
    void whatFailsOnMuslIsMovedAwayFromItByItsRuntime() {
        image("library/alpine", "3.23", "os")
                .on("alpine", "3.23.0", Libc.Family.MUSL)
                .push();
        image("shop/api", "1", "os", "api")
                .on("alpine", "3.23.0", Libc.Family.MUSL)
                .with("python-manylinux-extension-installed", Caveat.Kind.CERTAIN, Caveat.Severity.CRITICAL)
                .moves(move(List.of("curl", "nobody-knows-this"), List.of(digest("api")), "python 3.11.4"))
                .push();

        Entry entry = only();
        assertThat(target(entry)).extracting(Target::image).isEqualTo("python:3.11-slim-trixie");
        assertThat(target(entry)).extracting(Target::describes).isEqualTo("debian:13-slim");
        assertThat(entry.effort().parts())
                .extracting(part -> part.code() + " " + part.points())
                .containsExactly("layers 1.0", "packages 0.3", "packages-unmapped 3.0");
        assertThat(entry.changes().get(0).rebasable()).isFalse();
        assertThat(entry.why()).contains(Entry.Why.CERTAIN).doesNotContain(Entry.Why.PAST_SUPPORT);
    }

    @Test
    void eachDockerfileIsMovedWhereItsOwnProgramsRun() {
        image("library/alpine", "3.12", "os").push();
        image("shop/plain", "1", "os", "plain").push();
        image("shop/other", "1", "os", "other").push();
        image("shop/api", "1", "os", "api")
                .with("x", Caveat.Kind.CERTAIN, Caveat.Severity.HIGH)
                .moves(move(List.of(), List.of(), "node 20.11.1"))
                .push();
        image("platform/php", "1", "os", "php")
                .moves(move(List.of(), List.of(), "php 8.2.1"))
                .push();
        image("shop/web", "1", "os", "php", "web")
                .with("y", Caveat.Kind.CERTAIN, Caveat.Severity.CRITICAL)
                .push();
        Map<String, String> targets = new TreeMap<>();
        only().changes()
                .forEach(change -> targets.put(
                        change.repository().name(),
                        String.valueOf(
                                change.target() == null ? null : change.target().image())));
        assertThat(targets)
                .containsExactly(
                        Map.entry("platform/php", "php:8.2-cli-trixie"),
                        Map.entry("shop/api", "node:24-trixie-slim"),
                        Map.entry("shop/other", "alpine:3.24"),
                        Map.entry("shop/plain", "alpine:3.24"));
        assertThat(only().targets())
                .extracting(aim -> aim.target().image() + " " + aim.dockerfiles())
                .containsExactly("alpine:3.24 2", "node:24-trixie-slim 1", "php:8.2-cli-trixie 1");
    }

    /** What an image with a runtime on musl, in which something fails for certain, is told to move to. */
    private String moves(String runtime, String day) {
        held.clear();
        image("shop/api", "1", "os " + runtime, "api")
                .with("x", Caveat.Kind.CERTAIN, Caveat.Severity.HIGH)
                .moves(move(List.of(), List.of(), runtime))
                .push();
        return backlog(LocalDate.parse(day)).entries().get(0).targets().stream()
                .map(aim -> aim.target().image() + " | " + aim.target().why())
                .findFirst()
                .orElse("nowhere");
    }

    @Test
    void whatIsFoundInAnImageThatMovesAlongDecidesAtOnceWhereItMoves() {
        image("library/alpine", "3.12", "os").push();
        image("platform/python", "1", "os", "python").push();
        image("shop/api", "1", "os", "python", "api").push();
        FollowingBacklog following = following(DAY);
        assertThat(target(following.now().entries().get(0)))
                .extracting(Target::image)
                .isEqualTo("alpine:3.24");

        held.remove("shop/api");
        image("shop/api", "1", "os", "python", "api")
                .with("elf-glibc-interpreter-missing", Caveat.Kind.CERTAIN, Caveat.Severity.CRITICAL)
                .push();
        assertThat(target(following.now().entries().get(0)))
                .extracting(Target::sameFamily)
                .isEqualTo(false);
    }

    @Test
    void whereTakingInAChangeBreaksNothingOfItIsLost() {
        image("shop/api", "1", "a").push();
        List<String> broken = new ArrayList<>();
        FollowingBacklog following = new FollowingBacklog(
                fleet,
                Lifecycle.bundled(),
                (ground, places, day) -> {
                    if (broken.remove(places.get(0).name())) {
                        throw new IllegalStateException("broken");
                    }
                    return Support.unknown();
                },
                (repository, labels) -> null,
                weights,
                DAY);
        assertThat(following.now().entries()).hasSize(1);
        for (int number = 0; number < 9; number++) {
            image("web/app-" + number, "1", "a" + number).push();
        }
        broken.add("web/app-4");
        assertThatThrownBy(following::now).hasMessage("broken");
        assertThat(following.now().entries()).hasSize(10);
        assertThat(following.now().entries()).extracting(Entry::images).containsOnly(1L);
    }

    @Test
    void nothingIsProposedThatHasEndedOnTheDay() {
        assertThat(moves("node 20.11.1", "2026-04-30"))
                .startsWith("node:20-trixie-slim | ")
                .endsWith("Node.js 20 gets fixes until 2026-04-30");
        assertThat(moves("node 20.11.1", "2026-05-01"))
                .as("the lowest that lasts, and none of those that are for half a year")
                .startsWith("node:22-trixie-slim | ")
                .endsWith("Node.js 20 ended on 2026-04-30; 22 gets them until 2027-04-30");
        assertThat(moves("node 20.11.1", "2026-11-26")).startsWith("node:24-trixie-slim | ");
        assertThat(moves("node 27.0.0", "2026-11-26"))
                .startsWith("node:27-trixie-slim | ")
                .endsWith("until when Node.js 27 gets fixes is not known");
        assertThat(moves("node 0.12.7", "2026-11-26"))
                .startsWith("node:24-trixie-slim | ")
                .contains("Node.js 0 gets no fixes any more; 24");
        assertThat(moves("python 2.7.18", "2026-11-26")).startsWith("python:3.11-slim-trixie | ");
        assertThat(moves("python 3.9.1", "2024-01-01")).startsWith("python:3.9-slim-bookworm | ");
        assertThat(moves("php 7.4.33", "2026-11-26")).startsWith("php:8.3-cli-trixie | ");
        assertThat(moves("ruby 2.7.8", "2026-11-26")).startsWith("ruby:3.4-slim-trixie | ");
        assertThat(moves("java 1.8.0_392", "2026-11-26"))
                .startsWith("eclipse-temurin:8-jre | ")
                .contains("or longer");
        assertThat(moves("java 1.8.0_392", "2026-12-01")).contains("until when Java 8 gets fixes is not known");
        assertThat(moves("java 20.0.1", "2026-11-26")).startsWith("eclipse-temurin:21-jre | ");
        assertThat(moves("dotnet 8.0.4", "2026-11-26")).startsWith("mcr.microsoft.com/dotnet/aspnet:10.0 | ");
        assertThat(moves("dotnet 8.0.4", "2035-01-01")).isEqualTo("nowhere");
        assertThat(moves("nothing", "2026-11-26")).startsWith("debian:13-slim | ");
        assertThat(moves("nothing", "2024-11-26")).startsWith("debian:12-slim | ");
        assertThat(moves("nothing", "2045-11-26")).isEqualTo("nowhere");
    }

    @Test
    void whatStandsOnDistrolessMovesToTheNextDistroless() {
        image("auth", "1", "os", "app")
                .on("debian", "12", Libc.Family.GLIBC)
                .variant("distroless")
                .push();

        assertThat(only().targets())
                .singleElement()
                .satisfies(aim -> assertThat(aim.target().image()).isEqualTo("gcr.io/distroless/base-debian13"));
    }

    @Test
    void everyReleaseThatIsMovedToIsInTheSupportDates() {
        Lifecycle lifecycle = Lifecycle.bundled();
        Resources.read("targets.json")
                .path("bump")
                .properties()
                .forEach(product -> product.getValue()
                        .forEach(row -> assertThat(lifecycle.release(
                                        row.path("product").asString(product.getKey()),
                                        row.path("release").asString(),
                                        DAY))
                                .as("%s %s", product.getKey(), row)
                                .isPresent()));
    }

    @Test
    void aSupportedReleaseWithoutFindingsHasNowhereToGo() {
        image("library/alpine", "3.24", "os")
                .on("alpine", "3.24.1", Libc.Family.MUSL)
                .push();
        image("shop/api", "1", "os", "api")
                .on("alpine", "3.24.1", Libc.Family.MUSL)
                .push();
        assertThat(target(only())).isNull();
        assertThat(only().benefit().total()).isZero();
        assertThat(only().score()).isZero();
    }

    @Test
    void whatStandsOnNothingKnownMovesByItself() {
        image("shop/old", "1", "a", "b").on("centos", "7", Libc.Family.GLIBC).push();
        image("shop/old", "2", "c", "d").on("centos", "7", Libc.Family.GLIBC).push();
        Entry entry = only();
        assertThat(entry.bases()).isEmpty();
        assertThat(entry.name()).isEqualTo("registry.example/shop/old");
        assertThat(entry.id()).startsWith("leaf-");
        assertThat(entry.images()).isEqualTo(2);
        assertThat(entry.changes()).hasSize(1);
        assertThat(target(entry)).extracting(Target::image).asString().contains("ubi9");
    }

    @Test
    void aBaseThatNothingStandsOnIsMovedItself() {
        image("library/debian", "10", "os")
                .on("debian", "10", Libc.Family.GLIBC)
                .push();
        assertThat(only().name()).isEqualTo("registry.example/library/debian");
        image("shop/api", "1", "os", "dist-upgrade")
                .on("debian", "13", Libc.Family.GLIBC)
                .push();
        assertThat(backlog().entries())
                .as("what was upgraded above it does not stand on its release")
                .extracting(Entry::name)
                .contains("registry.example/library/debian");
    }

    @Test
    void theSameBaseForSeveralPlatformsIsOneEntry() {
        for (String platform : List.of("linux/amd64", "linux/arm64")) {
            image("library/alpine", "3.12", "os " + platform).platform(platform).push();
            image("shop/api", "1", "os " + platform, "api " + platform)
                    .platform(platform)
                    .push();
        }
        Entry entry = only();
        assertThat(entry.bases()).hasSize(2);
        assertThat(entry.images()).isEqualTo(2);
        assertThat(entry.changes()).hasSize(1);
    }

    /** As of a base without programs of its own, or one whose platform somebody has written down wrongly. */
    @Test
    void theSameLayersForSeveralPlatformsAreEntriesWithIdsOfTheirOwn() {
        for (String platform : List.of("linux/amd64", "linux/arm64", "linux/s390x")) {
            for (String app : List.of("one", "two", "three")) {
                image("shop/" + app + platform.substring(6), "1", "os", app + platform)
                        .platform(platform)
                        .push();
            }
        }
        List<Entry> entries = backlog().entries();
        assertThat(entries).hasSize(3).allMatch(entry -> entry.id().startsWith("base-"));
        assertThat(entries).extracting(Entry::id).doesNotHaveDuplicates().allMatch(id -> id.length() == 25);
        List<String> ids = entries.stream().map(Entry::id).toList();
        image("shop/four", "1", "os", "four").platform("linux/s390x").push();
        assertThat(backlog().entries()).extracting(Entry::id).containsExactlyInAnyOrderElementsOf(ids);
    }

    @Test
    void whatATagLeadsToNowIsNotWhatItLedToBefore() {
        image("library/alpine", "3", "os20")
                .on("alpine", "3.20.3", Libc.Family.MUSL)
                .push();
        image("shop/new", "1", "os20", "new")
                .on("alpine", "3.20.3", Libc.Family.MUSL)
                .push();
        image("shop/old", "1", "os12", "old").push();
        fleet.replace(
                repository("library/alpine"),
                held.get("library/alpine"),
                List.of(new Former(
                        "3", digest("old alpine"), digest("os12"), false, Platform.parse("linux/amd64"), null)));
        assertThat(backlog().entries())
                .extracting(entry -> entry.name() + " " + entry.ground().version() + " " + entry.images())
                .containsExactlyInAnyOrder(
                        "registry.example/library/alpine:3 3.20.3 1",
                        "registry.example/library/alpine:3, as it was 3.12.12 1");
    }

    @Test
    void anImageWithoutALibcDoesNotSpeakForTheOthers() {
        image("library/alpine", "3.12", "os").push();
        image("shop/a", "1", "os", "a")
                .on("alpine", "3.12.12", Libc.Family.UNKNOWN)
                .push();
        image("shop/b", "1", "os", "b").push();
        image("shop/c", "1", "os", "c").push();
        assertThat(only().libc()).isEqualTo(Libc.Family.MUSL);
    }

    @Test
    void aRepositoryThatInstallsNothingMayBeRebasedOntoItsOwnFamily() {
        image("library/debian", "11", "os")
                .on("debian", "11", Libc.Family.GLIBC)
                .push();
        image("shop/files", "1", "os", "files")
                .on("debian", "11", Libc.Family.GLIBC)
                .moves(move(List.of(), List.of(digest("os"))))
                .push();
        image("shop/installs", "1", "os", "apt")
                .on("debian", "11", Libc.Family.GLIBC)
                .moves(move(List.of(), List.of(digest("apt"))))
                .push();
        image("shop/unknown", "1", "os", "x")
                .on("debian", "11", Libc.Family.GLIBC)
                .moves(null)
                .push();
        Map<String, @Nullable Boolean> rebasable = new HashMap<>();
        only().changes().forEach(change -> rebasable.put(change.repository().name(), change.rebasable()));
        assertThat(rebasable)
                .containsEntry("shop/files", true)
                .containsEntry("shop/installs", false)
                .containsEntry("shop/unknown", null);
        assertThat(target(only())).extracting(Target::image).isEqualTo("debian:13-slim");
    }

    @Test
    void theOrderIsTheSameWhateverTheOrderOfTelling() {
        List<Runnable> pushes = new ArrayList<>();
        for (int n = 0; n < 12; n++) {
            String base = "os" + n % 3;
            int number = n;
            pushes.add(
                    () -> image("shop/app" + number, "1", base, "app" + number).push());
        }
        for (int n = 0; n < 3; n++) {
            int number = n;
            pushes.add(() -> image("library/os" + number, "1", "os" + number).push());
        }
        pushes.forEach(Runnable::run);
        List<String> names = backlog().entries().stream().map(Entry::name).toList();
        BacklogTest other = new BacklogTest();
        List<Runnable> again = new ArrayList<>();
        for (int n = 2; n >= 0; n--) {
            int number = n;
            again.add(
                    () -> other.image("library/os" + number, "1", "os" + number).push());
        }
        for (int n = 11; n >= 0; n--) {
            String base = "os" + n % 3;
            int number = n;
            again.add(() ->
                    other.image("shop/app" + number, "1", base, "app" + number).push());
        }
        again.forEach(Runnable::run);
        assertThat(other.backlog().entries()).isEqualTo(backlog().entries());
        assertThat(names).hasSize(3).doesNotHaveDuplicates();
    }

    @Test
    void aDayBeforeAndAfterTheLastCount() {
        Support support = Lifecycle.bundled().support("alpine", "3.20.3", null, null, LocalDate.of(2026, 4, 1));
        LocalDate last = LocalDate.of(2026, 4, 1);
        assertThat(support.ltsEnds()).isEqualTo(last);
        assertThat(points(last.minusDays(180))).isZero();
        assertThat(points(last.minusDays(90))).isEqualTo(2.5);
        assertThat(points(last)).isEqualTo(5);
        assertThat(points(last.plusDays(90))).isEqualTo(8 + 9);
        assertThat(points(last.plusDays(270))).isEqualTo(8 + 18);
        assertThat(points(last.plusYears(10))).isEqualTo(35);
    }

    private static double points(LocalDate day) {
        return Points.of(
                        Lifecycle.bundled().support("alpine", "3.20.3", null, null, day),
                        day,
                        List.of(),
                        Weights.DEFAULT)
                .ended();
    }

    /** Nothing is known of a release in the shop's repositories. */
    private static class SupportByPlace implements Backlog.SupportAt {
        private int asked;

        @Override
        public Support of(Member.@Nullable Ground ground, List<Repository> places, LocalDate day) {
            asked++;
            return ground == null
                            || places.stream().anyMatch(place -> place.name().startsWith("shop/"))
                    ? Support.unknown()
                    : Lifecycle.bundled()
                            .support(ground.distro(), ground.version(), ground.codename(), ground.variant(), day);
        }
    }

    @Test
    void supportIsAskedForOnceForAllPlacesOfWhichTheSameIsSaid() {
        for (int n = 0; n < 12; n++) {
            image("shop/r" + n, "1", "base", "own" + n).push();
            image("other/r" + n, "1", "base", "own" + n).push();
            fleet.replace(repository("other/copy" + n), held.getOrDefault("other/r" + n, List.of()), List.of());
        }
        fleet.replace(repository("shop/copy"), held.getOrDefault("other/r1", List.of()), List.of());
        SupportByPlace byPlace = new SupportByPlace();
        SupportByPlace byScope = new SupportByPlace() {
            @Override
            public Object scope(Repository place) {
                return place.name().startsWith("shop/");
            }
        };

        Backlog expected = Backlog.of(fleet, Lifecycle.bundled(), byPlace, (repository, labels) -> null, weights, DAY);
        Backlog backlog = Backlog.of(fleet, Lifecycle.bundled(), byScope, (repository, labels) -> null, weights, DAY);

        assertThat(backlog.entries()).isEqualTo(expected.entries()).isNotEmpty();
        assertThat(byScope.asked)
                .as("both scopes, and the image that lies in both")
                .isLessThanOrEqualTo(3);
        assertThat(byPlace.asked).isGreaterThan(20);
    }
}
