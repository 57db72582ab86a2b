package io.basewatch.layerfacts;

import static io.basewatch.layerfacts.TestLayers.KEEPS_ALL;
import static io.basewatch.layerfacts.TestLayers.listing;
import static io.basewatch.layerfacts.TestLayers.tar;
import static io.basewatch.layerfacts.TestLayers.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.TestLayers.Tar;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;

/** How entries of layers come to lie over each other. */
class LayeringTest {

    private static ImageView view(Tar... bottomUp) {
        return TestLayers.view(List.of(KEEPS_ALL), bottomUp);
    }

    @Test
    void whiteoutHidesTheLowerFileOnly() {
        ImageView image =
                view(tar().file("etc/os-release", "lower").file("etc/issue", "x"), tar().whiteout("etc/os-release"));

        assertThat(listing(image)).containsExactly("etc/issue");
    }

    @Test
    void whiteoutOfADirectoryHidesAllBelowIt() {
        ImageView image =
                view(tar().directory("a").file("a/b/c", "1").file("a/d", "2").file("e", "3"), tar().whiteout("a"));

        assertThat(listing(image)).containsExactly("e");
        assertThat(image.find("a")).isEmpty();
    }

    @Test
    void whiteoutNeverHidesWhatItsOwnLayerBroughtWhateverTheOrder() {
        Tar lower = tar().file("a/old", "1");

        assertThat(listing(view(lower, tar().file("a/new", "2").whiteout("a")))).containsExactly("a/new");
        lower = tar().file("a/old", "1");
        assertThat(listing(view(lower, tar().whiteout("a").file("a/new", "2")))).containsExactly("a/new");
    }

    @Test
    void opaqueDirectoryHidesLowerContentWhateverTheOrder() {
        assertThat(listing(view(
                        tar().file("d/old", "1").file("d/s/old", "1"),
                        tar().directory("d").file("d/new", "2").opaque("d"))))
                .containsExactly("d/new");
        assertThat(listing(view(
                        tar().file("d/old", "1").file("d/s/old", "1"),
                        tar().directory("d").opaque("d").file("d/new", "2"))))
                .containsExactly("d/new");
    }

    @Test
    void opaqueRootHidesAllLowerLayers() {
        assertThat(listing(view(
                        tar().file("a", "1").file("b/c", "1"),
                        tar().file("d", "2").file(".wh..wh..opq", ""))))
                .containsExactly("d");
    }

    @Test
    void opaqueDirectoryThatReplacesALinkLeavesTheLinksTargetAlone() {
        ImageView image = view(
                tar().file("usr/lib/x", "1").symlink("lib", "usr/lib"),
                tar().directory("lib").opaque("lib").file("lib/y", "2"));

        assertThat(listing(image)).containsExactly("lib/y", "usr/lib/x");
    }

    @Test
    void whiteoutInTheMiddleDoesNotHideWhatAHigherLayerBrings() {
        ImageView image = view(tar().file("f", "1"), tar().whiteout("f"), tar().file("f", "3"));

        assertThat(text(image, "f")).isEqualTo("3");
    }

    @Test
    void hiddenFilesAreThoseThatHigherLayersTookAwayOrReplaced() {
        ImageView image = view(
                tar().file("etc/f", "1").file("etc/stays", "1"),
                tar().file("etc/f", "2"),
                tar().whiteout("etc/f"),
                tar().file("other", "4"));

        assertThat(image.find("etc/f")).isEmpty();
        assertThat(image.hidden("etc/f").map(file -> new String(file.content(), StandardCharsets.UTF_8)))
                .containsExactly("2", "1");
        assertThat(image.hidden("etc/stays")).isEmpty();
        assertThat(image.hidden("etc")).isEmpty();
        assertThat(image.hidden("etc/none")).isEmpty();
        assertThat(view(tar().file("f", "1"), tar().file("f", "2")).hidden("f").map(ImageFile::entry))
                .extracting(FileEntry::size)
                .containsExactly(1L);
    }

    @Test
    void otherAufsNamesAreIgnoredAndWhiteoutsOfNoNameAreNoted() {
        LayerFacts upper = tar().file(".wh..wh.aufs", "")
                .file(".wh..wh.orph/x", "")
                .file("d/.wh.", "")
                .file("d/.wh...", "")
                .file("d/.wh..", "")
                .facts(List.of(KEEPS_ALL));
        LayerFacts lower = tar().file("d/keep", "1").facts(List.of(KEEPS_ALL));

        assertThat(listing(SquashedImage.of(List.of(lower, upper), ImageInputs.NONE)))
                .containsExactly("d/keep");
        assertThat(upper.notes()).hasSize(3).allMatch(note -> note.code() == Reason.Code.LAYER_CORRUPT);
    }

