package io.basewatch.layerfacts;

import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
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

    private static final String PERL = "perl";

    /**
     * Has the pipes to and from the program hold as much as it hands out at once, 1 MB each, which Java cannot ask for (F_SETPIPE_SZ, fcntl(2)), and becomes the program: with the usual
     * 64 KB it waits for its reader sixteen times for each megabyte and inflates nothing meanwhile. Where the system allows no more they stay as they are.
     */
    private static final String WIDE_PIPES = "fcntl $_, 1031, 1 << 20 for *STDIN, *STDOUT; exec { $ARGV[0] } @ARGV";

    private final @Nullable File program;
    private final long worth;
    private final @Nullable File perl;
    private volatile boolean refused;

    /** Started for a layer that is not yet read; null when none is. */
    private final AtomicReference<@Nullable Once<Optional<Inflation>>> begun = new AtomicReference<>();

    private Igzip(@Nullable File program, long worth, @Nullable File perl) {
        this.program = program;
        this.worth = worth;
        this.perl = perl;
    }

    /** Java's own zlib reads all layers. */
    public static Igzip none() {
        return new Igzip(null, Long.MAX_VALUE, null);
    }

    /**
     * The first one in the folders of the variable {@code PATH}; {@link #none} where there is none. Relative folders are passed over: what stands in the folder that a
     * command happens to be called in is nobody's choice.
     */
    public static Igzip installed() {
        File program = onPath(NAME);
        return program == null ? none() : new Igzip(program, BYTES_WORTH_A_PROCESS, onPath(PERL));
    }

    private static @Nullable File onPath(String name) {
        String folders = System.getenv("PATH");
        if (folders == null) {
            return null;
        }
        for (String folder : folders.split(File.pathSeparator)) {
            File program = new File(folder, name);
            if (program.isAbsolute() && program.isFile() && program.canExecute()) {
                return program;
            }
        }
        return null;
    }

    /** Empty where there is none. */
    public Optional<File> program() {
        return Optional.ofNullable(program);
    }

    /**
     * @param worth how many stored bytes a layer must have at least
     */
    static Igzip at(File program, long worth) {
        return new Igzip(program, worth, onPath(PERL));
    }

    /** As on a machine that has no Perl. */
    Igzip withoutPerl() {
        return new Igzip(program, worth, null);
    }

    /**
     * A layer is about to be read: where it should be one in gzip, starts the program for it, in a thread of its own, while others find out what of the layer is wanted. One waits at
     * most; where the layer is never read it ends with this process.
     *
     * @param longest after which the program is ended, whatever it does
     */
    public void begin(Expected layer, Duration longest) {
        File tool = toolFor(layer.size());
        if (tool == null || Compression.claimedBy(layer.mediaType()) != Compression.GZIP) {
            return;
        }
        Once<Optional<Inflation>> ahead = new Once<>(() -> Optional.ofNullable(launch(tool, longest)));
        if (begun.compareAndSet(null, ahead)) {
            Thread thread = new Thread(ahead::make, "igzip-ahead");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /**
     * @param storedBytes of the layer; negative when nobody knows
     * @param longest after which the process is ended, whatever it does
     * @return null when there is none, the layer is too small to be worth it, or it does not work here
     */
    @Nullable
    Inflation start(long storedBytes, Duration longest) {
        File tool = toolFor(storedBytes);
        if (tool == null) {
            return null;
        }
        Once<Optional<Inflation>> ahead = begun.getAndSet(null);
        Inflation waiting = ahead == null ? null : ahead.get().orElse(null);
        return waiting != null && waiting.isRunning() ? waiting : launch(tool, longest);
    }

    private @Nullable File toolFor(long storedBytes) {
        return refused || storedBytes < worth ? null : program;
    }

    private @Nullable Inflation launch(File tool, Duration longest) {
        ProcessBuilder command = new ProcessBuilder(command(tool)).redirectError(ProcessBuilder.Redirect.DISCARD);
        command.environment().clear();
        try {
            return new Inflation(command.start(), longest);
        } catch (IOException e) {
            refuse();
            return null;
        }
    }

    private List<String> command(File tool) {
        if (perl == null || !tool.canExecute()) {
            return List.of(tool.getPath(), "-d", "-c");
        }
        return List.of(perl.getPath(), "-e", WIDE_PIPES, tool.getPath(), "-d", "-c");
    }

    /** It could not be started, or failed where Java's zlib did not, so it is not asked again. */
    void refuse() {
        refused = true;
    }

    public boolean isRefused() {
        return refused;
    }
}
