package io.basewatch.fingerprint.libc;

import io.basewatch.fingerprint.FileEntry;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.ImageFile;
import io.basewatch.fingerprint.ImageView;
import io.basewatch.fingerprint.elf.ElfFacts;
import io.basewatch.fleetmodel.Libc.Family;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The ELF files of an image by what they are, and the loaders its programs reach. */
final class Programs {

    record Elf(ImageFile file, ElfFacts facts) {
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
    private final IdentityHashMap<byte[], Optional<ElfFacts>> decoded = new IdentityHashMap<>();
    private final Map<LoaderKey, Optional<Loader>> loaders = new HashMap<>();

    Programs(ImageView image, Findings findings) {
        this.image = image;
        this.findings = findings;
        image.filesWithFacts(ElfFacts.KIND).forEach(this::sort);
    }

    private void sort(ImageFile file) {
        Elf elf = elf(file);
        if (elf == null) {
            return;
        }
        ElfFacts facts = elf.facts();
        if (facts.libc() != null) {
            libcFiles.add(elf);
            return;
        }
        switch (facts.kind()) {
            case DYNAMIC_EXECUTABLE -> dynamicExecutables.add(elf);
            case STATIC_EXECUTABLE, STATIC_PIE -> staticExecutables.add(elf);
            case SHARED_LIBRARY, OBJECT, OTHER -> {}
        }
    }

    private @Nullable Elf elf(ImageFile file) {
        byte[] bytes = file.facts(ElfFacts.KIND);
        if (bytes == null || bytes.length == 0) {
            return null;
        }
        Optional<ElfFacts> facts = decoded.computeIfAbsent(bytes, key -> decode(file, key));
        return facts.map(known -> new Elf(file, known)).orElse(null);
    }

    private Optional<ElfFacts> decode(ImageFile file, byte[] bytes) {
        try {
            return Optional.of(ElfFacts.decode(bytes));
        } catch (IllegalArgumentException e) {
            findings.invalid(file.entry().path(), "its stored ELF facts cannot be read: " + e.getMessage());
            return Optional.empty();
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
