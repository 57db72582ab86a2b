package io.basewatch.fingerprint.distro;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.MemoryImage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever stands in the files that name a distribution, the detector answers, and what it says has evidence and is short. */
class HostileReleaseFilesTest {

    private static final byte[] OS_RELEASE = """
            NAME="CentOS Stream"
            VERSION='9'
            ID="centos"
            ID_LIKE="rhel fedora"
            VERSION_ID="9"
            # a remark
            PRETTY_NAME="CentOS \\"Stream\\" 9" # another
            HOME_URL=https://centos.org/
            """.getBytes(StandardCharsets.UTF_8);

    private static final byte[] RED_HAT_RELEASE =
            "Red Hat Enterprise Linux Server release 6.10 (Santiago)\n".getBytes(StandardCharsets.UTF_8);

    @Test
    void survivesOsReleaseCutAnywhere() {
        for (int length = 0; length <= OS_RELEASE.length; length++) {
            check(detect("etc/os-release", Arrays.copyOf(OS_RELEASE, length)));
        }
    }

    @Test
    void survivesEveryFileOfTheTableCutAnywhere() {
        for (String path : ReleaseFiles.rowsByPath().keySet()) {
            for (int length = 0; length <= RED_HAT_RELEASE.length; length++) {
                check(detect(path, Arrays.copyOf(RED_HAT_RELEASE, length)));
            }
        }
    }

    @Test
    void survivesAnyChange() {
        Random random = new Random(20261122);
        String[] paths = ReleaseFiles.rowsByPath().keySet().toArray(String[]::new);
        for (int i = 0; i < 6_000; i++) {
            byte[] changed = (i % 2 == 0 ? OS_RELEASE : RED_HAT_RELEASE).clone();
            for (int n = random.nextInt(6); n >= 0; n--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            check(detect(i % 2 == 0 ? "etc/os-release" : paths[random.nextInt(paths.length)], changed));
        }
    }

    @Test
    void survivesLongFilesOfOneLetterOrOneWord() {
        for (String part :
                new String[] {"a", " ", "\n", "(", "VERSION = 1\n", "SUSE Linux ", "ID=", "\"", "1.", "deb x sid\n"}) {
            byte[] bytes = part.repeat((64 << 10) / part.length()).getBytes(StandardCharsets.UTF_8);
            for (String path : ReleaseFiles.rowsByPath().keySet()) {
                check(detect(path, bytes));
            }
            check(detect("etc/os-release", bytes));
            check(detect("etc/apk/repositories", bytes));
            check(new MemoryImage(new DistroDetector())
                    .file("etc/os-release", "ID=debian\n")
                    .file("etc/apt/sources.list", bytes)
                    .detect());
        }
    }

    @Test
    void findsABannerWhereverTheBuffersSplitIt() {
        byte[] program = ("\0".repeat(50) + "BusyBBusyBox BusyBox v\0BusyBox v1.36.1 (2024-06-10 07:11:47 UTC)\0")
                .getBytes(StandardCharsets.US_ASCII);
        for (int split = 0; split <= program.length; split++) {
            BusyBoxBanner probe = new BusyBoxBanner();
            probe.accept(program, 0, split);
            probe.accept(program, split, program.length - split);
            assertThat(new String(probe.finish(), StandardCharsets.US_ASCII))
                    .isEqualTo("BusyBox v1.36.1 (2024-06-10 07:11:47 UTC)");
        }
    }

    @Test
    void wantsEveryFileOfItsTables() {
        DistroDetector detector = new DistroDetector();
        Map<String, Integer> rows = ReleaseFiles.rowsByPath();
        assertThat(rows).hasSizeGreaterThan(60);
        for (String path : rows.keySet()) {
            Findings findings =
                    new MemoryImage(detector).file(path, RED_HAT_RELEASE).detect();
            assertThat(findings.reasons()).isEmpty();
        }
    }

    private static Findings detect(String path, byte[] bytes) {
        return new MemoryImage(new DistroDetector()).file(path, bytes).detect();
    }

    private static void check(Findings findings) {
        findings.distro().ifPresent(distro -> {
            assertThat(distro.id()).isNotBlank().hasSizeLessThanOrEqualTo(200);
            assertThat(distro.evidence()).isNotEmpty();
            assertThat(distro.name().length()).isLessThan(20_000);
        });
    }
}
