package io.basewatch.layerfacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class HintsTest {

    private static final String TEXT = "one\ntwo\n";

    private static Interest interested(Hints hints, Want want) {
        return new Interest() {
            @Override
            public Want wants(FileEntry file, byte[] head) {
                return want;
            }

            @Override
            public Hints hints() {
                return hints;
            }
        };
    }

    private static FactsKind kind(Hints... hints) {
        return new FactsKind(
                "kind",
                1,
                1,
                List.of(hints).stream()
                        .map(each -> interested(each, Want.NOTHING))
                        .toList());
    }

    private static boolean concerns(Hints hints, String path, String head) {
        return concerns(hints, path, 0644, head.length(), head);
    }

    private static boolean concerns(Hints hints, String path, int mode, long size, String head) {
        return Hints.Together.of(List.of(kind(hints)))
                .mayConcern(
                        path.getBytes(StandardCharsets.UTF_8), mode, size, head.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void aFileConcernsSomebodyByItsName() {
        Hints hints = Hints.NONE.named("status", "*.list").namedLike(List.of("usr/lib/os-release"));
        assertThat(concerns(hints, "var/lib/dpkg/status", "")).isTrue();
        assertThat(concerns(hints, "status", "")).isTrue();
        assertThat(concerns(hints, "a/b.list", "")).isTrue();
        assertThat(concerns(hints, "etc/os-release", "")).isTrue();
        assertThat(concerns(hints, "status/other", "")).isFalse();
        assertThat(concerns(hints, "a/status-old", "")).isFalse();
        assertThat(concerns(hints, "", "")).isFalse();
    }

    @Test
    void aFileConcernsSomebodyByAPartOfItsName() {
        Hints hints = Hints.NONE.namedWith("release");
        assertThat(concerns(hints, "a/x-release-y", "")).isTrue();
        assertThat(concerns(hints, "release", "")).isTrue();
        assertThat(concerns(hints, "release/x", "")).isFalse();
        assertThat(concerns(hints, "a/releas", "")).isFalse();
    }

    @Test
    void aFileConcernsSomebodyByTheNameOfItsFolder() {
        Hints hints = Hints.NONE.in("status.d", "*x.d");
        assertThat(concerns(hints, "var/status.d/a", "")).isTrue();
        assertThat(concerns(hints, "status.d/a", "")).isTrue();
        assertThat(concerns(hints, "a/maxx.d/b", "")).isTrue();
        assertThat(concerns(hints, "status.d/a/b", "")).isFalse();
        assertThat(concerns(hints, "status.d", "")).isFalse();
    }

    @Test
    void aFileConcernsSomebodyByItsFirstBytes() {
        Hints hints = Hints.NONE.beginning("#!", "#?", "two").having(3, "\0x");
        assertThat(concerns(hints, "a", "#!/bin/sh")).isTrue();
        assertThat(concerns(hints, "a", "#?")).isTrue();
        assertThat(concerns(hints, "a", "two")).isTrue();
        assertThat(concerns(hints, "a", "abc\0x")).isTrue();
        assertThat(concerns(hints, "a", "abc\0")).isFalse();
        assertThat(concerns(hints, "a", "#")).isFalse();
        assertThat(concerns(hints, "a", "tw")).isFalse();
        assertThat(concerns(hints, "a", "\u00e9\u00e9\u00e9")).isFalse();
        assertThat(concerns(hints, "a", "")).isFalse();
    }

    @Test
    void aShortTextConcernsSomebodyByALine() {
        Hints hints = Hints.NONE.havingLine("two", 10);
        assertThat(concerns(hints, "a", TEXT)).isTrue();
        assertThat(concerns(hints, "a", 0644, 11, TEXT)).as("too long").isFalse();
        assertThat(concerns(hints, "a", "one two")).as("not at a line's begin").isFalse();
        assertThat(concerns(hints, "a", "\0\ntwo")).as("no text").isFalse();
        assertThat(concerns(hints, "a.png", TEXT))
                .as("of no interest by its name")
                .isFalse();
        assertThat(concerns(hints, "a.png", 0755, TEXT.length(), TEXT)).isTrue();
    }

    @Test
    void aFileOfALinkStoreConcernsSomebody() {
        Hints hints = Hints.NONE.stored();
        assertThat(concerns(hints, "nix/store/.links/abc", "")).isTrue();
        assertThat(concerns(hints, "gnu/store/.links/abc", "")).isTrue();
        assertThat(concerns(hints, ".wh..wh.plnk/1.2", "")).isTrue();
        assertThat(concerns(hints, "ostree/repo/objects/ab/" + "c".repeat(62) + ".file", ""))
                .isTrue();
        assertThat(concerns(hints, "nix/store/abc-name", "")).isFalse();
        assertThat(concerns(hints, "etc/some.file", "")).isFalse();
    }

    @Test
    void whoeverSaysNothingIsAskedAboutEveryFile() {
        Interest silent = (file, head) -> Want.NOTHING;
        assertThat(concerns(silent.hints(), "any", "")).isTrue();
        assertThat(concerns(Hints.NONE, "any", TEXT)).isFalse();
    }

    @Test
    void allOfAllKindsAreHeldTogether() {
        Hints.Together together = Hints.Together.of(List.of(
                kind(Hints.NONE.named("one"), Hints.NONE.beginning("#!")),
                kind(Hints.NONE.in("folder"), Hints.NONE.stored())));
        for (String path : List.of("one", "folder/a", "nix/store/.links/a")) {
            assertThat(together.mayConcern(path.getBytes(StandardCharsets.UTF_8), 0644, 0, new byte[0]))
                    .as(path)
                    .isTrue();
        }
        assertThat(together.mayConcern(new byte[] {'a'}, 0644, 2, new byte[] {'#', '!'}))
                .isTrue();
        assertThat(together.mayConcern(new byte[] {'a'}, 0644, 0, new byte[0])).isFalse();
    }

    @Test
    void whoeverWantsAFileThatNoHintTellsOfIsFoundWhereAssertionsAreOn() {
        FactsKind forgetful =
                new FactsKind("forgetful", 1, 1, List.of(interested(Hints.NONE.named("other"), Want.content(10))));
        FactsWriter facts = new FactsWriter(List.of(forgetful), LayerLimits.defaults());
        assertThatThrownBy(() -> facts.open(new byte[] {'a'}, 0644, 1, new byte[] {1}))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("FILE a");
    }
}
