package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.lifecycle.Lifecycle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LifecycleCommandTest {

    @TempDir
    Path folder;

    private String out = "";
    private String err = "";

    @Test
    void showsProductsReleasesAndOneRelease() {
        assertThat(run("lifecycle", "show")).isEqualTo(Basewatch.OK);
        assertThat(out).contains("centos-stream").contains("alpine");

        assertThat(run("lifecycle", "show", "debian", "--as-of", "2028-07-01")).isEqualTo(Basewatch.OK);
        assertThat(out)
                .containsPattern(
                        "12 +extended +2023-06-10 +2026-07-11 +2028-06-30 +Freexian ELTS \\(paid\\) 2033-06-30");

        assertThat(run("lifecycle", "show", "debian", "12", "-o", "json", "--as-of=2026-07-12"))
                .isEqualTo(Basewatch.OK);
        JsonNode shown = JsonMapper.shared().readTree(out);
        assertThat(shown.path("releases")).hasSize(1);
        assertThat(shown.at("/releases/0/phase").asString()).isEqualTo("lts");
        assertThat(shown.at("/releases/0/day").asString()).isEqualTo("2026-07-12");

        assertThat(run("lifecycle", "show", "debian", "99")).isEqualTo(Basewatch.FAILED);
        assertThat(err).contains("no release '99' of debian");
        assertThat(run("lifecycle", "show", "dos")).isEqualTo(Basewatch.FAILED);
        assertThat(err).contains("no product 'dos'");
        assertThat(run("lifecycle")).isEqualTo(Basewatch.USAGE);
        assertThat(err).contains("show, check, diff or refresh");
    }

    @Test
    void checksADatasetAndSaysWhyItIsRefused() throws IOException {
        Path good = write("good.json", bundled());
        assertThat(run("lifecycle", "check", good.toString())).isEqualTo(Basewatch.OK);
        assertThat(out).contains("good").contains(Lifecycle.bundled().digest()).doesNotContain("older");
        Path old = write(
                "old.json", bundled().replaceFirst("\"generated\": \"[0-9-]+\"", "\"generated\": \"2024-01-01\""));
        assertThat(run("lifecycle", "check", old.toString())).isEqualTo(Basewatch.OK);
        assertThat(out)
                .contains("older than what this version carries, of "
                        + Lifecycle.bundled().generated());

        Path revived = write(
                "revived.json",
                bundled()
                        .replaceFirst(
                                "(\"cycle\": \"10\", \"codename\": \"buster\".*?security_support_end\": \")2024",
                                "$12027"));
        assertThat(run("lifecycle", "check", revived.toString())).isEqualTo(Basewatch.FAILED);
        assertThat(err).contains("refused (canary): debian 10 ended on 2024-06-30");

        assertThat(run(
                        "lifecycle",
                        "check",
                        write("cut.json", bundled().substring(0, 5000)).toString()))
                .isEqualTo(Basewatch.FAILED);
        assertThat(err).contains("refused (form)").contains("not JSON");
        assertThat(run("lifecycle", "check", folder.resolve("absent.json").toString()))
                .isEqualTo(Basewatch.FAILED);
        assertThat(err).contains("absent.json cannot be read");
    }

    @Test
    void tellsWhatCameWentAndMovedBetweenTwoDatasets() throws IOException {
        String newer = bundled()
                .replaceFirst("(\"cycle\": \"3.21\".*?)2026-11-01(.*?)2026-11-01", "$12027-11-01$22027-11-01")
                .replaceFirst("\"cycle\": \"2.6\"", "\"cycle\": \"2.6-x\"");
        Path file = write("newer.json", newer);

        assertThat(run("lifecycle", "diff", "bundled", file.toString(), "--as-of", "2026-11-21"))
                .isEqualTo(Basewatch.OK);
        assertThat(out)
                .containsPattern(
                        "alpine +3.21 +full support 2026-11-01 -> 2027-11-01, free fixes 2026-11-01 -> 2027-11-01, phase ended -> standard")
                .containsPattern("alpine +2.6-x +came")
                .containsPattern("alpine +2.6 +went")
                .contains("3 releases are different");

        assertThat(run("lifecycle", "diff", file.toString(), file.toString())).isEqualTo(Basewatch.OK);
        assertThat(out).contains("0 releases are different");
        assertThat(run("lifecycle", "diff", "bundled", file.toString(), "-o", "json"))
                .isEqualTo(Basewatch.OK);
        assertThat(JsonMapper.shared().readTree(out).path("changes")).hasSize(3);
    }

    @Test
    void makesANewerDatasetOutOfTheFilesOfItsSources() throws IOException {
        Path sources = Files.createDirectories(folder.resolve("sources/products"));
        Files.writeString(sources.resolve("alpine-linux.md"), """
                ---
                title: Alpine Linux
                releases:
                -   releaseCycle: "3.25"
                    releaseDate: 2026-11-20
                    eol: 2028-11-01
                    latest: "3.25.0"
                -   releaseCycle: "3.24"
                    releaseDate: 2026-06-09
                    eol: 2028-07-01
                    latest: "3.24.3"
                -   releaseCycle: "0.9"
                    releaseDate: 2001-01-01
                    eol: true
                ---

                > Alpine
                """);
        Files.writeString(sources.resolve("debian.csv"), """
                version,codename,series,created,release,eol,eol-lts,eol-elts
                13,Trixie,trixie,2023-06-10,2025-08-09,2028-08-09,2030-07-31,2035-06-30
                14,Forky,forky,2025-08-09
                """);
        Path made = folder.resolve("made.json");

        int code = run(
                "lifecycle",
                "refresh",
                "--from",
                folder.resolve("sources").toString(),
                "--revision",
                "abc123",
                "--read-on",
                "2026-11-22",
                "--to",
                made.toString());

        assertThat(code).as(err).isEqualTo(Basewatch.OK);
        assertThat(out)
                .containsPattern("alpine +3.25 +came")
                .containsPattern("debian +13 +free fixes 2030-06-30 -> 2030-07-31");
        assertThat(err).contains("alpine 0.9 is not in the dataset");
        Lifecycle read = Lifecycle.read(Files.readAllBytes(made));
        assertThat(read.generated()).isEqualTo("2026-11-22");
        LocalDate day = LocalDate.parse("2028-06-15");
        var alpine = read.release("alpine", "3.25", day).orElseThrow();
        assertThat(alpine.phase()).hasToString("standard");
        assertThat(alpine.standardEnds()).isEqualTo("2028-11-01");
        assertThat(alpine.source()).isEqualTo("endoflife-date/endoflife.date products/alpine-linux.md @ abc123 (MIT)");
        assertThat(alpine.datasetDate()).isEqualTo("2026-11-22");
        assertThat(read.release("alpine", "3.24", day).orElseThrow().ltsEnds()).isEqualTo("2028-07-01");
        assertThat(read.release("debian", "13", day)
                        .orElseThrow()
                        .extended()
                        .get(0)
                        .name())
                .isEqualTo("Freexian ELTS (paid)");
        // Nothing else has changed, not by a character.
        assertThat(run("lifecycle", "diff", "bundled", made.toString())).isEqualTo(Basewatch.OK);
        assertThat(out).contains("3 releases are different");
    }

    @Test
    void writesNoDatasetThatWouldBeRefused() throws IOException {
        Path sources = Files.createDirectories(folder.resolve("bad"));
        Files.writeString(sources.resolve("debian.csv"), """
                version,codename,series,created,release,eol,eol-lts,eol-elts
                10,Buster,buster,2017-06-17,2019-07-06,2022-09-10,2028-06-30,2029-06-30
                """);
        Path made = folder.resolve("never.json");

        assertThat(run("lifecycle", "refresh", "--from", sources.toString(), "--to", made.toString()))
                .isEqualTo(Basewatch.FAILED);
        assertThat(err).contains("refused (canary): debian 10 ended on 2024-06-30");
        assertThat(made).doesNotExist();
        Files.writeString(sources.resolve("debian.csv"), "<html>");
        assertThat(run("lifecycle", "refresh", "--from", sources.toString(), "--to", made.toString()))
                .isEqualTo(Basewatch.FAILED);
        assertThat(err).contains("debian.csv is not of distro-info-data");
    }

    private static String bundled() {
        return new String(Lifecycle.bundled().json(), StandardCharsets.UTF_8);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private int run(String... arguments) {
        PrintStream realOut = System.out;
        PrintStream realErr = System.err;
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        System.setOut(new PrintStream(told, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
        try {
            return Basewatch.run(arguments);
        } finally {
            System.setOut(realOut);
            System.setErr(realErr);
            out = told.toString(StandardCharsets.UTF_8);
            err = complained.toString(StandardCharsets.UTF_8);
        }
    }
}
