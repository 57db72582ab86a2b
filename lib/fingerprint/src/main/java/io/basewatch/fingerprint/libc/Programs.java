package io.basewatch.fingerprint.libc;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.ElfOrigin;
import io.basewatch.elf.LinkedLibc;
import io.basewatch.fleetmodel.Libc.Family;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The ELF files of an image by what they are, and the loaders its programs reach. */
final class Programs {

    /** Where an interpreter's path ends after all links. */
    record Loader(ElfFile elf, Family family) {}

    /** By hand, as what the JVM makes of a record takes a run that has just begun some milliseconds. */
    private record LoaderKey(String interpreter, int machine, int bits) {

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof LoaderKey key
                    && machine == key.machine
                    && bits == key.bits
                    && interpreter.equals(key.interpreter);
        }

        @Override
        public int hashCode() {
            return (31 * machine + bits) * 31 + interpreter.hashCode();
        }
    }

    final List<ElfFile> dynamicExecutables = new ArrayList<>();
    final List<ElfFile> staticExecutables = new ArrayList<>();
    /** Files that call themselves a libc or a loader. */
    final List<ElfFile> libcFiles = new ArrayList<>();

    private final ElfFiles files;
    private final Map<LoaderKey, Optional<Loader>> loaders = new HashMap<>();

    Programs(ElfFiles files) {
        this.files = files;
        files.all().forEach(this::sort);
    }

    private void sort(ElfFile file) {
        if (file.outline().origin().libc() != null) {
            libcFiles.add(file);
            return;
        }
        switch (file.outline().kind()) {
            case DYNAMIC_EXECUTABLE -> dynamicExecutables.add(file);
            case STATIC_EXECUTABLE, STATIC_PIE -> staticExecutables.add(file);
            case SHARED_LIBRARY, OBJECT, OTHER -> {
                // They are nobody's to start.
            }
        }
    }

    /** The program at a path, links followed; null when there is none or it is no ELF file. */
    @Nullable
    ElfFile at(String path) {
        return files.find(path).orElse(null);
    }

    /** The loader that starts a dynamic executable; empty when it is not there, or is one for another machine: the kernel then refuses the program. */
    Optional<Loader> loaderOf(ElfFile program) {
        String interpreter = program.outline().interpreter();
        if (interpreter == null || interpreter.isEmpty()) {
            return Optional.empty();
        }
        return loaders.computeIfAbsent(
                new LoaderKey(
                        interpreter,
                        program.outline().header().machine(),
                        program.outline().header().bits()),
                this::resolve);
    }

    private Optional<Loader> resolve(LoaderKey key) {
        ElfFile elf = at(key.interpreter);
        if (elf == null
                || elf.outline().header().machine() != key.machine
                || elf.outline().header().bits() != key.bits) {
            return Optional.empty();
        }
        Family family = familyOf(elf, key.interpreter);
        return family == null ? Optional.empty() : Optional.of(new Loader(elf, family));
    }

    /** What the file says of itself, else its name after all links, else the name by which it was asked for. */
    static @Nullable Family familyOf(ElfFile loader, String askedFor) {
        ElfOrigin.LibcText text = loader.outline().origin().libc();
        Family family = text == null ? null : LinkedLibc.familyOf(text);
        if (family == null) {
            family = LinkedLibc.ofLoaderName(loader.path());
        }
        return family != null ? family : LinkedLibc.ofLoaderName(askedFor);
    }
}
