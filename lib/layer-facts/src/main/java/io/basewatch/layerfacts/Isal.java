package io.basewatch.layerfacts;

import java.io.File;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The library ISA-L where the machine has it: it inflates three times as fast as Java's zlib. Layers that are as they should be come out the same, only sooner; all
 * others are read again without it, so that nothing that is said of a layer ever depends on it. Thread-safe.
 */
public final class Isal {

    private static final String FILE = "libisal.so.2";

    /** Where systems keep their libraries, and nobody else puts any: Debian and its kin, Fedora and its kin, others, what was built on the machine. */
    private static final List<String> FOLDERS = List.of(
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
            "/usr/local/lib64",
            "/usr/local/lib");

    /** Stored. For less it saves little, and of what is broken each layer is pulled again. */
    private static final long BYTES_WORTH_IT = 4 << 20;

    private final @Nullable File file;
    private final long worth;

    /** Empty where it does not work here. */
    private final Once<Optional<Supplier<RawInflater>>> inflaters;

    private volatile boolean loaded;
    private volatile boolean refused;

    private Isal(@Nullable File file, long worth, Supplier<Optional<Supplier<RawInflater>>> load) {
        this.file = file;
        this.worth = worth;
        this.inflaters = new Once<>(() -> {
            Optional<Supplier<RawInflater>> made = load.get();
            loaded = true;
            return made;
        });
    }

    /** Java's own zlib inflates all layers. */
    public static Isal none() {
        return new Isal(null, Long.MAX_VALUE, Optional::empty);
    }

    /** The one in the system's folders of libraries; {@link #none} where there is none. Loaded when the first layer that is worth it is about to be read. */
    public static Isal installed() {
        return find().map(file -> at(file, BYTES_WORTH_IT)).orElseGet(Isal::none);
    }

    private static Optional<File> find() {
        return FOLDERS.stream()
                .map(folder -> new File(folder, FILE))
                .filter(File::isFile)
                .findFirst();
    }

    private static Optional<Supplier<RawInflater>> load(File file) {
        try {
            return Optional.of(new IsalLibrary(file)::open);
        } catch (LinkageError | RuntimeException e) {
            // What calls C, or the library itself, is not made for this machine.
            return Optional.empty();
        }
    }

    /**
     * @param worth how many stored bytes a layer must have at least
     */
    static Isal at(File file, long worth) {
        return new Isal(file, worth, () -> load(file));
    }

    /** Something else in its place. */
    static Isal of(Supplier<RawInflater> inflaters, long worth) {
        return new Isal(new File(FILE), worth, () -> Optional.of(inflaters));
    }

    /** Where it lies; empty where there is none. */
    public Optional<File> file() {
        return Optional.ofNullable(file);
    }

    /** A layer is about to be read: where that is worth it, loads the library, in a thread of its own, while others find out what of the layer is wanted. */
    public void begin(Expected layer) {
        if (!loaded && isWorth(layer.size()) && Compression.claimedBy(layer.mediaType()) == Compression.GZIP) {
            Thread thread = new Thread(inflaters::make, "isal-ahead");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /**
     * @param storedBytes of the layer; negative when nobody knows
     * @return null when there is none, or the layer is too small to be worth it
     */
    @Nullable
    RawInflater open(long storedBytes) {
        return isWorth(storedBytes) ? inflaters.get().map(Supplier::get).orElse(null) : null;
    }

    private boolean isWorth(long storedBytes) {
        return file != null && !refused && storedBytes >= worth;
    }

    boolean isLoaded() {
        return loaded;
    }

    /** It failed where Java's zlib did not, so it is not asked again. */
    void refuse() {
        refused = true;
    }

    public boolean isRefused() {
        return refused;
    }
}
