package io.basewatch.standalone;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Spec;

/** {@code basewatch man}: the manual's page, made of what the commands say of themselves, so that it is never behind them. */
@Command(
        name = "man",
        description = "Writes the manual's page, for man.",
        footer = {
            "",
            "To read it:    basewatch man | man -l -",
            "To install it: basewatch man > ~/.local/share/man/man1/basewatch.1",
            "",
            "Exit code: 0 written, 64 wrong usage."
        })
final class ManCommand implements Callable<Integer> {

    @Spec
    @Nullable
    CommandSpec spec;

    private final StringBuilder page = new StringBuilder();

    @Override
    public Integer call() {
        System.out.print(page(Objects.requireNonNull(spec).root()));
        System.out.flush();
        return Basewatch.OK;
    }

    private String page(CommandSpec root) {
        macro("TH", "BASEWATCH", "1", "", "Basewatch " + Basewatch.Version.text(), "User Commands");
        macro("SH", "NAME");
        text(root.name() + " - " + lowered(described(root)));
        macro("SH", "SYNOPSIS");
        text(root.name() + " COMMAND [OPTIONS]");
        macro("SH", "DESCRIPTION");
        text(
                "Each command tells by --help what it takes, and --version which program it is. Nothing is written to standard output but what was asked for;"
                        + " how far something is, what is wrong and why goes to standard error.");
        macro("SH", "COMMANDS");
        commands(root);
        macro("SH", "ENVIRONMENT");
        entry("NO_COLOR", "When it is set to anything, there are no colours, unless --color=always.");
        entry("CLICOLOR_FORCE", "When it is set, and not to 0, there are colours although nobody watches.");
        entry("COLUMNS", "How wide tables may be on a terminal, instead of what the terminal says.");
        entry("BASEWATCH_TOKEN", "The token that a service is asked with, where --token-file names none.");
        entry("BASEWATCH_MONGODB_URI", "The store of services that run alone, for 'token'.");
        entry("BASEWATCH_ANALYZER_ISAL", "With 'false' no layer is inflated by the library ISA-L, where there is one.");
        entry("BASEWATCH_JAVA_OPTS", "Options for the JVM, as -Xmx2g.");
        macro("SH", "EXIT STATUS");
        entry("0", "All went well.");
        entry("1", "Something could not be done; standard error says what and why.");
        entry("2", "What the caller asked to fail on was found (--fail-on, --fail).");
        entry("64", "The command line is wrong.");
        return page.toString();
    }

    private void commands(CommandSpec parent) {
        for (CommandLine each : parent.subcommands().values()) {
            CommandSpec command = each.getCommandSpec();
            if (command.usageMessage().hidden()) {
                continue;
            }
            macro("SS", command.qualifiedName().replaceFirst("^\\S+ ", "") + synopsis(command));
            text(described(command));
            for (PositionalParamSpec parameter : command.positionalParameters()) {
                entry(parameter.paramLabel(), described(parameter));
            }
            for (OptionSpec option : command.options()) {
                // Those that every command has are told once.
                if (!option.hidden() && !option.usageHelp() && !option.versionHelp()) {
                    entry(names(option), described(option));
                }
            }
            String footer = Arrays.stream(command.usageMessage().footer())
                    .dropWhile(String::isBlank)
                    .collect(Collectors.joining("\n"));
            if (!footer.isEmpty()) {
                macro("PP");
                macro("nf");
                text(footer);
                macro("fi");
            }
            commands(command);
        }
    }

    private static String synopsis(CommandSpec command) {
        String parameters = command.positionalParameters().stream()
                .map(each -> each.arity().min() == 0 ? "[" + each.paramLabel() + "]" : each.paramLabel())
                .collect(Collectors.joining(" "));
        return parameters.isEmpty() ? "" : " " + parameters;
    }

    private static String names(OptionSpec option) {
        String names = String.join(", ", option.names());
        return option.arity().max() == 0 ? names : names + "=" + option.paramLabel();
    }

    private static String described(CommandSpec command) {
        return String.join(" ", command.usageMessage().description());
    }

    /** With names of values and defaults in their places. */
    private static String described(ArgSpec argument) {
        String text = String.join(" ", argument.description())
                .replace("${DEFAULT-VALUE}", String.valueOf(argument.defaultValueString()));
        Iterable<String> values = argument.completionCandidates();
        return values == null ? text : text.replace("${COMPLETION-CANDIDATES}", String.join(", ", values));
    }

    private static String lowered(String text) {
        return Character.toLowerCase(text.charAt(0)) + text.substring(1).replaceFirst("\\.$", "");
    }

    private void entry(String head, String text) {
        macro("TP");
        page.append("\\fB").append(escaped(head)).append("\\fR\n");
        text(text);
    }

    private void text(String text) {
        text.lines().map(ManCommand::escaped).forEach(line -> page.append(line).append('\n'));
    }

    private void macro(String name, String... arguments) {
        page.append('.').append(name);
        for (String argument : arguments) {
            page.append(" \"").append(escaped(argument).replace("\"", "\\(dq")).append('"');
        }
        page.append('\n');
    }

    /** For troff, to which a backslash anywhere and a dot or an apostrophe in front are commands. */
    private static String escaped(String line) {
        String escaped = line.replace("\\", "\\e")
                .replace("-", "\\-")
                .replace("'", "\\(aq")
                .replace("…", "...");
        return escaped.startsWith(".") ? "\\&" + escaped : escaped;
    }
}
