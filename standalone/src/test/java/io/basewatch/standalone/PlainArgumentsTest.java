package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class PlainArgumentsTest {

    private static final List<String> WORDS = List.of(
            "alpine:3.20",
            "dir:/srv/root fs",
            "oci:a=b",
            "a=b",
            "inspect",
            "serve",
            "-o",
            "-o=json",
            "-ojson",
            "--output",
            "--output=TEXT",
            "--output=xml",
            "--output=",
            "json",
            "text",
            "--color",
            "--color=Never",
            "--color=red",
            "always",
            "markdown",
            "--fail-on",
            "--fail-on=ended,unknown",
            "--fail-on=ended,,unknown",
            "--fail-on=ended,",
            "--fail-on=",
            "Incomplete",
            "ended,ended",
            "--plain-http",
            "--plain-http=false",
            "--docker-config",
            "--token-service=x",
            "--help",
            "-h",
            "--version",
            "--",
            "-",
            "",
            " ",
            "\"quoted\"",
            "@file");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "inspect alpine:3.20",
                "inspect dir:a oci:b:c",
                "inspect -o json a",
                "inspect a --output=json b",
                "inspect --output TEXT a --fail-on ended,Unknown --plain-http"
            })
    void understandsTheUsualCalls(String line) {
        assertThat(PlainArguments.inspect(line.split(" "))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "serve",
                "inspect",
                "inspect --help",
                "inspect a --help",
                "inspect @file",
                "inspect a --outptu json",
                "inspect -o xml a"
            })
    void leavesAllElseToPicocli(String line) {
        assertThat(PlainArguments.inspect(line.split(" "))).isEmpty();
    }

    @Test
    void whatItUnderstandsPicocliUnderstandsAlike() {
        Random random = new Random(7);
        int understood = 0;
        for (int round = 0; round < 20_000; round++) {
            List<String> args = new ArrayList<>(List.of("inspect"));
            for (int n = random.nextInt(6); n >= 0; n--) {
                args.add(WORDS.get(random.nextInt(WORDS.size())));
            }
            InspectCommand ours =
                    PlainArguments.inspect(args.toArray(String[]::new)).orElse(null);
            if (ours == null) {
                continue;
            }
            understood++;
            InspectCommand theirs = new InspectCommand();
            CommandLine line = new CommandLine(CommandLine.Model.CommandSpec.create())
                    .addSubcommand(theirs)
                    .setCaseInsensitiveEnumValuesAllowed(true);
            try {
                line.parseArgs(args.toArray(String[]::new));
            } catch (ParameterException e) {
                throw new AssertionError("picocli refuses " + args, e);
            }
            assertThat(ours)
                    .as("%s", args)
                    .usingRecursiveComparison()
                    .ignoringCollectionOrderInFields("failOn")
                    // Of picocli itself.
                    .ignoringFields("spec")
                    .isEqualTo(theirs);
        }
        assertThat(understood).isGreaterThan(500);
    }
}