    @Test
    void hardLinksThroughTheLinkStoreOfAufsShareTheirContent() {
        ImageView image = view(tar().file(".wh..wh.plnk/12.34", "shared")
                .hardLink("a", ".wh..wh.plnk/12.34")
                .hardLink("b", ".wh..wh.plnk/12.34"));

        assertThat(listing(image)).containsExactly("a", "b");
        assertThat(text(image, "b")).isEqualTo("shared");
    }

    @Test
    void fileReplacesDirectoryAndDirectoryReplacesFile() {
        assertThat(listing(view(tar().file("d/x", "1"), tar().file("d", "2")))).containsExactly("d");
        assertThat(listing(view(tar().file("d", "1"), tar().directory("d").file("d/x", "2"))))
                .containsExactly("d/x");
        assertThat(listing(view(tar().file("d", "1"), tar().file("d/x", "2")))).containsExactly("d/x");
    }

    @Test
    void directoryOverDirectoryKeepsWhatIsInIt() {
        assertThat(listing(view(
                        tar().directory("d").file("d/x", "1"),
                        tar().directory("d").file("d/y", "2"))))
                .containsExactly("d/x", "d/y");
    }

    @Test
    void directoryReplacesALinkToADirectory() {
        assertThat(listing(view(tar().file("usr/lib/x", "1").symlink("lib", "usr/lib"), tar().directory("lib"))))
                .containsExactly("usr/lib/x");
    }

    @Test
    void entriesBelowALinkOfALowerLayerLieWhereItLeads() {
        ImageView image = view(
                tar().directory("usr/lib").symlink("lib", "usr/lib").symlink("opt/abs", "/usr/lib"),
                tar().file("lib/libc.so.6", "glibc").file("opt/abs/other", "x").whiteout("lib/nothing"));

        assertThat(listing(image))
                .containsExactly("lib -> usr/lib", "opt/abs -> /usr/lib", "usr/lib/libc.so.6", "usr/lib/other");
        assertThat(image.find("/lib/libc.so.6").orElseThrow().entry().path()).isEqualTo("usr/lib/libc.so.6");
    }

    @Test
    void whiteoutBelowALinkHidesWhatLiesWhereItLeads() {
        ImageView image = view(tar().file("usr/lib/x", "1").symlink("lib", "usr/lib"), tar().whiteout("lib/x"));

        assertThat(listing(image)).containsExactly("lib -> usr/lib");
    }

    @Test
    void linksNeverLeadOutOfTheRoot() {
        ImageView image = view(
                tar().file("etc/passwd", "inside")
                        .symlink("a/up", "../../../../etc")
                        .symlink("a/abs", "/../etc/passwd"),
                tar().file("a/up/shadow", "laid"));

        assertThat(text(image, "a/up/passwd")).isEqualTo("inside");
        assertThat(text(image, "a/abs")).isEqualTo("inside");
        assertThat(text(image, "../../a/../etc/shadow")).isEqualTo("laid");
    }

    @Test
    void entriesBelowADanglingLinkAreLaidWhereItWouldLead() {
        assertThat(listing(view(tar().symlink("a", "/new/dir").file("a/x", "1"))))
                .containsExactly("a -> /new/dir", "new/dir/x");
    }

    @Test
    void linksThatLoopLeadNowhereAndWhatShouldLieBelowThemIsTold() {
        SquashedImage image = new SquashedImage(
                List.of(tar().symlink("a", "b")
                        .symlink("b", "a")
                        .file("a/x", "1")
                        .symlink("self", "self")
                        .facts(List.of(KEEPS_ALL))),
                ImageInputs.NONE,
                List.of(),
                true);

        assertThat(image.find("a")).isEmpty();
        assertThat(image.find("self/x")).isEmpty();
        assertThat(image.findNoFollow("self")).isPresent();
        assertThat(image.reasons())
                .singleElement()
                .satisfies(r -> assertThat(r.message()).contains("'a/x'"));
    }

    @Test
    void fortyLinksAreFollowedAndFortyOneAreNot() {
        Tar tar = tar().file("l0", "end");
        for (int i = 1; i <= 41; i++) {
            tar.symlink("l" + i, "l" + (i - 1));
        }
        ImageView image = view(tar);

        assertThat(text(image, "l40")).isEqualTo("end");
        assertThat(text(image, "l41")).isEqualTo("missing");
    }

