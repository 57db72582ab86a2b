package io.basewatch.caveats;

import io.basewatch.elf.ElfFile;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.FileEntry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Which programs of an image something is known to start: its command, and whoever looks for a name in PATH. By where they really lie. */
final class Startable {

    /** Between the words of what is given to a shell. */
    private static final Pattern BETWEEN_WORDS = Pattern.compile("[\\s;&|()<>'\"`=]+");

    private static final int MAX_WORDS = 1_000;

    private final JudgedImage image;
    private final Set<String> first = new HashSet<>();
    private final Set<String> others = new HashSet<>();

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
            image.list(directory)
                    .filter(entry -> entry.type() == FileEntry.Type.FILE || entry.type() == FileEntry.Type.SYMLINK)
                    .forEach(entry -> real(entry.path()).ifPresent(others::add));
        }
    }

    /** As a container runtime finds it: the first in PATH that may be executed. */
    private void note(String word, Set<String> paths) {
        for (String path : candidates(word)) {
            FileEntry entry = image.find(path).orElse(null);
            if (entry != null && entry.isExecutable()) {
                paths.add(entry.path());
                return;
            }
        }
    }

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
