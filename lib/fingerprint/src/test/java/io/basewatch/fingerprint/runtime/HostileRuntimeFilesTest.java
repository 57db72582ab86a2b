package io.basewatch.fingerprint.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.basewatch.fingerprint.Detector;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.MemoryImage;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.layerfacts.Hostile;
import io.basewatch.layerfacts.Scores;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** The texts that say a runtime's version: cut at every byte they say it or nothing, never another version. */
@ExtendWith(Scores.class)
class HostileRuntimeFilesTest {

    private record Sample(String parser, Detector detector, String beside, String path, String text, String version) {

        List<LanguageRuntime> runtimes(byte[] bytes) {
            Findings findings =
                    new MemoryImage(detector).file(beside, "").file(path, bytes).detect();
            return findings.toFingerprint().runtimes();
        }
    }

    private static final List<Sample> SAMPLES = List.of(
            new Sample(
                    "Java release file",
                    new JavaDetector(),
                    "opt/java/bin/java",
                    "opt/java/release",
                    "IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_VERSION=\"17.0.10\"\nLIBC=\"gnu\"\n",
                    "17.0.10"),
            new Sample(
                    "Node header",
                    new NodeDetector(),
                    "usr/local/lib/node_modules/npm/package.json",
                    "usr/local/include/node/node_version.h",
                    "#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 11\n#define NODE_PATCH_VERSION 12\n",
                    "20.11.12"),
            new Sample(
                    "Python header",
                    new PythonDetector(),
                    "usr/local/lib/python3.11/os.py",
                    "usr/local/include/python3.11/patchlevel.h",
                    "#define PY_MAJOR_VERSION 3\n#define PY_VERSION \"3.11.9\"\n",
                    "3.11.9"),
            new Sample(
                    "Python wheel",
                    new PythonDetector(),
                    "usr/local/lib/python3.11/os.py",
                    "usr/local/lib/python3.11/site-packages/numpy-1.26.4.dist-info/WHEEL",
                    "Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_17_x86_64\n",
                    "3.11"),
            new Sample(
                    "OTP_VERSION",
                    new LibraryDetector(),
                    "usr/lib/erlang/releases/RELEASES",
                    "usr/lib/erlang/releases/26/OTP_VERSION",
                    "26.2.15\n",
                    "26.2.15"));

    @TestFactory
    Stream<DynamicTest> cutAtAnyByteTheySayNoOtherVersion() {
        return SAMPLES.stream()
                .map(sample -> dynamicTest(sample.parser(), () -> {
                    byte[] bytes = sample.text().getBytes(StandardCharsets.UTF_8);
                    LanguageRuntime whole = sample.runtimes(bytes).get(0);
                    assertThat(whole.version()).isEqualTo(sample.version());
                    Hostile.cutAtEveryByte(sample.parser(), bytes, cut -> {
                        for (LanguageRuntime runtime : sample.runtimes(cut)) {
                            // The folder's name says the beginning of the version as well.
                            assertThat(runtime.version())
                                    .as("cut at %d", cut.length)
                                    .isIn(null, sample.version(), "3.11", "26");
                            assertThat(runtime.details().keySet())
                                    .filteredOn(key -> key.startsWith("wheels.") && !key.equals("wheels.unknown"))
                                    .isSubsetOf(whole.details().keySet());
                        }
                    });
                }));
    }

    @TestFactory
    Stream<DynamicTest> surviveAnyChange() {
        return SAMPLES.stream()
                .map(sample -> dynamicTest(
                        sample.parser(),
                        () -> Hostile.change(
                                sample.parser(),
                                sample.text().getBytes(StandardCharsets.UTF_8),
                                10_000,
                                changed -> sample.runtimes(changed)
                                        .forEach(runtime ->
                                                assertThat(runtime.evidence()).isNotEmpty()))));
    }
}
