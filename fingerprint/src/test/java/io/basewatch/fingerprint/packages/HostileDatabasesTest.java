package io.basewatch.fingerprint.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.basewatch.fingerprint.Corpus;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.MemoryImage;
import io.basewatch.fleetmodel.PackageDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * No database, however broken, throws, hangs or fills the memory: each one is cut at many places and changed at random, and whatever is found then is a count
 * with packages to it, or no count with a reason.
 */
class HostileDatabasesTest {

    private record Sample(String name, String path, Supplier<byte[]> bytes, int cuts, int mutations) {}

    private static final List<Sample> SAMPLES = List.of(
            new Sample("apk", "lib/apk/db/installed", () -> sample("apk-installed"), Integer.MAX_VALUE, 3000),
            new Sample("dpkg", "var/lib/dpkg/status", () -> sample("dpkg-status"), Integer.MAX_VALUE, 3000),
            new Sample("status.d", "var/lib/dpkg/status.d/base", () -> sample("dpkg-status"), 200, 1000),
            new Sample("opkg", "usr/lib/opkg/status", () -> sample("opkg-status"), Integer.MAX_VALUE, 3000),
            new Sample(
                    "pacman",
                    "var/lib/pacman/local/glibc-2.40-1/desc",
                    () -> sample("pacman-desc"),
                    Integer.MAX_VALUE,
                    3000),
            new Sample(
                    "xbps", "var/db/xbps/pkgdb-0.38.plist", () -> sample("xbps-pkgdb.plist"), Integer.MAX_VALUE, 3000),
            new Sample(
                    "chisel",
                    "var/lib/chisel/manifest.wall",
                    () -> sample("chisel-manifest.wall"),
                    Integer.MAX_VALUE,
                    3000),
            new Sample(
                    "rpm manifest",
                    "var/lib/rpmmanifest/container-manifest-2",
                    () -> sample("rpm-manifest"),
                    Integer.MAX_VALUE,
                    2000),
            new Sample("small sqlite", "var/lib/rpm/rpmdb.sqlite", () -> sample("rpmdb-small.sqlite"), 1500, 3000),
            new Sample("small ndb", "var/lib/rpm/Packages.db", () -> sample("Packages-small.db"), 1500, 3000),
            new Sample(
                    "sqlite",
                    "var/lib/rpm/rpmdb.sqlite",
                    () -> Corpus.bytes("pkgdb/rpm/amazonlinux2023/rpmdb.sqlite"),
                    30,
                    60),
            new Sample(
                    "ndb", "var/lib/rpm/Packages.db", () -> Corpus.bytes("pkgdb/rpm/sle15-bci/Packages.db"), 40, 120),
            new Sample(
                    "bdb",
                    "var/lib/rpm/Packages",
                    () -> Corpus.bytes("pkgdb/rpm/syft-pkg-coverage/Packages"),
                    1500,
                    3000));

    @TestFactory
    Stream<DynamicTest> survivesBeingCutAnywhere() {
        return SAMPLES.stream()
                .map(sample -> dynamicTest(sample.name(), () -> {
                    byte[] whole = sample.bytes().get();
                    assertThat(detect(sample, whole).databases().get(0).count())
                            .as("the whole sample")
                            .isPositive();
                    int step = Math.max(1, whole.length / sample.cuts());
                    for (int length = 0; length < whole.length; length += step) {
                        check(detect(sample, Arrays.copyOf(whole, length)));
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> survivesAnyChange() {
        return SAMPLES.stream()
                .map(sample -> dynamicTest(sample.name(), () -> {
                    byte[] whole = sample.bytes().get();
                    Random random = new Random(20261122);
                    for (int i = 0; i < sample.mutations(); i++) {
                        check(detect(sample, changed(whole, random)));
                    }
                }));
    }

    /** Changes a few bytes, half of them in the first kilobyte, where formats keep their counts. */
    private static byte[] changed(byte[] whole, Random random) {
        byte[] changed = whole.clone();
        IntStream.rangeClosed(0, random.nextInt(8)).forEach(i -> {
            int position = random.nextInt(random.nextBoolean() ? Math.min(1024, changed.length) : changed.length);
            switch (random.nextInt(4)) {
                case 0 -> changed[position] = (byte) random.nextInt(256);
                case 1 -> changed[position] ^= (byte) (1 << random.nextInt(8));
                case 2 -> changed[position] = (byte) 0xff;
                default -> {
                    int length = Math.min(random.nextInt(64), changed.length - position);
                    System.arraycopy(changed, random.nextInt(changed.length - length + 1), changed, position, length);
                }
            }
        });
        return changed;
    }

    private static Findings detect(Sample sample, byte[] bytes) {
        return new MemoryImage(new PackagesDetector())
                .file(sample.path(), bytes)
                .detect();
    }

    private static void check(Findings findings) {
        for (PackageDatabase database : findings.databases()) {
            if (database.count() == null) {
                assertThat(findings.reasons()).isNotEmpty();
            } else {
                assertThat(findings.packages()).hasSize(database.count());
            }
        }
    }

    static byte[] sample(String name) {
        try (InputStream in = HostileDatabasesTest.class.getResourceAsStream(name)) {
            assertThat(in).as("sample " + name).isNotNull();
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
