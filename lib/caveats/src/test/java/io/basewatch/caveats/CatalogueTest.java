package io.basewatch.caveats;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Caveat.Severity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

class CatalogueTest {

    /** Written anew with {@code -Dbasewatch.pages=write}. */
    private static final boolean WRITES = "write".equals(System.getProperty("basewatch.pages"));

    private static Path pages() {
        Path root = Path.of(System.getProperty("basewatch.root", "../.."));
        return root.resolve(CatalogueEntry.PAGES);
    }

    @Test
    void everyEntryNamesTheRuleThatTellsItOrSaysWhyThereIsNone() {
        Map<String, String> tellers = new TreeMap<>();
        for (Rule rule : Judge.rules()) {
            String name = rule.id().substring(0, rule.id().indexOf('/'));
            rule.tells().forEach(id -> tellers.merge(id, name, (one, other) -> one + "," + other));
        }
        SoftAssertions softly = new SoftAssertions();
        for (CatalogueEntry entry : Catalogue.entries()) {
            softly.assertThat(entry.rule()).as(entry.id()).isEqualTo(tellers.getOrDefault(entry.id(), "none"));
            softly.assertThat(entry.whyNone() != null)
                    .as(entry.id())
                    .isEqualTo(entry.rule().equals("none"));
            tellers.remove(entry.id());
        }
        softly.assertThat(tellers).as("told, and no entry").isEmpty();
        softly.assertAll();
    }

    @Test
    void everyEntryIsWhole() {
        assertThat(Catalogue.entries()).hasSize(92);
        SoftAssertions softly = new SoftAssertions();
        for (CatalogueEntry entry : Catalogue.entries()) {
            softly.assertThat(entry.references()).as(entry.id()).isNotEmpty();
            softly.assertThat(entry.dated()).as(entry.id()).matches("\\d{4}-\\d\\d-\\d\\d");
            softly.assertThat(entry.confidence()).as(entry.id()).isIn("high", "medium");
            softly.assertThat(Catalogue.entry(entry.id())).contains(entry);
            if (entry.severity().compareTo(Severity.MEDIUM) >= 0 && entry.kind() != Kind.INFO) {
                softly.assertThat(entry.more())
                        .as(entry.id() + " is worth a longer story")
                        .hasSizeGreaterThan(40);
            }
            for (CatalogueEntry.Reference reference : entry.references()) {
                softly.assertThat(reference.url() == null || reference.url().startsWith("https://"))
                        .as(entry.id() + " " + reference)
                        .isTrue();
            }
        }
        softly.assertAll();
    }

    @Test
    void theChangelogTellsOfTheVersion() {
        assertThat(Catalogue.changelog().get(0).version()).isEqualTo(Catalogue.version());
        assertThat(Catalogue.version()).matches("[1-9][0-9]*");
        assertThat(Judge.version()).contains("catalogue/" + Catalogue.version());
        assertThat(Catalogue.sum())
                .as(
                        "what rules judge by has changed: add a change with a higher version and this sum to catalogue.json")
                .isEqualTo(Catalogue.changelog().get(0).judges());
    }

    @Test
    void everyEntryHasItsPageAndEveryPageItsEntry() throws Exception {
        Path pages = pages();
        if (WRITES) {
            Files.createDirectories(pages);
            for (CatalogueEntry entry : Catalogue.entries()) {
                Files.writeString(pages.resolve(entry.id() + ".md"), entry.page());
            }
            Files.writeString(pages.resolve("README.md"), Catalogue.overview());
        }
        SoftAssertions softly = new SoftAssertions();
        for (CatalogueEntry entry : Catalogue.entries()) {
            Path page = pages.resolve(entry.id() + ".md");
            softly.assertThat(Files.exists(page) ? Files.readString(page) : "")
                    .as(page.getFileName() + ": write it anew with -Dbasewatch.pages=write")
                    .isEqualTo(entry.page());
        }
        softly.assertThat(Files.readString(pages.resolve("README.md"))).isEqualTo(Catalogue.overview());
        try (Stream<Path> files = Files.list(pages)) {
            TreeSet<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("README.md"))
                    .collect(Collectors.toCollection(TreeSet::new));
            softly.assertThat(names)
                    .isEqualTo(Catalogue.entries().stream()
                            .map(entry -> entry.id() + ".md")
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
        softly.assertAll();
    }

    @Test
    void aPageSaysWhatBreaksForWhomSinceWhenHowItIsSeenAndWhatToDo() {
        assertThat(Catalogue.known("dns-no-tcp-fallback").page())
                .startsWith("# Truncated DNS answers")
                .contains(
                        "`dns-no-tcp-fallback` · risk · high · dns",
                        "## What breaks",
                        "## Who meets it",
                        "## Since and until when",
                        "Alpine before 3.18",
                        "## How it is seen",
                        "## What to do",
                        "## References",
                        "https://");
    }

    @Test
    void releasesAreComparedAsTheyAreNumbered() {
        ReleaseRange fallocate = ReleaseRange.parse(">=1.2.4 <1.2.6");
        assertThat(Stream.of(
                        "1.2.4",
                        "1.2.4_git20230717",
                        "1.2.4+git20230717",
                        "1.2.5",
                        "1.2.5-r23",
                        "1.2.4_git20230717-r4"))
                .allMatch(fallocate::holds);
        assertThat(Stream.of("1.2.3", "1.2.6", "1.2.6-r2", "1.1.24", "1.2.10", "0.9.15", "", "git", "1.2.4_rc1"))
                .noneMatch(fallocate::holds);
        assertThat(ReleaseRange.parse("<1.1.21").holds("1.1.3")).isTrue();
        assertThat(ReleaseRange.parse(">=3.14").holds("3.9.6"))
                .as("numbers, not text")
                .isFalse();
        assertThat(ReleaseRange.parse("<3.18").holds("3.17.10")).isTrue();
        assertThat(ReleaseRange.parse("<3.21").holds("3.21.0_alpha20240923"))
                .as("a preview is earlier")
                .isTrue();
        assertThat(ReleaseRange.parse("==1.2.6").holds("1.2.6-r2")).isTrue();
        assertThat(SystemRules.isOlder("1.2.5-r9", "1.2.5-r11")).isTrue();
        assertThat(SystemRules.isOlder("1.2.5-r23", "1.2.5-r23")).isFalse();
        assertThat(SystemRules.isOlder("1.2.6-r0", "1.2.5-r23")).isFalse();
    }

    @Test
    void anEntryConcernsTheReleasesItNames() {
        CatalogueEntry fallocate = Catalogue.known("elf-posix-fallocate64-1.2.4-1.2.5");
        assertThat(fallocate.concerns("1.2.4", "3.18.9"))
                .as("3.18 kept the exports")
                .isFalse();
        assertThat(fallocate.concerns("1.2.4_git20230717", "3.19.4")).isTrue();
        assertThat(fallocate.concerns("1.2.5", null)).as("musl elsewhere").isTrue();
        assertThat(fallocate.concerns("1.2.6", "3.24.0")).isFalse();
        CatalogueEntry tcp = Catalogue.known("dns-no-tcp-fallback");
        assertThat(tcp.concerns("1.2.3", "3.17.10")).isTrue();
        assertThat(tcp.concerns(null, "3.17.10"))
                .as("the distribution says it too")
                .isTrue();
        assertThat(tcp.concerns(null, null)).as("nothing says it").isFalse();
        assertThat(List.of("1.2.4", "1.2.5", "1.2.6")).noneMatch(version -> tcp.concerns(version, null));
    }
}
