package io.basewatch.lifecycle;

import static io.basewatch.fleetmodel.SupportPhase.ENDED;
import static io.basewatch.fleetmodel.SupportPhase.EXTENDED;
import static io.basewatch.fleetmodel.SupportPhase.LTS;
import static io.basewatch.fleetmodel.SupportPhase.ROLLING;
import static io.basewatch.fleetmodel.SupportPhase.STANDARD;
import static io.basewatch.fleetmodel.SupportPhase.UNKNOWN;
import static io.basewatch.fleetmodel.SupportPhase.UNRELEASED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.JsonTree;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LifecycleTest {

    private static final LocalDate DAY = LocalDate.parse("2026-11-21");

    private final Lifecycle lifecycle = Lifecycle.bundled();

    /** Status table compiled by hand from the sources; the dataset, the mapping and the phases must agree with every row. */
    @ParameterizedTest
    @MethodSource("statusTable")
    void agreesWithTheStatusTable(Row row) {
        Support support = support(row.distro());

        assertThat(support.product()).isEqualTo(row.product);
        assertThat(support.cycle()).isEqualTo(row.cycle);
        assertThat(support.standardEnds()).isEqualTo(row.date(row.standardEnds));
        assertThat(support.ltsEnds()).isEqualTo(row.date(row.securityEnds));
        Matcher ended =
                Pattern.compile("ended (\\d+) days ago(; .* until (\\S+))?.*").matcher(row.status);
        Matcher left = Pattern.compile("supported, (\\d+) days left.*").matcher(row.status);
        if (ended.matches()) {
            assertThat(support.phase().isPastSupport()).isTrue();
            assertThat(support.ltsEnds()).isEqualTo(DAY.minusDays(Long.parseLong(ended.group(1))));
            boolean paid = ended.group(3) != null || LEGACY_ONLY.contains(row.product + " " + row.cycle);
            assertThat(support.phase()).isEqualTo(paid ? EXTENDED : ENDED);
        } else if (left.matches()) {
            assertThat(support.phase()).isIn(STANDARD, LTS);
            assertThat(support.ltsEnds()).isEqualTo(DAY.plusDays(Long.parseLong(left.group(1))));
            boolean full =
                    support.standardEnds() == null || !support.standardEnds().isBefore(DAY);
            assertThat(support.phase()).isEqualTo(full ? STANDARD : LTS);
        } else if (row.status.startsWith("unknown/rolling")) {
            assertThat(support.phase()).isIn(UNKNOWN, ROLLING);
        } else if (row.status.equals("unreleased") || row.status.equals("not released yet")) {
            assertThat(support.phase()).isEqualTo(UNRELEASED);
        } else {
            assertThat(row.status).startsWith("supported");
            assertThat(support.phase()).isEqualTo(STANDARD);
            assertThat(support.ltsEnds()).isNull();
        }
        if (row.status.endsWith("(unconfirmed)")) {
            assertThat(support.source()).contains("unconfirmed");
        } else {
            assertThat(support.source()).isNotBlank().doesNotContain("unconfirmed");
        }
    }

    /** The table counts the free and the first paid phase only; these two still have Ubuntu's legacy add-on. */
    private static final List<String> LEGACY_ONLY = List.of("ubuntu 16.04", "ubuntu 14.04");

    @Test
    void whatThisProgramCarriesIsInOrderAndSaysTheSameWhenItIsReadAllAtOnce() {
        Lifecycle whole = Lifecycle.of(lifecycle.json(), Lifecycle.Bundled.resource("releases.json"));
        LocalDate day = LocalDate.parse("2026-11-21");
        assertThat(lifecycle.products()).isEqualTo(whole.products()).isNotEmpty();
        assertThat(lifecycle.generated()).isEqualTo(whole.generated());
        for (String product : whole.products()) {
            assertThat(lifecycle.releases(product, day))
                    .isEqualTo(whole.releases(product, day))
                    .isNotEmpty();
        }
    }

    @Test
    void readsTheWholeStatusTable() throws IOException {
        assertThat(statusTable()).hasSizeGreaterThan(120);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // id, version, codename, variant, product, cycle
                "alpine, 3.18.9, -, -, alpine, 3.18",
                "alpine, 3.2.3, -, -, alpine, 3.2",
                "alpine, 3.24.1, -, -, alpine, 3.24",
                "alpine, 3.20, -, -, alpine, 3.20",
                "alpine, 3.21.0_alpha20240923, -, -, alpine, edge",
                "alpine, 3.21.0_alpha20240923, -, edge, alpine, edge",
                "alpine, 3.21.3, -, edge, alpine, edge",
                "alpine, 2.6.6, -, -, alpine, 2.6",
                "debian, 12, bookworm, -, debian, 12",
                "debian, 12.8, -, -, debian, 12",
                "debian, 6.0.10, squeeze, -, debian, 6.0",
                "debian, 6, -, -, debian, 6.0",
                "debian, -, forky, testing, debian, 14",
                "debian, -, forky, sid/testing, debian, 14",
                "debian, -, forky, -, debian, 14",
                "debian, -, forky, sid, debian, sid",
                "debian, -, -, sid, debian, sid",
                "debian, -, -, testing, debian, sid",
                "debian, trixie/sid, -, -, debian, sid",
                "debian, 12, bookworm, distroless, distroless, debian12",
                "debian, 9, -, distroless, distroless, debian9",
                "ubuntu, 22.04, jammy, -, ubuntu, 22.04",
                "ubuntu, 22.04, Jammy Jellyfish, -, ubuntu, 22.04",
                "ubuntu, -, jammy, -, ubuntu, 22.04",
                "centos, 7, -, -, centos, 7",
                "centos, 7.9.2009, -, -, centos, 7",
                "centos, 8, -, stream, centos-stream, 8",
                "centos, 10, -, stream, centos-stream, 10",
                "rhel, 9.6, -, ubi-minimal, rhel, 9",
                "rhel, 10.1, Coughlan, ubi, rhel, 10",
                "RHEL, 8.10, -, -, rhel, 8",
                "rocky, 9.5, Blue Onyx, -, rocky, 9",
                "almalinux, 9.6, -, -, almalinux, 9",
                "ol, 9.5, -, -, oraclelinux, 9",
                "fedora, 42, -, -, fedora, 42",
                "fedora, 45, -, rawhide, fedora, rawhide",
                "amzn, 2023, -, -, amazonlinux, 2023",
                "amzn, 2023.8.20250915, -, -, amazonlinux, 2023",
                "amzn, 2, -, -, amazonlinux, 2",
                "amzn, 2018.03, -, -, amazonlinux, 2018.03",
                "opensuse-leap, 15.6, -, -, opensuse-leap, 15.6",
                "opensuse, 42.3, -, -, opensuse-leap, 42.3",
                "opensuse-tumbleweed, 20241010, -, -, opensuse-tumbleweed, rolling",
                "sles, 15.6, -, -, sles, 15.6",
                "sles, 10, -, -, sles, 10.0",
                "sles, 11, -, -, sles, 11.0",
                "sles, 12, -, -, sles, 12.0",
                "sles, 15, -, -, sles, 15.0",
                "sled, 15.7, -, -, sles, 15.7",
                "photon, 5.0, -, -, photon, 5.0",
                "nixos, 25.05, warbler, -, nixos, 25.05",
                "openwrt, 24.10.2, -, -, openwrt, 24.10",
                "lede, 17.01.4, -, -, openwrt, 17.01",
                "devuan, 5, daedalus, -, devuan, 5",
                "mageia, 9, -, -, mageia, 9",
                "clear-linux-os, 42780, -, -, clearlinux, current",
                "linuxmint, 22, wilma, -, linuxmint, 22",
                "linuxmint, 21.3, virginia, -, linuxmint, 21.3",
                "linuxmint, 6, faye, lmde, linuxmint, lmde6",
                "azurelinux, 3.0, -, -, azurelinux, 3.0",
                "mariner, 2.0, -, -, azurelinux, 2.0",
                "wolfi, 20230201, -, -, wolfi, rolling",
                "chainguard, 20230214, -, -, wolfi, rolling",
                "arch, -, -, -, arch, rolling",
                "arch, TEMPLATE_VERSION_ID, -, -, arch, rolling",
                "void, -, -, -, void, rolling",
                "kali, 2025.4, kali-rolling, -, kali, rolling",
                "gentoo, 2.14, -, -, gentoo, rolling",
                "chimera, -, -, -, chimera, rolling",
                "openEuler, 22.03, -, -, openeuler, 22.03-LTS",
                "anolis, 8.8, -, -, anolis, 8",
                "openkylin, 2.0, -, -, openkylin, 2.0",
                "postmarketos, v25.12, -, -, postmarketos, 25.12",
                "postmarketos, 24.06, -, -, postmarketos, 24.06",
                "postmarketos, -, -, edge, postmarketos, edge",
                "scientific, 7.9, Nitrogen, -, scientific, 7",
                "cloudlinux, 8.10, -, -, cloudlinux, 8",
                "eurolinux, 9.2, Vilnius, -, eurolinux, 9",
                "suse-microos, 5.1, -, -, suse-linux-micro, 5.1",
                "sle-micro, 5.5, -, -, suse-linux-micro, 5.5",
                "sl-micro, 6.0, -, -, suse-linux-micro, 6.0",
                "slackware, 14.2, -, -, slackware, 14.2",
                "slackware, 15.0, current, current, slackware, current",
                "steamos, 3.7.16, holo, -, steamos, 3",
                "pop, 22.04, jammy, -, pop, 22.04",
                "tails, 7.8.1, -, -, tails, 7",
                "mx, 23.6, Libretto, -, mx, 23",
                "antix, 22, -, -, antix, 21",
                "xcp-ng, 7.4.0, -, -, xcp-ng, 7.4",
                "xenenterprise, 8.2.0, -, xcp-ng, xcp-ng, 8.2",
                "proxmox, 8.4, -, -, proxmox, 8",
                "qubes, 4.2.4, -, -, qubes, 4.2",
                "qubes, 2, -, -, qubes, 2",
                "cos, 97, -, -, cos, cos-97",
                "apertis, v2024.3, -, -, apertis, v2024",
                "altlinux, 10.4, -, -, altlinux, p10",
                "altlinux, p11, Salvia, -, altlinux, p11",
                "altlinux, 20240122, -, sisyphus, altlinux, sisyphus",
                "zentyal, 8.0, -, -, zentyal, 8"
            })
    void mapsWhatOsReleaseSaysToItsProductAndCycle(
            String id,
            @Nullable String version,
            @Nullable String codename,
            @Nullable String variant,
            String product,
            String cycle) {
        Support support = support(distro(id, version, codename, variant));

        assertThat(support.product()).isEqualTo(product);
        assertThat(support.cycle()).isEqualTo(cycle);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "alpine, 3.99.0, -, -", // newer than the data
                "alpine, 4.0.0, -, -",
                "alpine, 3, -, -",
                "alpine, 3.25.0_rc1, -, -", // before its first day, and not edge
                "alpine, 3.240, -, -",
                "alpine, -, -, -",
                "alpine, '', -, -",
                "alpine, 3.18-mycorp, -, -",
                "debian, 99, -, -",
                "debian, -, -, -",
                "debian, -, unheard, -",
                "debian, 12, trixie, -", // contradicts itself
                "ubuntu, 26.04, plucky, -",
                "ubuntu, 99.04, -, -",
                "ubuntu, 22, -, -",
                "centos, 9, -, -", // CentOS Linux ended with 8
                "centos, 7, -, stream",
                "rhel, 99.1, -, -",
                "rhel, 90, -, -",
                "fedora, 4x, -, -",
                "fedora, 99, -, -",
                "amzn, 2022, -, -", // a preview
                "opensuse-leap, 15, -, -",
                "sles, 15.99, -, -",
                "mageia, 10, -, cauldron", // in the making
                "linuxmint, 6, felicia, -", // not the Debian edition
                "openwrt, SNAPSHOT, -, -",
                "openwrt, 15.05, -, -",
                "openEuler, 23.09, -, -", // no long-term release
                "debian, 99, -, distroless"
            })
    void callsAReleaseThatTheDataDoesNotKnowUnknown(
            String id, @Nullable String version, @Nullable String codename, @Nullable String variant) {
        Support support = support(distro(id, version, codename, variant));

        assertThat(support.product()).isNotNull();
        assertThat(support).isEqualTo(Support.unknown(support.product(), DAY));
        assertThat(support.phase().isPastSupport()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "zorin, 17, jammy",
        "raspbian, 12, bookworm",
        "parrot, 6.2, lory",
        "tinycore, 11.0, ''",
        "buildroot, 2014.02, ''",
        "rebuilt, 9, ''",
        "springdale, 7, ''",
        "'', 12, bookworm"
    })
    void neverGivesADerivativeItsParentsDates(String id, String version, String codename) {
        assertThat(support(derivative(id, version, codename))).isEqualTo(Support.unknown(null, DAY));
    }

    @Test
    void givesADerivativeThatHasDatesOfItsOwnThoseAndNeverItsParents() {
        assertThat(support(derivative("pop", "22.04", "jammy")).ltsEnds()).isEqualTo("2027-04-25");
        assertThat(support(derivative("postmarketos", "v25.12", "")).phase()).isEqualTo(ENDED);
        // A release of Alpine's, and none of postmarketOS.
        assertThat(support(derivative("postmarketos", "3.18", ""))).isEqualTo(unknownReleaseOf("postmarketos"));
        Support scientific7 = support(derivative("scientific", "7.9", "Nitrogen"));
        assertThat(scientific7.phase()).isEqualTo(ENDED);
        assertThat(scientific7.ltsEnds()).isEqualTo("2024-06-30");
        assertThat(scientific7.extendedEnds()).isNull();
    }

    private static Distro derivative(String id, String version, String codename) {
        return new Distro(id, version, codename, id, null, List.of("debian", "ubuntu", "alpine", "rhel"), List.of());
    }

    private static Support unknownReleaseOf(String product) {
        return Support.unknown(product, DAY);
    }

    @Test
    void knowsNothingAboutAnImageWithoutADistribution() {
        assertThat(lifecycle.support(null, DAY)).isEqualTo(Support.unknown(null, DAY));
    }

    @Test
    void survivesHostileVersions() {
        String numbers = "9".repeat(1_000_000);
        assertThat(support(distro("alpine", numbers + "." + numbers, null, null))
                        .phase())
                .isEqualTo(UNKNOWN);
        assertThat(support(distro("alpine", "3." + "1.".repeat(500_000), null, null))
                        .phase())
                .isEqualTo(UNKNOWN);
        assertThat(support(distro("debian", "12\n", null, null)).phase()).isEqualTo(UNKNOWN);
        assertThat(support(distro("rhel", "{}", null, null)).phase()).isEqualTo(UNKNOWN);
    }

    /** Ended for good: no later dataset may say otherwise. */
    @ParameterizedTest
    @CsvSource({
        "alpine, 3.2.3", "alpine, 3.9.6", "alpine, 3.12.12", "alpine, 3.18.9", "alpine, 3.20.3",
        "debian, 7", "debian, 6.0", "ubuntu, 12.04", "ubuntu, 23.10", "ubuntu, 25.04",
        "centos, 6", "centos, 7", "centos, 8", "rhel, 5.11", "ol, 6.10",
        "fedora, 37", "fedora, 41", "amzn, 2018.03", "amzn, 2", "opensuse-leap, 15.4",
        "sles, 12.3", "photon, 3.0", "nixos, 24.11", "openwrt, 21.02.3", "devuan, 3",
        "mageia, 8", "clear-linux-os, 42780", "mariner, 1.0"
    })
    void keepsSayingThatWhatEndedHasEnded(String id, String version) {
        for (int years = 0; years <= 20; years += 5) {
            Support support = lifecycle.support(distro(id, version, null, null), DAY.plusYears(years));
            assertThat(support.phase()).isEqualTo(ENDED);
        }
    }

    /** Free fixes are over, but somebody may pay: never shown as plainly supported. */
    @ParameterizedTest
    @CsvSource({
        "debian, 11",
        "debian, 10",
        "debian, 9",
        "ubuntu, 20.04",
        "ubuntu, 18.04",
        "rhel, 7.9",
        "ol, 7.9",
        "sles, 15.6"
    })
    void neverCallsPaidSupportSupported(String id, String version) {
        assertThat(support(distro(id, version, null, null)).phase()).isEqualTo(EXTENDED);
    }

    /** Peers disagree on these (or call them unsupported because they are new): any dataset must keep them supported on this day. */
    @ParameterizedTest
    @CsvSource({
        "alpine, 3.22.2",
        "alpine, 3.23.5",
        "alpine, 3.24.1",
        "debian, 13",
        "debian, 12",
        "ubuntu, 22.04",
        "ubuntu, 24.04",
        "ubuntu, 26.04",
        "ubuntu, 26.10",
        "rhel, 8.10",
        "rhel, 9.6",
        "rhel, 10.0",
        "rocky, 9.6",
        "almalinux, 10.0",
        "ol, 10.0",
        "fedora, 43",
        "fedora, 44",
        "amzn, 2023",
        "opensuse-leap, 16.0",
        "sles, 15.7",
        "photon, 5.0",
        "openwrt, 25.12.1"
    })
    void keepsSayingThatWhatIsSupportedIsSupported(String id, String version) {
        assertThat(support(distro(id, version, null, null)).phase()).isIn(STANDARD, LTS);
    }

    @ParameterizedTest
    @CsvSource({
        "wolfi, 20230201",
        "arch, 20240101",
        "kali, 2025.4",
        "gentoo, 2.14",
        "opensuse-tumbleweed, 20200101",
        "void, 1"
    })
    void readsNoAgeFromTheVersionOfARollingDistribution(String id, String version) {
        for (int years = -10; years <= 20; years += 10) {
            assertThat(lifecycle
                            .support(distro(id, version, null, null), DAY.plusYears(years))
                            .phase())
                    .isEqualTo(ROLLING);
        }
    }

    @Test
    void callsASnapshotUnreleasedOnlyUntilItsReleaseHasCome() {
        Distro trixieSid = distro("debian", null, "trixie", "testing/sid");

        Support before = lifecycle.support(trixieSid, LocalDate.parse("2025-08-08"));
        assertThat(before.phase()).isEqualTo(UNRELEASED);
        assertThat(before.cycle()).isEqualTo("13");
        assertThat(before.standardEnds()).isNull();
        assertThat(before.ltsEnds()).isNull();
        assertThat(before.extendedEnds()).isNull();
        assertThat(phase(trixieSid, "2025-08-09")).isEqualTo(STANDARD);
        assertThat(phase(trixieSid, "2035-07-01")).isEqualTo(ENDED);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "debian, -, stretch, testing/sid, 9, EXTENDED",
                "debian, -, bookworm, testing, 12, LTS",
                "debian, -, wheezy, -, 7, ENDED",
                "debian, -, forky, testing/sid, 14, UNRELEASED",
                "fedora, 41, -, rawhide, 41, ENDED",
                "ubuntu, 24.04, noble, -, 24.04, STANDARD"
            })
    void callsASnapshotWhoseReleaseHasComeWhatThatReleaseIs(
            String id,
            @Nullable String version,
            @Nullable String codename,
            @Nullable String variant,
            String cycle,
            SupportPhase phase) {
        Support support = support(distro(id, version, codename, variant));

        assertThat(support.cycle()).isEqualTo(cycle);
        assertThat(support.phase()).isEqualTo(phase);
    }

    @Test
    void countsTheLastDayOfEachPhaseAsSupported() {
        Distro debian12 = distro("debian", "12", "bookworm", null);

        assertThat(phase(debian12, "2023-06-09")).isEqualTo(UNRELEASED);
        assertThat(phase(debian12, "2023-06-10")).isEqualTo(STANDARD);
        assertThat(phase(debian12, "2026-07-11")).isEqualTo(STANDARD);
        assertThat(phase(debian12, "2026-07-12")).isEqualTo(LTS);
        assertThat(phase(debian12, "2028-06-30")).isEqualTo(LTS);
        assertThat(phase(debian12, "2028-07-01")).isEqualTo(EXTENDED);
        assertThat(phase(debian12, "2033-06-30")).isEqualTo(EXTENDED);
        assertThat(phase(debian12, "2033-07-01")).isEqualTo(ENDED);
    }

    @Test
    void skipsPhasesThatAReleaseDoesNotHave() {
        Distro alpine = distro("alpine", "3.21.7", null, null);

        assertThat(phase(alpine, "2026-11-01")).isEqualTo(STANDARD);
        assertThat(phase(alpine, "2026-11-02")).isEqualTo(ENDED);
    }

    @Test
    void countsALegacyAddOnAsExtended() {
        Distro xenial = distro("ubuntu", "16.04", "xenial", null);

        assertThat(phase(xenial, "2021-04-30")).isEqualTo(STANDARD);
        assertThat(phase(xenial, "2021-05-01")).isEqualTo(EXTENDED);
        assertThat(phase(xenial, "2026-04-24")).isEqualTo(EXTENDED);
        assertThat(phase(xenial, "2031-04-30")).isEqualTo(EXTENDED);
        assertThat(phase(xenial, "2031-05-01")).isEqualTo(ENDED);
        assertThat(support(xenial).extendedEnds()).isEqualTo("2031-04-30");
    }

    @Test
    void staysInItsPhaseWhenNoEndIsAnnounced() {
        Distro oracle10 = distro("ol", "10.0", null, null);

        assertThat(phase(oracle10, "2060-01-01")).isEqualTo(STANDARD);
        assertThat(support(oracle10).standardEnds()).isNull();
    }

    /** A date that no image's names lead to helps nobody. */
    @Test
    void leadsSomeNamesToEveryReleaseOfTheDataset() throws IOException {
        Map<String, Set<String>> reached = new HashMap<>();
        JsonNode dataset = new JsonTree(16).read(resource("lifecycle.json"));
        for (JsonNode entry : new JsonTree(16).read(resource("releases.json")).path("entries")) {
            String product = entry.path("product").asString();
            List<String> variants = new ArrayList<>(Arrays.asList((String) null));
            entry.path("variants").forEach(variant -> variants.add(variant.asString()));
            entry.path("rules").forEach(rule -> rule.path("variants").forEach(each -> variants.add(each.asString())));
            for (JsonNode row : dataset.path("products").path(product).path("cycles")) {
                String cycle = row.path("cycle").asString();
                for (String version : Arrays.asList(cycle, cycle.replaceAll("[^\\d.]", ""), null)) {
                    for (String variant : variants) {
                        String codename = version == null ? row.path("codename").asString(null) : null;
                        Support found =
                                support(distro(entry.path("ids").get(0).asString(), version, codename, variant));
                        if (product.equals(found.product()) && found.cycle() != null) {
                            reached.computeIfAbsent(product, key -> new HashSet<>())
                                    .add(found.cycle());
                        }
                    }
                }
            }
        }
        List<String> lost = new ArrayList<>();
        dataset.path("products")
                .properties()
                .forEach(product -> product.getValue().path("cycles").forEach(row -> {
                    String cycle = row.path("cycle").asString();
                    if (!reached.getOrDefault(product.getKey(), Set.of()).contains(cycle)) {
                        lost.add(product.getKey() + " " + cycle);
                    }
                }));
        // No image says that it is empty.
        assertThat(lost).containsExactly("scratch n/a");
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Lifecycle.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    @Test
    void refusesADatasetWhosePhasesGoBackInTime() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        dataset("{'cycle':'1','active_support_end':'2025-01-01','security_support_end':'2024-01-01'}"))
                .withMessageContaining("product 'x' cycle '1'")
                .withMessageContaining("2024-01-01");
    }

    @Test
    void namesTheFieldOfABadDate() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dataset("{'cycle':'1','security_support_end':'2024-02-30'}"))
                .withMessageContaining("product 'x' cycle '1': 'security_support_end' is '2024-02-30'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dataset("{'cycle':'1','security_support_end':true}"))
                .withMessageContaining("'security_support_end' is 'true'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dataset("{'cycle':'1','phase':'sunset'}"))
                .withMessageContaining("'phase' is 'sunset'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dataset("{'cycle':'1'},{'cycle':'1'}"))
                .withMessageContaining("cycle '1' twice");
    }

    @Test
    void refusesAMappingThatLeadsNowhere() {
        byte[] dataset = datasetJson("{'cycle':'1'}");
        for (String rule : List.of(
                "{'kind':'major','cycle':'2'}",
                "{'kind':'guess'}",
                "{'kind':'pattern','pattern':'('}",
                "{'kind':'exact','versions':{'one':'2'}}")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Lifecycle.of(
                            dataset, json("{'entries':[{'product':'x','ids':['x'],'rules':[" + rule + "]}]}")))
                    .withMessageContaining("release mapping of 'x'");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lifecycle.of(dataset, json("{'entries':[{'product':'y','ids':['y']}]}")))
                .withMessageContaining("product 'y'");
    }

    private static Lifecycle dataset(String cycles) {
        return Lifecycle.of(datasetJson(cycles), json("{'entries':[]}"));
    }

    private static byte[] datasetJson(String cycles) {
        return json("{'generated':'2026-11-21','products':{'x':{'cycles':[" + cycles + "]}}}");
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private Support support(Distro distro) {
        return lifecycle.support(distro, DAY);
    }

    private SupportPhase phase(Distro distro, String day) {
        return lifecycle.support(distro, LocalDate.parse(day)).phase();
    }

    private static Distro distro(
            String id, @Nullable String version, @Nullable String codename, @Nullable String variant) {
        return new Distro(id, version, codename, id, variant, List.of(), List.of());
    }

    static Stream<Row> statusTable() throws IOException {
        try (InputStream in = LifecycleTest.class.getResourceAsStream("status-2026-11-21.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines().filter(line -> !line.startsWith("#")).map(Row::parse).toList().stream();
        }
    }

    record Row(String product, String cycle, String codename, String standardEnds, String securityEnds, String status) {

        private static final Map<String, String> IDS = Map.of(
                "distroless", "debian",
                "centos-stream", "centos",
                "oraclelinux", "ol",
                "amazonlinux", "amzn",
                "clearlinux", "clear-linux-os");

        static Row parse(String line) {
            String[] cells = line.split("\\|", -1);
            return new Row(cells[0], cells[1], cells[2], cells[4], cells[5], cells[7]);
        }

        @Nullable
        LocalDate date(String cell) {
            return cell.isEmpty() || cell.equals("none") ? null : LocalDate.parse(cell);
        }

        /** What an image of that release says of itself. */
        Distro distro() {
            String id = IDS.getOrDefault(product, product);
            String name = codename.isEmpty() ? null : codename;
            return switch (product) {
                case "distroless" -> LifecycleTest.distro(id, cycle.replace("debian", ""), null, "distroless");
                case "centos-stream" -> LifecycleTest.distro(id, cycle, null, "stream");
                case "openeuler" -> LifecycleTest.distro(id, cycle.replace("-LTS", ""), null, null);
                case "clearlinux" -> LifecycleTest.distro(id, "42780", null, null);
                case "alpine" ->
                    cycle.equals("edge")
                            ? LifecycleTest.distro(id, "3.25.0_alpha20260805", null, null)
                            : LifecycleTest.distro(id, cycle + ".1", null, null);
                case "debian" ->
                    cycle.equals("sid")
                            ? LifecycleTest.distro(id, null, "forky", "sid")
                            : LifecycleTest.distro(id, cycle.equals("14") ? null : cycle, name, null);
                default -> LifecycleTest.distro(id, cycle, name, null);
            };
        }

        @Override
        public String toString() {
            return product + " " + cycle + ": " + status;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lifecycle.json", "releases.json", "canaries.json"})
    void theBundledDataIsReadAsDatabindReadsIt(String name) throws IOException {
        try (InputStream in = Lifecycle.class.getResourceAsStream(name)) {
            byte[] bytes = in.readAllBytes();

            assertThat(new JsonTree(64).read(bytes)).isEqualTo(new JsonMapper().readTree(bytes));
        }
    }
}
