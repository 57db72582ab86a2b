package io.basewatch.fingerprint.distro;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.MemoryImage;
import io.basewatch.layerfacts.Hostile;
import io.basewatch.layerfacts.Scores;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever stands in the files that name a distribution, the detector answers, and what it says has evidence and is short. */
@ExtendWith(Scores.class)
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

    /** A value without quotes is as good at each of its letters: nothing tells that more of it should follow. */
    @Test
    void cutAtAnyByteOsReleaseSaysNothingThatItDidNotSay() {
        Map<String, String> whole =
                OsRelease.parse(new String(OS_RELEASE, StandardCharsets.UTF_8)).fields();
        Hostile.cutAtEveryByte("os-release", OS_RELEASE, cut -> {
            Findings findings = detect("etc/os-release", cut);
            check(findings);
            OsRelease left = OsRelease.parse(new String(cut, StandardCharsets.UTF_8));
            left.fields().forEach((key, value) -> {
                if (!key.equals("HOME_URL") && !value.isEmpty()) {
                    assertThat(value).as("cut at %d", cut.length).isEqualTo(whole.get(key));
                }
            });
            assertThat(findings.reasons()).hasSize(left.isCut() ? 1 : 0);
        });
    }

    @Test
    void survivesEveryFileOfTheTableCutAnywhere() {
        for (String path : ReleaseFiles.rowsByPath().keySet()) {
            Hostile.cutAtEveryByte("release files", RED_HAT_RELEASE, cut -> check(detect(path, cut)));
        }
    }

    @Test
    void survivesAnyChange() {
        Hostile.change("os-release", OS_RELEASE, 20_000, changed -> check(detect("etc/os-release", changed)));
        for (String path : ReleaseFiles.rowsByPath().keySet()) {
            Hostile.change("release files", RED_HAT_RELEASE, 300, changed -> check(detect(path, changed)));
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
