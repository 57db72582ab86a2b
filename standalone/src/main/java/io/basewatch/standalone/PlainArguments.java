package io.basewatch.standalone;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Understands the usual ways of calling {@code inspect} and no other: where it has an answer it is picocli's, which everything else is left to. Setting picocli up takes longer than
 * looking at a small image.
 */
final class PlainArguments {

    private final InspectCommand command = new InspectCommand();
    private final List<String> references = new ArrayList<>();
    private final Set<String> given = new HashSet<>();

    private PlainArguments() {}

    /**
     * @param args the whole command line
     * @return empty for whatever is not references and, each at most once, {@code -o}, {@code --output}, {@code --color}, {@code --fail-on} and {@code --plain-http}
     */
    static Optional<InspectCommand> inspect(String... args) {
        if (args.length == 0 || !args[0].equals("inspect")) {
            return Optional.empty();
        }
        return new PlainArguments().read(List.of(args).subList(1, args.length).iterator());
    }

    private Optional<InspectCommand> read(Iterator<String> args) {
        while (args.hasNext()) {
            String arg = args.next();
            // An @ in front names a file of arguments.
            boolean understood = arg.startsWith("-") ? option(arg, args) : !arg.isEmpty() && !arg.startsWith("@");
            if (!understood) {
                return Optional.empty();
            }
            if (!arg.startsWith("-")) {
                references.add(arg);
            }
        }
        command.references = references;
        return references.isEmpty() ? Optional.empty() : Optional.of(command);
    }

    private boolean option(String arg, Iterator<String> following) {
        int equals = arg.indexOf('=');
        String name = equals < 0 ? arg : arg.substring(0, equals);
        return switch (name) {
            case "--plain-http" -> {
                command.registries.plainHttp = true;
                yield equals < 0 && given.add(name);
            }
            case "-o", "--output" -> given.add("--output") && output(value(arg, equals, following));
            case "--color" -> given.add(name) && color(value(arg, equals, following));
            case "--fail-on" -> given.add(name) && failOn(value(arg, equals, following));
            default -> false;
        };
    }

    /** Empty where there is none. */
    private static String value(String arg, int equals, Iterator<String> following) {
        if (equals >= 0) {
            return arg.substring(equals + 1);
        }
        return following.hasNext() ? following.next() : "";
    }

    private boolean output(String value) {
        InspectCommand.Output output = constant(InspectCommand.Output.values(), value);
        if (output != null) {
            command.output = output;
        }
        return output != null;
    }

    private boolean color(String value) {
        Terminal.Colors color = constant(Terminal.Colors.values(), value);
        if (color != null) {
            command.terminal.color = color;
        }
        return color != null;
    }

    private boolean failOn(String value) {
        Set<FailOn> all = new LinkedHashSet<>();
        for (String each : value.split(",", -1)) {
            try {
                all.add(FailOn.parse(each));
            } catch (IllegalArgumentException e) {
                return false;
            }
        }
        command.failOn = all;
        return true;
    }

    /** In whatever case; null when there is none of that name. */
    static <E extends Enum<E>> @Nullable E constant(E[] all, String name) {
        for (E each : all) {
            if (each.name().equalsIgnoreCase(name)) {
                return each;
            }
        }
        return null;
    }
}
