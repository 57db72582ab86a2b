package io.basewatch.caveats;

import io.basewatch.elf.ElfFile;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.FileEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which programs of an image something is known to start: its command, the scripts that this leads through as far as their texts are kept, and whoever looks for a
 * name in PATH. By where they really lie.
 */
final class Startable {

    /** Between the words of what is given to a shell. */
    private static final Pattern BETWEEN_WORDS = Pattern.compile("[\\s;&|()<>'\"`=]+");

    private static final int MAX_WORDS = 1_000;
    private static final int MAX_SCRIPTS = 50;

    /** A path in a variable of the script. */
    private static final Pattern ASSIGNMENT =
            Pattern.compile("(?m)^\\s*(?:export\\s+|readonly\\s+|local\\s+)?([A-Za-z_]\\w*)=[\"']?([^\\s\"';&|]*)");

    private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{([A-Za-z_]\\w*)}|([A-Za-z_]\\w*))");
    private static final Pattern DIRECTORY_CHANGE = Pattern.compile("(?m)(?:^|[;&|(])\\s*cd\\s+[\"']?(/[^\\s\"';&|]*)");

    private final JudgedImage image;
    private final Set<String> first = new HashSet<>();
    private final Set<String> others = new HashSet<>();
    private final Set<String> scripts = new HashSet<>();

    Startable(JudgedImage image) {
        this.image = image;
        ImageInputs inputs = image.inputs();
        List<String> command = new ArrayList<>(inputs.entrypoint());
        command.addAll(inputs.cmd());
        if (!command.isEmpty()) {
            note(command.get(0), first);
        }
        if (!inputs.entrypoint().isEmpty() && !inputs.cmd().isEmpty()) {
            // What most entrypoints start in the end.
            note(inputs.cmd().get(0), others);
        }
        command.stream()
                .flatMap(BETWEEN_WORDS::splitAsStream)
                .filter(word -> word.startsWith("/"))
                .limit(MAX_WORDS)
                .forEach(word -> note(word, others));
        for (String directory : inputs.searchPath()) {
            image.list(directory).forEach(entry -> {
                if (entry.type() == FileEntry.Type.SYMLINK) {
                    real(entry.path()).ifPresent(others::add);
                } else if (entry.type() == FileEntry.Type.FILE && entry.isExecutable()) {
                    others.add(entry.path());
                }
            });
        }
    }

    private void note(String word, Set<String> paths) {
        where(word).ifPresent(path -> {
            paths.add(path);
            follow(path, paths);
        });
    }

    /** Where a program of that name really lies, as a container runtime looks for it: the first in PATH that may be executed. */
    Optional<String> where(String word) {
        return candidates(word).stream()
                .flatMap(path -> image.find(path).stream())
                .filter(FileEntry::isExecutable)
                .map(FileEntry::path)
                .findFirst();
    }

    /** Through a script: to its interpreter, and to what it names. */
    private void follow(String path, Set<String> paths) {
        if (scripts.size() >= MAX_SCRIPTS || scripts.contains(path)) {
            return;
        }
        String text = image.text("/" + path).orElse("");
        if (!text.startsWith("#!")) {
            return;
        }
        scripts.add(path);
        int end = text.indexOf('\n');
        String[] interpreter =
                (end < 0 ? text.substring(2) : text.substring(2, end)).strip().split("\\s+");
        if (interpreter[0].startsWith("/")) {
            note(interpreter[0], paths);
        }
        if (interpreter[0].endsWith("/env")) {
            Arrays.stream(interpreter)
                    .skip(1)
                    .filter(word -> !word.startsWith("-") && !word.contains("="))
                    .findFirst()
                    .ifPresent(word -> note(word, paths));
        }
        if (end >= 0) {
            followText(text.substring(end).replaceAll("(?m)^\\s*#.*", ""));
        }
    }

    private void followText(String text) {
        Map<String, String> variables = new HashMap<>();
        image.inputs().env().forEach(variable -> {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                variables.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        });
        Matcher assignment = ASSIGNMENT.matcher(text);
        while (assignment.find() && variables.size() < MAX_WORDS) {
            variables.put(assignment.group(1), filled(assignment.group(2), variables));
        }
        Set<String> directories = new LinkedHashSet<>();
        Matcher change = DIRECTORY_CHANGE.matcher(text);
        while (change.find() && directories.size() < MAX_SCRIPTS) {
            directories.add(change.group(1));
        }
        BETWEEN_WORDS
                .splitAsStream(text)
                .map(word -> filled(word, variables))
                .filter(word -> word.contains("/") && word.indexOf('$') < 0)
                .distinct()
                .limit(MAX_WORDS)
                .forEach(word -> {
                    note(word, others);
                    if (!word.startsWith("/")) {
                        directories.forEach(directory -> note(directory + "/" + word, others));
                    }
                });
    }

    private static String filled(String word, Map<String, String> variables) {
        if (word.indexOf('$') < 0) {
            return word;
        }
        String filled = VARIABLE.matcher(word)
                .replaceAll(variable -> Matcher.quoteReplacement(variables.getOrDefault(
                        variable.group(1) == null ? variable.group(2) : variable.group(1), variable.group())));
        return filled.length() > MAX_PATH ? word : filled;
    }

    private static final int MAX_PATH = 4_096;

    private List<String> candidates(String word) {
        if (word.isEmpty() || word.indexOf('\0') >= 0) {
            return List.of();
        }
        if (word.startsWith("/")) {
            return List.of(word);
        }
        if (word.contains("/")) {
            String directory = image.inputs().workingDir();
            return List.of((directory == null ? "" : directory) + "/" + word);
        }
        return image.inputs().searchPath().stream()
                .map(directory -> directory + "/" + word)
                .toList();
    }

    private Optional<String> real(String path) {
        return image.find(path).filter(FileEntry::isExecutable).map(FileEntry::path);
    }

    /** Whether the image starts with it. */
    boolean isFirst(ElfFile program) {
        return first.contains(program.path());
    }

    /** Whether it is named by the command, or found in PATH. */
    boolean isReachable(ElfFile program) {
        return isFirst(program) || others.contains(program.path());
    }
}
