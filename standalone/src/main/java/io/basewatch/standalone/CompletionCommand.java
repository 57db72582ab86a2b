package io.basewatch.standalone;

import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code basewatch completion}: what a shell needs to complete commands, options and their values. */
@Command(
        name = "completion",
        description = "Writes a script by which a shell completes commands, options and values.",
        footer = {
            "",
            "bash  source <(basewatch completion bash)        in ~/.bashrc",
            "zsh   source <(basewatch completion zsh)         in ~/.zshrc",
            "fish  basewatch completion fish | source         in ~/.config/fish/config.fish",
            "",
            "Exit code: 0 written, 64 wrong usage."
        })
final class CompletionCommand implements Callable<Integer> {

    enum Shell {
        BASH,
        ZSH,
        FISH;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}.")
    Shell shell = Shell.BASH;

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine root = Objects.requireNonNull(spec).root().commandLine();
        String script = switch (shell) {
            case BASH -> AutoComplete.bash(root.getCommandName(), root);
            // The script finds out that it is zsh, which reads it once it has what it needs for bash's.
            case ZSH -> "autoload -U +X compinit && compinit\n" + AutoComplete.bash(root.getCommandName(), root);
            case FISH -> fish(root);
        };
        System.out.print(script.endsWith("\n") ? script : script + "\n");
        System.out.flush();
        return Basewatch.OK;
    }

    private static String fish(CommandLine root) {
        StringBuilder script = new StringBuilder("# Completions of " + root.getCommandName() + " for fish.\n");
        fish(root, root.getCommandName(), "", script);
        return script.toString();
    }

    /**
     * @param seen the condition under which a command's own words are completed, as what came before them
     */
    private static void fish(CommandLine command, String program, String seen, StringBuilder script) {
        StringBuilder below = new StringBuilder();
        StringBuilder names = new StringBuilder();
        for (CommandLine each : command.getSubcommands().values()) {
            if (!each.getCommandSpec().usageMessage().hidden()) {
                names.append(' ').append(each.getCommandName());
            }
        }
        String unless = names.isEmpty() ? "" : "not __fish_seen_subcommand_from" + names;
        String here = seen.isEmpty() || unless.isEmpty() ? seen + unless : seen + "; and " + unless;
        String start = "complete -c " + program + (here.isEmpty() ? "" : " -n '" + here + "'");
        for (CommandLine each : command.getSubcommands().values()) {
            CommandSpec spec = each.getCommandSpec();
            if (!spec.usageMessage().hidden()) {
                script.append(start)
                        .append(" -f -a ")
                        .append(each.getCommandName())
                        .append(" -d ")
                        .append(quoted(String.join(" ", spec.usageMessage().description())))
                        .append('\n');
                String within = "__fish_seen_subcommand_from " + each.getCommandName();
                fish(each, program, seen.isEmpty() ? within : seen + "; and " + within, below);
            }
        }
        for (OptionSpec option : command.getCommandSpec().options()) {
            if (!option.hidden()) {
                script.append(start);
                for (String name : option.names()) {
                    script.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
                }
                boolean takesValue = option.arity().max() > 0;
                script.append(takesValue ? " -r" : "");
                if (option.completionCandidates() != null) {
                    script.append(" -f -a ").append(quoted(String.join(" ", option.completionCandidates())));
                }
                script.append(" -d ")
                        .append(quoted(String.join(" ", option.description())))
                        .append('\n');
            }
        }
        script.append(below);
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
