package io.basewatch.elf;

import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Once;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Of a view of layers. All outlines are decoded when the first is asked for, and held up to {@value #MAX_OUTLINE_BYTES} bytes by their {@link #weight}: names and
 * texts that many files share are held once. All facts of a file are decoded when they are asked for, and those asked for last held up to {@value #MAX_FACTS_BYTES}
 * bytes. One thread, but for {@link #decodeOutlines}.
 */
public final class ImageElfFiles implements ElfFiles {

    /** Some 130,000 files with names of the usual length. */
    private static final long MAX_OUTLINE_BYTES = 32L << 20;

    /** By their encoded size, which decoded facts are near to: symbols stay as they are stored. */
    private static final long MAX_FACTS_BYTES = 16L << 20;

    private static final int MAX_TOLD = 20;
    private static final int MAX_REMEMBERED = 10_000;

    /** Of the objects that one file takes, without its texts: the file, its outline, its origin, its place in the list and in the map. */
    private static final int FILE_BYTES = 200;

    private static final int TEXT_BYTES = 56;

    private final ImageView image;
    private final Once<Map<String, ElfFile>> files = new Once<>(this::read);
    private boolean isCut;

    /** Texts and values that many files have, while they are read. */
    private final Map<Object, Object> shared = new HashMap<>();

    private long sharedBytes;

    /** In order of their last use. */
    private final LinkedHashMap<String, Held> held = new LinkedHashMap<>(16, 0.75f, true);

    private long heldBytes;

    private final List<Reason> reasons = new ArrayList<>();
    private int untold;
    /** Paths of which was told or counted, up to a bound: what passes it may be counted twice. */
    private final Set<String> told = new HashSet<>();

    private final @Nullable ElfMemory memory;

    /** @param remembered null where nothing is remembered beyond this image */
    private record Held(ElfFacts facts, int bytes, ElfMemory.@Nullable Remembered remembered) {}

    public ImageElfFiles(ImageView image) {
        this(image, null);
    }

    /** @param memory where what is decoded is found and left; null for none */
    public ImageElfFiles(ImageView image, @Nullable ElfMemory memory) {
        this.image = image;
        this.memory = memory;
    }

    @Override
    public List<ElfFile> all() {
        return List.copyOf(files.get().values());
    }

    /** Before anybody asks for one, by a thread that may be another one: whoever needs an outline waits for it then. */
    public void decodeOutlines() {
        files.make();
    }

    private Map<String, ElfFile> read() {
        Map<String, ElfFile> read = new LinkedHashMap<>();
        long[] bytes = {0};
        image.filesWithFacts(ElfFacts.KIND).forEach(file -> {
            if (bytes[0] + sharedBytes > MAX_OUTLINE_BYTES) {
                isCut = true;
                return;
            }
            ElfFile elf = elf(file);
            if (elf != null) {
                bytes[0] += weight(elf);
                read.put(elf.path(), elf);
            }
        });
        if (isCut) {
            reasons.add(new Reason(
                    Reason.Code.LIMIT_EXCEEDED,
                    "the image has more programs than can be judged together; those behind " + read.size()
                            + " programs and libraries, in the order of their paths, were left out"));
        }
        shared.clear();
        return Collections.unmodifiableMap(read);
    }

    /** Null when the facts cannot be read. */
    private @Nullable ElfFile elf(ImageFile file) {
        byte[] bytes = file.facts(ElfFacts.KIND);
        if (bytes == null || bytes.length == 0) {
            return null;
        }
        FileEntry entry = file.entry();
        try {
            ElfOutline outline = memory == null
                    ? shared(ElfFacts.decodeOutline(bytes))
                    : memory.of(bytes).outline();
            tell(entry.path(), outline.reading());
            return new ElfFile(entry.path(), entry.mode(), shared(file.layer()), outline);
        } catch (IllegalArgumentException e) {
            tellUnreadable(entry.path(), e);
            return null;
        }
    }

    private ElfOutline shared(ElfOutline outline) {
        return new ElfOutline(
                Objects.requireNonNull(shared(outline.header())),
                outline.kind(),
                shared(outline.interpreter()),
                outline.soname(),
                outline.builtFor(),
                outline.origin(),
                Objects.requireNonNull(shared(outline.reading())));
    }

    @SuppressWarnings("unchecked")
    private <T> @Nullable T shared(@Nullable T value) {
        if (value == null) {
            return null;
        }
        Object known = shared.putIfAbsent(value, value);
        if (known == null) {
            sharedBytes += 2 * TEXT_BYTES + (value instanceof String text ? text.length() : 0);
            return value;
        }
        return (T) known;
    }

    /** In bytes, about. */
    private static long weight(ElfFile file) {
        ElfOutline outline = file.outline();
        ElfOrigin origin = outline.origin();
        long weight = FILE_BYTES + weight(file.path()) + weight(outline.soname());
        weight += weight(origin.buildId())
                + weight(origin.abiTag())
                + weight(outline.reading().problem());
        for (String text : origin.markers().values()) {
            weight += weight(text);
        }
        ElfOrigin.LibcText libc = origin.libc();
        if (libc != null) {
            weight += weight(libc.version()) + weight(libc.vendor()) + weight(libc.banner());
        }
        GoBuild go = origin.go();
        if (go != null) {
            weight += weight(go.version()) + weight(go.module()) + weight(go.mode());
        }
        return weight;
    }

    private static long weight(@Nullable String text) {
        return text == null ? 0 : TEXT_BYTES + text.length();
    }

    @Override
    public Optional<ElfFile> find(String path) {
        return find(image, path);
    }

    private Optional<ElfFile> find(ImageView view, String path) {
        return view.find(path)
                .filter(file -> file.entry().type() == FileEntry.Type.FILE)
                .map(file -> {
                    ElfFile known = files.get().get(file.entry().path());
                    return known != null ? known : elf(file);
                });
    }

    @Override
    public Optional<ElfFacts> facts(ElfFile file) {
        return held(file).map(Held::facts);
    }

    @Override
    public Optional<ElfVersions> versions(ElfFile file) {
        byte[] bytes = held.containsKey(file.path()) || memory != null ? null : stored(file);
        if (bytes == null) {
            return ElfFiles.super.versions(file);
        }
        try {
            return Optional.of(ElfFacts.decodeVersions(bytes));
        } catch (IllegalArgumentException e) {
            tellUnreadable(file.path(), e);
            return Optional.empty();
        }
    }

    /** Null where nothing is. */
    private byte @Nullable [] stored(ElfFile file) {
        byte[] bytes = image.findNoFollow(file.path())
                .map(found -> found.facts(ElfFacts.KIND))
                .orElse(null);
        return bytes == null || bytes.length == 0 ? null : bytes;
    }

    @Override
    public <T extends Derived> Optional<T> derived(ElfFile file, Class<T> type, Function<ElfFacts, T> make) {
        Held known = held(file).orElse(null);
        if (known == null) {
            return Optional.empty();
        }
        ElfMemory.Remembered remembered = known.remembered();
        if (remembered != null && type.isInstance(remembered.derived())) {
            return Optional.of(type.cast(remembered.derived()));
        }
        T made = make.apply(known.facts());
        if (remembered != null) {
            remembered.keep(made);
        }
        return Optional.of(made);
    }

    @Override
    public ElfFiles through(ImageView view) {
        return new ElfFiles() {
            @Override
            public List<ElfFile> all() {
                view.filesWithFacts(ElfFacts.KIND).close();
                return ImageElfFiles.this.all();
            }

            @Override
            public Optional<ElfFile> find(String path) {
                return ImageElfFiles.this.find(view, path);
            }

            @Override
            public Optional<ElfFacts> facts(ElfFile file) {
                return ImageElfFiles.this.facts(file);
            }

            @Override
            public Optional<ElfVersions> versions(ElfFile file) {
                return ImageElfFiles.this.versions(file);
            }

            @Override
            public <T extends Derived> Optional<T> derived(ElfFile file, Class<T> type, Function<ElfFacts, T> make) {
                return ImageElfFiles.this.derived(file, type, make);
            }

            @Override
            public List<Reason> reasons() {
                return ImageElfFiles.this.reasons();
            }
        };
    }

    private Optional<Held> held(ElfFile file) {
        Held known = held.get(file.path());
        if (known != null) {
            return Optional.of(known);
        }
        byte[] bytes = stored(file);
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            ElfMemory.Remembered remembered = memory == null ? null : memory.of(bytes);
            ElfFacts facts = remembered == null ? ElfFacts.decode(bytes) : remembered.facts(bytes);
            Held read = new Held(facts, bytes.length, remembered);
            hold(file.path(), read);
            return Optional.of(read);
        } catch (IllegalArgumentException e) {
            tellUnreadable(file.path(), e);
            return Optional.empty();
        }
    }

    private void hold(String path, Held facts) {
        if (facts.bytes() > MAX_FACTS_BYTES) {
            return;
        }
        held.put(path, facts);
        heldBytes += facts.bytes();
        var oldest = held.values().iterator();
        while (heldBytes > MAX_FACTS_BYTES) {
            heldBytes -= oldest.next().bytes();
            oldest.remove();
        }
    }

    private void tell(String path, ElfReading reading) {
        if (reading.isCut() && isNews(path)) {
            tell(new Reason(Reason.Code.LIMIT_EXCEEDED, path + ": " + reading.cutText()));
        }
    }

    private boolean isNews(String path) {
        return told.size() >= MAX_REMEMBERED || told.add(path);
    }

    private void tellUnreadable(String path, IllegalArgumentException e) {
        if (isNews(path)) {
            tell(new Reason(
                    Reason.Code.FILE_INVALID, path + ": its stored ELF facts cannot be read: " + e.getMessage()));
        }
    }

    private void tell(Reason reason) {
        if (reasons.size() < MAX_TOLD) {
            reasons.add(reason);
        } else {
            untold++;
        }
    }

    @Override
    public List<Reason> reasons() {
        List<Reason> all = new ArrayList<>(reasons);
        if (untold > 0) {
            all.add(new Reason(
                    Reason.Code.LIMIT_EXCEEDED,
                    "and " + Counted.of(untold, "more ELF file that is", "more ELF files that are")
                            + " known in part or not at all"));
        }
        return List.copyOf(all);
    }
}
