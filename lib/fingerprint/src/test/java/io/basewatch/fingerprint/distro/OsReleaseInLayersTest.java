package io.basewatch.fingerprint.distro;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.elf.ImageElfFiles;
import io.basewatch.fingerprint.Detector;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.SquashedImage;
import io.basewatch.layerfacts.TestLayers;
import io.basewatch.layerfacts.TestLayers.Tar;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OsReleaseInLayersTest {

    private static final String REPOSITORIES = "https://dl-cdn.alpinelinux.org/alpine/v3.20/main\n";

    private static Tar alpine(String version) {
        return TestLayers.tar()
                .file("etc/os-release", "ID=alpine\nVERSION_ID=" + version + "\nPRETTY_NAME=\"Alpine Linux\"\n")
                .file("etc/apk/repositories", REPOSITORIES);
    }

    private static Fingerprint detect(Tar... layers) {
        List<Detector> detectors = List.of(new DistroDetector());
        Findings findings = new Findings();
        ImageView image = SquashedImage.of(
                Arrays.stream(layers).map(layer -> layer.facts(Kinds.all())).toList(), ImageInputs.NONE);
        detectors.get(0).detect(image, new ImageElfFiles(image), findings);
        return findings.toFingerprint();
    }

    @Test
    void aDeletedOneAddsTheExactReleaseToWhatIsLeft() {
        Distro distro = detect(alpine("3.20.3"), TestLayers.tar().whiteout("etc/os-release"))
                .distro();

        assertThat(distro).isNotNull();
        assertThat(distro.id() + " " + distro.version()).isEqualTo("alpine 3.20.3");
        assertThat(distro.evidence())
                .extracting(evidence -> evidence.path() + ": " + evidence.excerpt())
                .contains("etc/os-release: ID=alpine\nVERSION_ID=3.20.3");
    }

    @Test
    void aDeletedOneIsNotBelievedWhereWhatIsLeftTellsOfAnotherRelease() {
        Fingerprint found = detect(alpine("3.19.1"), TestLayers.tar().whiteout("etc/os-release"));

        assertThat(found.distro()).extracting(Distro::version).isEqualTo("3.20");
        assertThat(found.contradictions()).isEmpty();
    }

    @Test
    void aDeletedOneDoesNotNameADistributionAlone() {
        Fingerprint found = detect(
                alpine("3.20.3"), TestLayers.tar().whiteout("etc/os-release").whiteout("etc/apk"));

        assertThat(found.distro()).isNull();
    }

    @Test
    void aReplacedOneSaysNothingBesideTheOneThatIsThere() {
        Fingerprint found =
                detect(alpine("3.20.3"), TestLayers.tar().file("etc/os-release", "ID=alpine\nVERSION_ID=3.20\n"));

        assertThat(found.distro()).extracting(Distro::version).isEqualTo("3.20");
    }

    @Test
    void isReadThroughALinkThatAHigherLayerPutInItsPlace() {
        Fingerprint found = detect(
                TestLayers.tar().file("etc/os-release", "ID=debian\nVERSION_ID=\"11\"\n"),
                TestLayers.tar()
                        .symlink("etc/os-release", "../usr/lib/os-release")
                        .file("usr/lib/os-release", "ID=debian\nVERSION_ID=\"12\"\n"));

        assertThat(found.distro()).extracting(Distro::version).isEqualTo("12");
        assertThat(found.distro().evidence()).extracting(Evidence::path).containsExactly("usr/lib/os-release");
        assertThat(found.contradictions()).isEmpty();
    }

    @Test
    void isTheLowerLayersWhereAHigherOneTookTheLinkOnly() {
        Fingerprint found = detect(
                TestLayers.tar()
                        .symlink("etc/os-release", "../usr/lib/os-release")
                        .file("usr/lib/os-release", "ID=debian\nVERSION_ID=\"12\"\n"),
                TestLayers.tar().whiteout("etc/os-release"));

        assertThat(found.distro()).extracting(Distro::version).isEqualTo("12");
    }
}
