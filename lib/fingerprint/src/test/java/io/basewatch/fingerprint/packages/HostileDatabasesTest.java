package io.basewatch.fingerprint.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fingerprint.MemoryImage;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.layerfacts.Corpus;
import io.basewatch.layerfacts.Hostile;
import io.basewatch.layerfacts.Scores;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * No database, however broken, throws, hangs, fills the memory or passes for whole: each is cut at every byte and changed at random.
 *
 * <p>A text whose records stand one after the other and that is cut exactly between two of them is a good text of fewer records, and a file of no bytes is
 * how a manager begins: nothing in the file itself tells. That a file of a layer is as long as it was is what the layer's digests prove.
 */
@ExtendWith(Scores.class)
class HostileDatabasesTest {

    /** What a cut may leave that is as good as the whole. */
    private enum Records {
        NONE,
        LINES,
        STANZAS;

        boolean areWholeIn(byte[] cut) {
            String text = new String(cut, StandardCharsets.ISO_8859_1);
            return switch (this) {
                case NONE -> false;
                case LINES -> text.isEmpty() || text.endsWith("\n");
                case STANZAS -> text.isEmpty() || text.endsWith("\n\n");
            };
        }
    }

    private record Sample(String parser, String path, String resource, Records records, int changes) {

        byte[] bytes() {
            return sample(resource);
        }
    }

    private static final List<Sample> SAMPLES = List.of(
            new Sample("apk", "lib/apk/db/installed", "apk-installed", Records.STANZAS, 20_000),
            new Sample("dpkg status", "var/lib/dpkg/status", "dpkg-status", Records.STANZAS, 20_000),
            new Sample("dpkg status.d", "var/lib/dpkg/status.d/base", "dpkg-status.d", Records.NONE, 20_000),
            new Sample("opkg", "usr/lib/opkg/status", "opkg-status", Records.STANZAS, 20_000),
            new Sample("pacman", "var/lib/pacman/local/glibc-2.40-1/desc", "pacman-desc", Records.NONE, 20_000),
            new Sample("xbps", "var/db/xbps/pkgdb-0.38.plist", "xbps-pkgdb.plist", Records.NONE, 10_000),
            new Sample("chisel", "var/lib/chisel/manifest.wall", "chisel-manifest.wall", Records.NONE, 10_000),
            new Sample(
                    "rpm manifest", "var/lib/rpmmanifest/container-manifest-2", "rpm-manifest", Records.LINES, 20_000),
            new Sample("rpm SQLite", "var/lib/rpm/rpmdb.sqlite", "rpmdb.sqlite", Records.NONE, 10_000),
            new Sample("rpm ndb", "var/lib/rpm/Packages.db", "Packages.db", Records.NONE, 10_000),
            new Sample("rpm Berkeley DB", "var/lib/rpm/Packages", "Packages", Records.NONE, 10_000));

    private record Large(String parser, String path, Supplier<byte[]> bytes) {}

    private static final List<Large> LARGE = List.of(
            new Large(
                    "rpm SQLite",
                    "var/lib/rpm/rpmdb.sqlite",
                    () -> Corpus.bytes("pkgdb/rpm/amazonlinux2023/rpmdb.sqlite")),
            new Large("rpm ndb", "var/lib/rpm/Packages.db", () -> Corpus.bytes("pkgdb/rpm/sle15-bci/Packages.db")));

    @Test
    void everythingRunsInAHeapOf256Megabytes() {
        assertThat(Runtime.getRuntime().maxMemory())
                .as("-Xmx, in the module's pom")
                .isLessThanOrEqualTo(256 << 20);
    }

    @TestFactory
    Stream<DynamicTest> cutAtAnyByteADatabaseIsNeverTakenForWhole() {
        return SAMPLES.stream()
                .map(sample -> dynamicTest(sample.parser(), () -> {
                    byte[] bytes = sample.bytes();
                    Findings whole = detect(sample.path(), bytes);
                    assertThat(whole.reasons()).as("the whole sample").isEmpty();
                    assertThat(whole.databases().get(0).count())
                            .as("the whole sample")
                            .isPositive();
                    List<String> wanted = names(whole);
                    Hostile.cutAtEveryByte(sample.parser(), bytes, cut -> {
                        Findings found = detect(sample.path(), cut);
                        check(found);
                        List<String> names = names(found);
                        assertThat(names)
                                .as("cut at %d", cut.length)
                                .isSubsetOf(wanted)
                                .hasSizeLessThanOrEqualTo(wanted.size());
                        boolean looksWhole = found.reasons().isEmpty()
                                && found.toFingerprint().contradictions().isEmpty();
                        if (looksWhole && !names.equals(wanted)) {
                            assertThat(sample.records().areWholeIn(cut))
                                    .as("cut at %d, found %s, and no word of it", cut.length, names)
                                    .isTrue();
                            assertThat(names).isEqualTo(wanted.subList(0, names.size()));
                        }
                    });
                }));
    }

    @TestFactory
    Stream<DynamicTest> survivesAnyChange() {
        return SAMPLES.stream()
                .map(sample -> dynamicTest(
                        sample.parser(),
                        () -> Hostile.change(
                                sample.parser(),
                                sample.bytes(),
                                sample.changes(),
                                changed -> check(detect(sample.path(), changed)))));
    }

    @TestFactory
    Stream<DynamicTest> survivesAnyChangeOfRealLargeDatabases() {
        return LARGE.stream()
                .map(large -> dynamicTest(
                        large.parser(),
                        () -> Hostile.change(
                                large.parser(),
                                large.bytes().get(),
                                60,
                                changed -> check(detect(large.path(), changed)))));
    }

    private static Findings detect(String path, byte[] bytes) {
        return new MemoryImage(new PackagesDetector()).file(path, bytes).detect();
    }

    private static List<String> names(Findings findings) {
        List<String> names = new ArrayList<>();
        for (InstalledPackage installed : findings.packages()) {
            names.add(installed.name() + " " + installed.version());
        }
        return names;
    }

    private static void check(Findings findings) {
        assertThat(findings.databases()).hasSize(1);
        PackageDatabase database = findings.databases().get(0);
        if (database.count() == null) {
            assertThat(findings.reasons().size()
                            + findings.toFingerprint().contradictions().size())
                    .isPositive();
        } else {
            assertThat(findings.packages()).hasSize(database.count());
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
