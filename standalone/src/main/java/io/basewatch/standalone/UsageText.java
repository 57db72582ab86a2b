package io.basewatch.standalone;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is wrong with a command line, in one line with what was probably meant. */
final class UsageText {

    private static final Pattern VALUES = Pattern.compile("expected one of \\[([A-Z, ]+)] \\(case-insensitive\\)");

    private UsageText() {}

    /** To be thrown by a command that finds so itself. */
    static RuntimeException wrong(CommandSpec command, String what) {
        return new ParameterException(command.commandLine(), what);
    }

    static String of(ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        String help = "try '" + command.getCommandSpec().qualifiedName() + " --help'";
        // Values are typed in small letters, as everywhere in the help.
        String message = VALUES.matcher(ReportText.printable(String.valueOf(wrong.getMessage())))
                .replaceFirst(values -> "expected one of " + values.group(1).toLowerCase(Locale.ROOT));
        String meant = wrong instanceof UnmatchedArgumentException unmatched
                ? meant(unmatched).map(near -> ": did you mean '" + near + "'?").orElse("")
                : "";
        return message + (meant.isEmpty() ? "; " + help : meant + " Or " + help);
    }

    private static Optional<String> meant(UnmatchedArgumentException wrong) {
        CommandLine command = wrong.getCommandLine();
        String given =
                wrong.getUnmatched().isEmpty() ? "" : wrong.getUnmatched().get(0);
        int equals = given.indexOf('=');
        String name = equals < 0 ? given : given.substring(0, equals);
        List<String> known = new ArrayList<>();
        if (name.startsWith("-")) {
            known.addAll(command.getCommandSpec().optionsMap().keySet());
        } else {
            command.getSubcommands().forEach((each, line) -> {
                if (!line.getCommandSpec().usageMessage().hidden()) {
                    known.add(each);
                }
            });
        }
        return nearest(name, known);
    }

    /** The one that fewest changes of a letter lead to; empty where the best is another word. */
    static Optional<String> nearest(String name, List<String> known) {
        String best = "";
        int least = Integer.MAX_VALUE;
        for (String each : known) {
            int distance = distance(name, each);
            if (distance < least) {
                least = distance;
                best = each;
            }
        }
        return least <= Math.max(1, Math.min(name.length(), best.length()) / 3) ? Optional.of(best) : Optional.empty();
    }

    /** Letters to insert, to leave out, to replace, and neighbours to swap. */
    private static int distance(String from, String to) {
        // Whoever writes a novel for an option has not mistyped one.
        if (Math.abs(from.length() - to.length()) > from.length()) {
            return Integer.MAX_VALUE;
        }
        int[][] steps = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                if (i == 0 || j == 0) {
                    steps[i][j] = i + j;
                    continue;
                }
                int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
                int least = Math.min(Math.min(steps[i - 1][j], steps[i][j - 1]) + 1, steps[i - 1][j - 1] + change);
                boolean isSwapped = i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1);
                steps[i][j] = isSwapped ? Math.min(least, steps[i - 2][j - 2] + 1) : least;
            }
        }
        return steps[from.length()][to.length()];
    }
}
