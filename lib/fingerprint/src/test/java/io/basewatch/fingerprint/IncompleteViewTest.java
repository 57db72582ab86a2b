package io.basewatch.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.elf.HandmadeElf;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.layerfacts.Expected;
import io.basewatch.layerfacts.LayerException;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.layerfacts.LayerReader;
import io.basewatch.layerfacts.TestLayers;
import io.basewatch.layerfacts.TestLayers.Tar;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is said of an image of which a layer is missing, foreign or cut short: nothing follows from what is not seen. */
class IncompleteViewTest {

    private static Fingerprint whole(Tar... layers) {
        return fingerprint(true, layers);
    }

    private static Fingerprint withALayerMissing(Tar... layers) {
        return fingerprint(false, layers);
    }

    private static Fingerprint fingerprint(boolean hasAllLayers, Tar... layers) {
        return Fingerprinter.fingerprint(
                        Arrays.stream(layers).map(tar -> tar.facts(Kinds.all())).toList(),
                        new ImageInputs(List.of("/server"), List.of(), List.of(), Map.of()),
                        hasAllLayers)
                .fingerprint();
    }

    @Test
    void neitherLibcNorPackagesNorDistributionAreSaidToBeNone() {
        assertThat(whole(tar()).systemLibc()).isEqualTo(Libc.none());
        assertThat(whole(tar()).packages()).isEmpty();

        Fingerprint found = withALayerMissing(tar());
        assertThat(found.systemLibc()).isEqualTo(Libc.unknown());
        assertThat(found.packages()).containsExactly(PackageDatabase.unknown());
        assertThat(found.distro()).isNull();
        assertThat(found.contradictions()).isEmpty();
    }

    private static Tar tar() {
        return TestLayers.tar().file("data", "x");
    }

    @Test
    void aStaticProgramAloneDoesNotMakeTheImageStatic() {
        byte[] server = HandmadeElf.x86_64().isStatic().build();
        assertThat(whole(tar().file("server", server, 0755)).libc())
                .extracting(Libc::family)
                .containsExactly(Libc.Family.STATIC);
        assertThat(withALayerMissing(tar().file("server", server, 0755)).libc())
                .extracting(Libc::family)
                .containsExactly(Libc.Family.UNKNOWN, Libc.Family.STATIC);
    }

    @Test
    void programsWithoutTheirLoaderAreNotSaidToBeStranded() {
        byte[] program = HandmadeElf.x86_64()
                .interpreter("/lib64/ld-linux-x86-64.so.2")
                .needed("libc.so.6")
                .build();
        Fingerprint complete =
                whole(tar().file("server", program, 0755).symlink("lib64/ld-linux-x86-64.so.2", "/gone"));
        assertThat(complete.contradictions()).hasSize(2);

        Fingerprint found =
                withALayerMissing(tar().file("server", program, 0755).symlink("lib64/ld-linux-x86-64.so.2", "/gone"));
        assertThat(found.contradictions()).isEmpty();
        assertThat(found.systemLibc().family()).isEqualTo(Libc.Family.UNKNOWN);
        assertThat(found.systemLibc().evidence())
                .noneMatch(evidence -> evidence.excerpt().contains("not there"));
    }

    @Test
    void aManagerWithoutItsDatabaseHasPackagesThatAreUnknownAndNothingIsSaidToBeGone() {
        byte[] apk = HandmadeElf.x86_64().isStatic().build();
        assertThat(whole(tar().file("sbin/apk", apk, 0755)).contradictions()).hasSize(1);

        Fingerprint found = withALayerMissing(tar().file("sbin/apk", apk, 0755));
        assertThat(found.packages()).singleElement().satisfies(database -> {
            assertThat(database.manager()).isEqualTo("apk");
            assertThat(database.count()).isNull();
        });
        assertThat(found.contradictions()).isEmpty();
    }

    @Test
    void packagesWithoutTheirLibraryAndForgottenListsAreNoContradictions() {
        String status =
                "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36-9+deb12u9\n\n";
        Tar[] layers = {
            tar().file("var/lib/dpkg/status", status).file("var/lib/dpkg/info/bash.list", "/.\n/bin\n/bin/bash\n")
        };
        assertThat(whole(layers).contradictions()).hasSizeGreaterThanOrEqualTo(2);
        Tar[] same = {
            tar().file("var/lib/dpkg/status", status).file("var/lib/dpkg/info/bash.list", "/.\n/bin\n/bin/bash\n")
        };
        assertThat(withALayerMissing(same).contradictions()).isEmpty();
    }

    @Test
    void variantsThatRestOnSomethingMissingAreNotClaimed() {
        Tar[] layers = {ubi()};
        assertThat(whole(layers).distro().variant()).isEqualTo("ubi-micro");
        Tar[] same = {ubi()};
        assertThat(withALayerMissing(same).distro().variant()).isEqualTo("ubi");
    }

    private static Tar ubi() {
        return tar().file("etc/os-release", "NAME=\"Red Hat Enterprise Linux\"\nID=rhel\nVERSION_ID=9.4\n")
                .file("etc/yum.repos.d/ubi.repo", "[ubi]\n");
    }

    @Test
    void runtimesDoNotSayThatTheirInterpreterIsMissing() {
        assertThat(whole(tar().file("deps/x-1.dist-info/WHEEL", "Tag: py3-none-any\n"))
                        .runtimes()
                        .get(0)
                        .details())
                .containsKey("interpreter");
        assertThat(withALayerMissing(tar().file("deps/x-1.dist-info/WHEEL", "Tag: py3-none-any\n"))
                        .runtimes()
                        .get(0)
                        .details())
                .doesNotContainKey("interpreter");
    }

    @Test
    void busyBoxIsNoDistributionOfItsOwnWhileADatabaseMayBeMissing() {
        String banner = "BusyBox v1.36.1 (2024-06-10 07:11:47 UTC)\0";
        assertThat(whole(tar().file("bin/busybox", banner)).distro().id()).isEqualTo("busybox");
        assertThat(withALayerMissing(tar().file("bin/busybox", banner)).distro())
                .isNull();
    }

    @Test
    void aLayerThatWasCutShortIsSeenByItsOwnFacts() throws Exception {
        byte[] bytes = tar().file("more", "y".repeat(5000)).bytes();
        byte[] cut = TestLayers.gzip(bytes);
        LayerFacts facts = null;
        try {
            new LayerReader(LayerLimits.defaults(), Kinds.all())
                    .read(new ByteArrayInputStream(Arrays.copyOf(cut, cut.length - 20)), Expected.NOTHING);
        } catch (LayerException e) {
            facts = e.facts().orElseThrow();
        }
        Fingerprint found =
                Fingerprinter.fingerprint(List.of(facts), ImageInputs.NONE).fingerprint();
        assertThat(found.systemLibc()).isEqualTo(Libc.unknown());
        assertThat(found.packages()).containsExactly(PackageDatabase.unknown());
    }

    @Test
    void aHardLinkIntoAMissingLayerLeavesItOpenWhatItWas() {
        Fingerprint found = whole(tar().hardLink("lib/apk/db/installed", "opt/of/another/layer"));
        assertThat(found.packages()).containsExactly(PackageDatabase.unknown());
    }
}
