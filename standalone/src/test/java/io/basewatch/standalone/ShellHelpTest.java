package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What people are told of commands before they run one: help, the manual's page, completion, and the way back from a mistyped word. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ShellHelpTest {

    private static final Pattern COMMAND = Pattern.compile("^  ([a-z][a-z-]+)  .*", Pattern.MULTILINE);
    private static final Pattern OPTION = Pattern.compile("^ {2,6}(?:-\\w, )?(--[a-z-]+)", Pattern.MULTILINE);

    private final List<String> commands = new ArrayList<>();

    @BeforeAll
    void findAllCommands() {
        for (String command : found(COMMAND, out("--help"))) {
            commands.add(command);
            found(COMMAND, out(command, "--help")).forEach(below -> commands.add(command + " " + below));
        }
        assertThat(commands).contains("inspect", "lifecycle show", "token create", "completion", "man");
        assertThat(commands).doesNotContain("rehearse");
    }

    @Test
    void everyCommandTellsItsUsageItsExitCodesAndTheVersion() {
        for (String command : commands) {
            String[] words = command.split(" ");
            String help = out(add(words, "--help"));
            assertThat(help).startsWith("Usage: basewatch " + command).contains("-V, --version", "-h, --help");
            assertThat(help).as(command).matches("(?s).*(Exit code: 0 |Commands:\n).*");
            assertThat(out(add(words, "-V"))).startsWith("basewatch ");
        }
    }

    @Test
    void theManualsPageHasEveryCommandAndOption(@TempDir Path scratch) throws Exception {
        String page = out("man");
        String plain = page.replace("\\-", "-");
        for (String command : commands) {
            assertThat(plain).as(command).containsPattern("\\.SS \"" + command + "[ \"]");
            for (String option : found(OPTION, out(add(command.split(" "), "--help")))) {
                assertThat(plain).as(command).contains(option);
            }
        }
        assertThat(plain).contains("NO_COLOR", "BASEWATCH_TOKEN").doesNotContain("rehearse", "${");

        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/groff")),
                "there is no groff here: install it to have the page set");
        Path file = Files.writeString(scratch.resolve("basewatch.1"), page);
        assertThat(run("groff", "-man", "-ww", "-z", file.toString())).isEmpty();
    }

    @Test
    void bashCompletesCommandsOptionsAndValues(@TempDir Path scratch) throws Exception {
        Path script = Files.writeString(scratch.resolve("completion"), out("completion", "bash"));

        assertThat(completed(script, "life")).isEqualTo("lifecycle");
        assertThat(completed(script, "lifecycle", "ch")).isEqualTo("check");
        assertThat(completed(script, "inspect", "--fail")).isEqualTo("--fail-on");
        assertThat(completed(script, "inspect", "--output", "mark")).isEqualTo("markdown");
    }

    private static String completed(Path script, String... words) throws Exception {
        return run(
                        "bash",
                        "-c",
                        "source '%s'; COMP_WORDS=(basewatch %s); COMP_CWORD=%d; COMP_LINE=\"${COMP_WORDS[*]}\"; _complete_basewatch 2>/dev/null; echo ${COMPREPLY[@]}"
                                .formatted(script, String.join(" ", words), words.length))
                .strip();
    }

    @Test
    void fishIsToldEveryCommandOnceAndWhatValuesThereAre() {
        String script = out("completion", "fish");

        for (String command : commands) {
            String name = command.substring(command.lastIndexOf(' ') + 1);
            assertThat(script).contains(" -f -a " + name + " -d ");
        }
        assertThat(script)
                .contains("-n '__fish_seen_subcommand_from inspect' -s o -l output -r -f -a 'text json sarif markdown'")
                .contains("-n '__fish_seen_subcommand_from token; and __fish_seen_subcommand_from create' -l role");
        assertThat(out("completion", "zsh")).contains("compinit", "bashcompinit");
    }

    @Test
    void aMistypedWordIsToldInOneLineWithTheOneThatWasMeant() {
        assertThat(usage("inspect", "--ouput", "json", "dir:/")).contains("'--ouput'", "did you mean '--output'?");
        assertThat(usage("inspect", "--fail_on=ended", "dir:/")).contains("did you mean '--fail-on'?");
        assertThat(usage("lifecycle", "shwo")).contains("did you mean 'show'?");
        assertThat(usage("inspcet", "dir:/")).contains("did you mean 'inspect'?");
        assertThat(usage("backlog", "-o", "yaml")).contains("expected one of text, json but was 'yaml'");
        assertThat(usage("watch")).as("nothing is near").doesNotContain("did you mean");
        assertThat(usage("x".repeat(100_000))).doesNotContain("did you mean");
        assertThat(usage("rehearsel")).as("what is hidden is not told").doesNotContain("did you mean");
    }

    private static String usage(String... arguments) {
        CapturedOutput told = CapturedOutput.of(() -> Basewatch.run(arguments));
        assertThat(told.code()).isEqualTo(Basewatch.USAGE);
        assertThat(told.out()).isEmpty();
        assertThat(told.err().lines()).hasSize(1);
        return told.err();
    }

    private static String out(String... arguments) {
        CapturedOutput told = CapturedOutput.of(() -> Basewatch.run(arguments));
        assertThat(told.code()).as(told.err()).isEqualTo(Basewatch.OK);
        return told.out();
    }

    private static String[] add(String[] words, String last) {
        List<String> all = new ArrayList<>(List.of(words));
        all.add(last);
        return all.toArray(String[]::new);
    }

    private static List<String> found(Pattern pattern, String text) {
        List<String> found = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return said;
    }
}
