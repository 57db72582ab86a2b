package io.basewatch.fingerprint.libc;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.LinkedLibc;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fleetmodel.Libc.Family;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ELF files of an image by what they are, and the loaders its programs reach. Each file's facts are read when it is looked at, and of libraries nothing is
 * held; of executables an {@link ElfFacts#outline}, up to a bound for all together.
 */
final class Programs {

    /** Some 50,000 executables with names of the usual length. */
    private static final long MAX_HELD_BYTES = 48L << 20;

    /** Of the objects that one file takes, without its texts. */
    private static final int HELD_BYTES = 700;

    /**
     * @param facts an outline
     * @param builtFor null when it asks for no libc that is known
     */
    record Elf(ImageFile file, ElfFacts facts, @Nullable Family builtFor) {
        String path() {
            return file.entry().path();
        }

        String directory() {
            String path = path();
            return path.substring(0, Math.max(0, path.lastIndexOf('/')));
        }
    }

    /** Where an interpreter's path ends after all links. */
    record Loader(Elf elf, Family family) {}

    private record LoaderKey(String interpreter, int machine, int bits) {}

    final List<Elf> dynamicExecutables = new ArrayList<>();
    final List<Elf> staticExecutables = new ArrayList<>();
    /** Files that call themselves a libc or a loader. */
    final List<Elf> libcFiles = new ArrayList<>();

    private final ImageView image;
    private final Findings findings;
    private long heldBytes;
    private final Map<LoaderKey, Optional<Loader>> loaders = new HashMap<>();

    Programs(ImageView image, Findings findings) {
        this.image = image;
        this.findings = findings;
        image.filesWithFacts(ElfFacts.KIND).forEach(this::sort);
        if (heldBytes > MAX_HELD_BYTES) {
            findings.exceeded("the image has more programs than can be judged together; those behind "
                    + dynamicExecutables.size() + " dynamic and " + staticExecutables.size()
                    + " static ones, in the order of their paths, were left out");
        }
    }

    private void sort(ImageFile file) {
        Elf elf = heldBytes > MAX_HELD_BYTES ? null : elf(file);
        List<Elf> list = elf == null ? null : listFor(elf.facts());
        if (elf != null && list != null) {
            heldBytes += weight(elf);
            list.add(elf);
        }
    }

    private @Nullable List<Elf> listFor(ElfFacts facts) {
        if (facts.libc() != null) {
            return libcFiles;
        }
        return switch (facts.kind()) {
            case DYNAMIC_EXECUTABLE -> dynamicExecutables;
            case STATIC_EXECUTABLE, STATIC_PIE -> staticExecutables;
            case SHARED_LIBRARY, OBJECT, OTHER -> null;
        };
    }

    private static long weight(Elf elf) {
        ElfFacts facts = elf.facts();
        long characters = elf.path().length();
        characters += length(facts.interpreter());
        characters += length(facts.soname());
        for (String needed : facts.needed()) {
            characters += needed.length();
        }
        for (String text : facts.markers().values()) {
            characters += text.length();
        }
        return HELD_BYTES + characters;
    }

    private static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    private @Nullable Elf elf(ImageFile file) {
        byte[] bytes = file.facts(ElfFacts.KIND);
        if (bytes == null || bytes.length == 0) {
            return null;
        }
        try {
            ElfFacts facts = ElfFacts.decode(bytes);
            return new Elf(file, facts.outline(), LinkedLibc.of(facts));
        } catch (IllegalArgumentException e) {
            findings.invalid(file.entry().path(), "its stored ELF facts cannot be read: " + e.getMessage());
            return null;
        }
    }

    /** The program at a path, links followed; null when there is none or it is no ELF file. */
    @Nullable
    Elf at(String path) {
        return image.find(path)
                .filter(file -> file.entry().type() == FileEntry.Type.FILE)
                .map(this::elf)
                .orElse(null);
    }

    /** The loader that starts a dynamic executable; empty when it is not there, or is one for another machine: the kernel then refuses the program. */
    Optional<Loader> loaderOf(Elf program) {
        String interpreter = program.facts().interpreter();
        if (interpreter == null || interpreter.isEmpty()) {
            return Optional.empty();
        }
        return loaders.computeIfAbsent(
                new LoaderKey(
                        interpreter, program.facts().machine(), program.facts().bits()),
                this::resolve);
    }

    private Optional<Loader> resolve(LoaderKey key) {
        Elf elf = at(key.interpreter);
        if (elf == null || elf.facts().machine() != key.machine || elf.facts().bits() != key.bits) {
            return Optional.empty();
        }
        Family family = familyOf(elf, key.interpreter);
        return family == null ? Optional.empty() : Optional.of(new Loader(elf, family));
    }

    /** What the file says of itself, else its name after all links, else the name by which it was asked for. */
    static @Nullable Family familyOf(Elf loader, String askedFor) {
        ElfFacts.LibcText text = loader.facts().libc();
        Family family = text == null ? null : LinkedLibc.familyOf(text);
        if (family == null) {
            family = LinkedLibc.ofLoaderName(loader.path());
        }
        return family != null ? family : LinkedLibc.ofLoaderName(askedFor);
    }
}
