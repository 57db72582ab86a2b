package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.standalone.Terminal.Colors;
import io.basewatch.standalone.Terminal.Tone;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {

    private static final String ESCAPE = "\u001b";

    @Test
    void coloursAreShownWhereSomebodyLooksAndDoesNotRefuseThem() {
        Map<String, String> usual = Map.of("TERM", "xterm-256color");
        assertThat(isColored(true, Colors.AUTO, usual)).isTrue();
        assertThat(isColored(false, Colors.AUTO, usual)).isFalse();
        assertThat(isColored(true, Colors.AUTO, Map.of("TERM", "dumb"))).isFalse();
        assertThat(isColored(true, Colors.AUTO, Map.of())).isFalse();
        assertThat(isColored(true, Colors.AUTO, Map.of("TERM", "xterm", "NO_COLOR", "1")))
                .isFalse();
        assertThat(isColored(true, Colors.AUTO, Map.of("TERM", "xterm", "NO_COLOR", "")))
                .as("an empty one says nothing")
                .isTrue();
        assertThat(isColored(true, Colors.AUTO, Map.of("TERM", "xterm", "CLICOLOR", "0")))
                .isFalse();
        assertThat(isColored(false, Colors.AUTO, Map.of("CLICOLOR_FORCE", "1"))).isTrue();
        assertThat(isColored(false, Colors.AUTO, Map.of("CLICOLOR_FORCE", "0"))).isFalse();
        assertThat(isColored(false, Colors.AUTO, Map.of("CLICOLOR_FORCE", "1", "NO_COLOR", "1")))
                .isFalse();
        assertThat(isColored(false, Colors.ALWAYS, Map.of("NO_COLOR", "1")))
                .as("the command line is stronger")
                .isTrue();
        assertThat(isColored(true, Colors.NEVER, Map.of("TERM", "xterm", "CLICOLOR_FORCE", "1")))
                .isFalse();
    }

    private static boolean isColored(boolean isWatched, Colors wanted, Map<String, String> environment) {
        return Terminal.of(isWatched, wanted, environment).paint(Tone.BAD, "x").contains(ESCAPE);
    }

    @Test
    void aTableFitsTheTerminalByWhatMattersLeastAndNeverCutsWhatIsToBeCopied() {
        TextTable table = new TextTable("ID", "IMAGES", "WHAT", "REMARK")
                .right("IMAGES")
                .shortened("REMARK", "NOT THERE", "WHAT");
        String id = "sha256:" + "0".repeat(40);
        table.row(id, 7, "debian:12-slim and its children", "a long remark that nobody misses much");
        table.row("short", 1200, "日本語のイメージ", "");

        List<String> wide = table.text(terminal(200)).lines().toList();
        assertThat(wide.get(1)).contains("nobody misses much");
        assertThat(wide.get(2)).startsWith("short").contains("  1200  日本語").endsWith("ジ");
        List<String> narrow = table.text(terminal(90)).lines().toList();
        assertThat(narrow.get(1))
                .hasSizeLessThanOrEqualTo(90)
                .startsWith(id + "       7  debian")
                .endsWith("a long re…");
        assertThat(table.text(terminal(30)).lines())
                .as("one row below the other where there is no room for all columns")
                .containsExactly(
                        "ID " + id,
                        "  IMAGES 7",
                        "  WHAT debian:12-slim and its…",
                        "  REMARK a long remark that n…",
                        "ID short  IMAGES 1200",
                        "  WHAT 日本語のイメージ");
        assertThat(table.text(Terminal.PLAIN)).isEqualTo(table.toString()).doesNotContain("…");
    }

    @Test
    void ofANameThatIsCutTheEndStaysWhichTellsItFromTheNext() {
        TextTable table = new TextTable("WHAT", "ID").shortened("WHAT").names("WHAT");
        table.row("registry.example.com:5000/mirror/alpine:3.18", "base-0");
        table.row("registry.example.com:5000/mirror/alpine:3.20", "base-1");
        table.row("registry.example.com:5000/mirror/🐧:日本", "base-2");

        assertThat(table.text(terminal(24)).lines())
                .containsExactly(
                        "WHAT              ID",
                        "…ror/alpine:3.18  base-0",
                        "…ror/alpine:3.20  base-1",
                        "…/mirror/🐧:日本  base-2");
        assertThat(table.text(terminal(200))).contains("registry.example.com:5000/mirror/alpine:3.18  base-0");
    }

    @Test
    void coloursDoNotMoveColumns() {
        TextTable table = new TextTable("PHASE", "NEXT");
        table.row(ReportText.toned("ended 2024-06-30"), "a");
        table.row(ReportText.toned("unknown"), "b");

        String colored = table.text(Terminal.of(true, Colors.ALWAYS, Map.of("COLUMNS", "80")));
        assertThat(colored).contains(ESCAPE + "[31mended 2024-06-30" + ESCAPE + "[0m  a");
        assertThat(colored.replaceAll(ESCAPE + "\\[[0-9]+m", "")).isEqualTo(table.toString());
    }

    @Test
    void aLineOfProgressStaysWithinTheTerminalAndMakesRoom() {
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        ProgressLine line = new ProgressLine(new PrintStream(seen, true, StandardCharsets.UTF_8), terminal(30));
        line.show("1 of 12: registry.example.com/payments/api:7.0");
        line.clear();

        String[] parts = seen.toString(StandardCharsets.UTF_8).split("\r", -1);
        assertThat(parts).containsExactly("", "1 of 12: registry.example.co…", " ".repeat(29), "");
    }

    private static Terminal terminal(int width) {
        return Terminal.of(true, Colors.NEVER, Map.of("COLUMNS", String.valueOf(width)));
    }
}