    /** Looking with somebody who is told of all on the way goes step by step; looking without takes plain ways at once. */
    @Test
    void plainWaysLeadWhereWalkingStepByStepDoes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> names = List.of("a", "b", ".c", "..d", ".", "..", "");
        int found = 0;
        for (int round = 0; round < 300; round++) {
            LayerTree tree = new LayerTree(10_000);
            for (int layer = 0; layer < 3; layer++) {
                Tar tar = tar();
                for (int i = 0; i < 12; i++) {
                    String path = way(random, names.subList(0, 4));
                    switch (random.nextInt(6)) {
                        case 0 -> tar.file(path, "x");
                        case 1 -> tar.symlink(path, (random.nextBoolean() ? "/" : "") + way(random, names));
                        case 2 -> tar.whiteout(path);
                        default -> tar.directory(path);
                    }
                }
                tree.lay(tar.facts(List.of(KEEPS_ALL)), layer);
            }
            for (int i = 0; i < 200; i++) {
                String path = way(random, names);
                boolean followLast = random.nextBoolean();
                int node = tree.find(path, followLast);
                assertThat(node)
                        .as("seed %d round %d path '%s' followed to its end: %s", seed, round, path, followLast)
                        .isEqualTo(tree.find(path, followLast, new Looked()));
                found += node == LayerTree.NONE ? 0 : 1;
            }
        }
        assertThat(found).isGreaterThan(5_000);
    }

    private static String way(Random random, List<String> names) {
        return Stream.generate(() -> names.get(random.nextInt(names.size())))
                .limit(1 + random.nextInt(4))
                .collect(Collectors.joining("/"));
    }

    @Test
    void hardLinksShareContentAlsoWithALowerLayerAndSurviveItsName() {
        ImageView image = view(
                tar().file("bin/busybox", "elf").hardLink("bin/sh", "bin/busybox"),
                tar().hardLink("sbin/init", "./bin/busybox").whiteout("bin/busybox"));

        assertThat(listing(image)).containsExactly("bin/sh", "sbin/init");
        assertThat(text(image, "sbin/init")).isEqualTo("elf");
        assertThat(image.find("sbin/init").orElseThrow().layer())
                .isEqualTo(image.find("bin/sh").orElseThrow().layer());
    }

    @Test
    void hardLinkToASymlinkIsAnotherSymlink() {
        assertThat(listing(view(tar().symlink("a", "target").hardLink("b", "a"))))
                .containsExactly("a -> target", "b -> target");
    }

    @Test
    void hardLinksToNothingOrToADirectoryAreTold() {
        SquashedImage image = new SquashedImage(
                List.of(tar().directory("d")
                        .hardLink("x", "gone")
                        .hardLink("y", "d")
                        .facts(List.of(KEEPS_ALL))),
                ImageInputs.NONE,
                List.of(),
                true);

        assertThat(listing(image)).isEmpty();
        assertThat(image.reasons()).hasSize(2).allMatch(r -> r.code() == Reason.Code.LAYER_CORRUPT);
    }

    @Test
    void lastOfTwoEntriesWithOneNameWins() {
        assertThat(text(view(tar().file("f", "first").file("./f", "second")), "f"))
                .isEqualTo("second");
    }

    @Test
    void namesWithDotsAndSlashesAreTheSameName() {
        ImageView image = view(
                tar().file("./etc/a", "1")
                        .file("/etc/b", "2")
                        .file("etc//c", "3")
                        .file("etc/../etc/./d", "4"),
                tar().file("./etc/.wh.a", ""));

        assertThat(listing(image)).containsExactly("etc/b", "etc/c", "etc/d");
    }

    @Test
    void entriesThatClimbOutOfTheRootAreRefusedAndNoted() {
        LayerFacts facts = tar().file("../evil", "1")
                .file("a/../../evil", "2")
                .hardLink("x", "../../etc/shadow")
                .file("good", "3")
                .facts(List.of(KEEPS_ALL));

        assertThat(listing(SquashedImage.of(List.of(facts), ImageInputs.NONE))).containsExactly("good");
        assertThat(facts.notes()).hasSize(3);
    }

    @Test
    void devicesAreOther() {
        ImageView image = view(tar().other("dev/null", TarConstants.LF_CHR)
                .other("dev/sda", TarConstants.LF_BLK)
                .other("run/fifo", TarConstants.LF_FIFO));

        assertThat(image.files().map(f -> f.entry().type()))
                .containsOnly(FileEntry.Type.OTHER)
                .hasSize(3);
    }

    @Test
    void filesComeInTheOrderOfTheirPathsAndListsInTheOrderOfTheirNames() {
        Tar tar = tar();
        List<String> paths = new ArrayList<>(List.of("a-b", "a/b", "a.b", "a/b-c/d", "a/b0", "B", "é", "zz", "a0"));
        paths.forEach(path -> {
            if (!path.equals("a/b")) {
                tar.file(path, "");
            }
        });
        paths.remove("a/b");
        paths.sort((x, y) -> java.util.Arrays.compareUnsigned(
                x.getBytes(StandardCharsets.UTF_8), y.getBytes(StandardCharsets.UTF_8)));
        ImageView image = view(tar);

        assertThat(listing(image)).isEqualTo(paths);
        assertThat(image.list("").map(f -> f.entry().name())).containsExactly("B", "a", "a-b", "a.b", "a0", "zz", "é");
        assertThat(image.list("/a/").map(f -> f.entry().name())).containsExactly("b-c", "b0");
        assertThat(image.list("B")).isEmpty();
    }

    @Test
    void probeFactsAreFoundByKindInOrderForEachName() {
        FactsKind detector = TestLayers.kind(
                "probing",
                (entry, head) -> head.length > 0 && head[0] == 'E' ? Want.probe("sum", SumProbe::new) : Want.NOTHING);
        ImageView image = TestLayers.view(
                List.of(detector),
                tar().file("z", "E1").file("a", "E23").file("text", "x").hardLink("m", "z"),
                tar().file("b", "E456"));

        assertThat(image.filesWithFacts("sum").map(f -> f.entry().path() + "=" + f.facts("sum").length))
                .containsExactly("a=3", "b=4", "m=2", "z=2");
        assertThat(image.filesWithFacts("other")).isEmpty();
        assertThat(image.find("a").orElseThrow().content()).isNull();
        assertThat(image.find("a").orElseThrow().facts("other")).isNull();
    }

    /** Keeps as many bytes as it saw. */
    private static final class SumProbe implements FileProbe {
        private int length;

        @Override
        public void accept(byte[] buffer, int offset, int count) {
            length += count;
        }

        @Override
        public byte[] finish() {
            return new byte[length];
        }
    }

    @Test
    void imagesWithMorePathsThanTheLimitSaySo() {
        Tar tar = tar();
        for (int i = 0; i < 50; i++) {
            tar.file("f" + i, "");
        }
        SquashedImage image = new SquashedImage(List.of(tar.facts(List.of())), ImageInputs.NONE, List.of(), true, 20);

        assertThat(image.files()).hasSize(19);
        assertThat(image.reasons())
                .singleElement()
                .satisfies(r -> assertThat(r.code()).isEqualTo(Reason.Code.LIMIT_EXCEEDED));
    }

    @Test
    void hundredsOfThousandsOfNamesInOneDirectoryStayFindable() {
        Tar tar = tar();
        for (int i = 0; i < 100_000; i++) {
            tar.file("d/f" + (i * 7919 % 100_000), "");
        }
        ImageView image = TestLayers.view(List.of(), tar, tar().whiteout("d/f5").opaque("none"));

        assertThat(image.files().count()).isEqualTo(99_999);
        assertThat(image.find("d/f99999")).isPresent();
        assertThat(image.find("d/f5")).isEmpty();
    }

    @Test
    void namesThatAreNoUtf8StayApart() {
        byte[] stored = tar().file("AA", "1").file("BB", "2").bytes();
        // Both names become bytes that are no UTF-8; the checksum is that of the old name plus the difference.
        rename(stored, 0, new byte[] {(byte) 0xff, (byte) 0xfe});
        rename(stored, 1024, new byte[] {(byte) 0xff, (byte) 0xfd});
        ImageView image = SquashedImage.of(List.of(TestLayers.facts(stored, List.of(KEEPS_ALL))), ImageInputs.NONE);

        assertThat(image.files().map(f -> new String(f.content(), StandardCharsets.UTF_8)))
                .containsExactly("2", "1");
    }

    static void rename(byte[] tar, int header, byte[] name) {
        System.arraycopy(name, 0, tar, header, name.length);
        fixChecksum(tar, header);
    }

    static void fixChecksum(byte[] tar, int header) {
        java.util.Arrays.fill(tar, header + 148, header + 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += tar[header + i] & 0xff;
        }
        byte[] text = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, tar, header + 148, 8);
    }
}
