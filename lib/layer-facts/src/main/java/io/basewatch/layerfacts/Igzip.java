package io.basewatch.layerfacts;

import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The program {@code igzip} of ISA-L where the machine has it: it inflates three times as fast as Java's zlib, in a process of its own, so that what a hostile
 * stream may do to native code it does there. Layers that are as they should be come out the same, only sooner; all others are read again without it, so that nothing
 * that is said of a layer ever depends on it. Thread-safe.
 */
public final class Igzip {

    private static final String NAME = "igzip";

    /** Stored. Below it a process costs more than it brings. */
    private static final long BYTES_WORTH_A_PROCESS = 8 << 20;

    private final @Nullable File program;
    private final long worth;
    private volatile boolean refused;

    private Igzip(@Nullable File program, long worth) {
        this.program = program;
        this.worth = worth;
    }

    /** Java's own zlib reads all layers. */
    public static Igzip none() {
        return new Igzip(null, Long.MAX_VALUE);
    }

    /**
     * The first one in the folders of the variable {@code PATH}; {@link #none} where there is none. Relative folders are passed over: what stands in the folder that a
     * command happens to be called in is nobody's choice.
     */
    public static Igzip installed() {
        String folders = System.getenv("PATH");
        if (folders == null) {
            return none();
        }
        for (String folder : folders.split(File.pathSeparator)) {
            File program = new File(folder, NAME);
            if (program.isAbsolute() && program.isFile() && program.canExecute()) {
                return new Igzip(program, BYTES_WORTH_A_PROCESS);
            }
        }
        return none();
    }

    /** Empty where there is none. */
    public Optional<File> program() {
        return Optional.ofNullable(program);
    }

    /**
     * @param worth how many stored bytes a layer must have at least
     */
    static Igzip at(File program, long worth) {
        return new Igzip(program, worth);
    }

    /**
     * @param storedBytes of the layer; negative when nobody knows
     * @param longest after which the process is ended, whatever it does
     * @return null when there is none, the layer is too small to be worth it, or it does not work here
     */
    @Nullable
    Inflation start(long storedBytes, Duration longest) {
        File tool = program;
        if (tool == null || refused || storedBytes < worth) {
            return null;
        }
        ProcessBuilder command =
                new ProcessBuilder(tool.getPath(), "-d", "-c").redirectError(ProcessBuilder.Redirect.DISCARD);
        command.environment().clear();
        try {
            return new Inflation(command.start(), longest);
        } catch (IOException e) {
            refuse();
            return null;
        }
    }

    /** It could not be started, or failed where Java's zlib did not, so it is not asked again. */
    void refuse() {
        refused = true;
    }

    public boolean isRefused() {
        return refused;
    }
}
