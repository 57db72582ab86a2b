package io.basewatch.elf.loading;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.ElfOrigin.LibcText;
import io.basewatch.elf.loading.LoadFault.Kind;
import io.basewatch.elf.loading.LoadProof.Outcome;
import io.basewatch.fleetmodel.Libc.Family;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells what the loaders of a root file system would do with its objects, with the very lines they would print: nothing is executed. What it finds out of a file
 * serves all proofs. For one thread.
 */
public final class Prover {

    /** More of one object are counted, not kept. */
    private static final int MAX_FAULTS = 200;

    /** Of all proofs; past them each keeps but a few. */
    private static final int MAX_ALL_FAULTS = 20_000;

    private static final int FEW_FAULTS = 5;

    private static final String GCOMPAT = "libgcompat.so.0";

    private final LoaderView view;
    private final Environment environment;
    private final Library library;
    private final int maxFaults;
    private final Map<String, Optional<Loader>> loaders = new HashMap<>();
    private int keptFaults;

    public Prover(LoaderView view, Environment environment) {
        this(view, environment, MAX_FAULTS);
    }

    Prover(LoaderView view, Environment environment, int maxFaults) {
        this.view = view;
        this.environment = environment;
        this.library = new Library(view);
        this.maxFaults = maxFaults;
    }

    /** What happens when a program is executed: by the loader that it names. */
    public LoadProof proveStart(ElfFile program) {
        String interpreter = program.outline().interpreter();
        if (interpreter == null || interpreter.isEmpty()) {
            return unknown(program, "names no loader");
        }
        if (!interpreter.startsWith("/")) {
            return unknown(program, "names a loader by a relative path, " + interpreter);
        }
        Library.Opened opened = library.open(interpreter);
        if (opened instanceof Library.Missing) {
            String line = "exec /" + program.path() + ": no such file or directory";
            if (!view.isWhole()) {
                return unknown(
                        program,
                        "its loader " + interpreter + " is not in those parts of the image that could be read");
            }
            LoadFault fault = new LoadFault(Kind.INTERPRETER_MISSING, "/" + program.path(), interpreter, null, line);
            return new LoadProof(Outcome.FAILS, List.of(fault), List.of(), List.of(program.path()));
        }
        if (!(opened instanceof Library.Elf elf)) {
            return unknown(program, "its loader " + interpreter + " is no ELF file, or was not read");
        }
        if (isGcompat(elf.file())) {
            return underGcompat(program);
        }
        Loader loader = loader(elf.file()).orElse(null);
        if (loader == null) {
            return unknown(program, "its loader " + interpreter + " is none that is known");
        }
        if (loader.self.content.header.machine() != program.outline().header().machine()) {
            return unknown(program, "its loader " + interpreter + " is for another machine");
        }
        return counted(loader.start(program, "/" + program.path(), interpreter, false, most()));
    }

    /**
     * What a loader says when it is asked what an object needs: {@code ld-musl-x86_64.so.1 --list FILE}, and {@code ldd -r} for glibc.
     *
     * @param loader one of musl or glibc
     */
    public LoadProof proveListed(ElfFile object, ElfFile loader) {
        return proveListed(object, "/" + object.path(), loader, "/" + loader.path());
    }

    /** @param loaderName by which the loader is started */
    LoadProof proveListed(ElfFile object, String name, ElfFile loader, String loaderName) {
        Loader by = loader(loader).orElse(null);
        if (by == null) {
            return unknown(object, "/" + loader.path() + " is no loader that is known");
        }
        String refusal = by.refusal(object, name, loaderName);
        if (refusal != null) {
            LoadFault fault = new LoadFault(Kind.LIBRARY_UNFIT, name, name, null, refusal);
            return new LoadProof(Outcome.FAILS, List.of(fault), List.of(), List.of(object.path()));
        }
        String interpreter = object.outline().interpreter();
        return counted(by.start(
                object,
                name,
                interpreter == null || by instanceof GlibcLoader ? loaderName : interpreter,
                true,
                most()));
    }

    /**
     * What happens when a program that has started opens a library: with dlopen(3).
     *
     * @param lazily whether with RTLD_LAZY, so that functions are bound when they are first called
     */
    public LoadProof proveOpened(ElfFile plugin, ElfFile host, boolean lazily) {
        return proveOpened(plugin, host, List.of(), lazily);
    }

    /** @param companions plugins that the host opened before it for all to see (RTLD_GLOBAL); the plugin may be one of them */
    public LoadProof proveOpened(ElfFile plugin, ElfFile host, List<ElfFile> companions, boolean lazily) {
        String interpreter = host.outline().interpreter();
        Library.Opened opened = interpreter == null ? null : library.open(interpreter);
        if (interpreter == null || !(opened instanceof Library.Elf elf)) {
            return unknown(plugin, "its host /" + host.path() + " has no loader in the image");
        }
        if (host.outline().header().machine() != plugin.outline().header().machine()) {
            return unknown(plugin, "its host /" + host.path() + " is for another machine");
        }
        Loader loader = loader(elf.file()).orElse(null);
        if (loader == null) {
            return unknown(plugin, "the loader of its host, " + interpreter + ", is none that is known");
        }
        return counted(loader.open(plugin, host, companions, interpreter, lazily, most()));
    }

    /**
     * What happens when a process of which nothing is known but its loader opens a library.
     *
     * @param loader one of musl or glibc
     */
    public LoadProof proveOpenedUnder(ElfFile plugin, ElfFile loader, boolean lazily) {
        Loader by = loader(loader).orElse(null);
        if (by == null) {
            return unknown(plugin, "/" + loader.path() + " is no loader that is known");
        }
        return counted(by.open(plugin, loader, List.of(), "/" + loader.path(), lazily, most()));
    }

    /** gcompat's stub starts musl's loader with its library before all others. */
    private LoadProof underGcompat(ElfFile program) {
        ElfFile musl = loaderFile(program.outline().header(), Family.MUSL).orElse(null);
        if (musl == null) {
            return unknown(program, "its loader is gcompat's, which needs musl's, and that is not there");
        }
        Optional<Known> known = Optional.ofNullable(library.known(musl));
        if (known.isEmpty()) {
            return unknown(program, "the facts of /" + musl.path() + " cannot be read");
        }
        Environment with = new Environment(
                environment.libraryPath(), "/lib/" + GCOMPAT, environment.bindNow(), environment.directory());
        return counted(new MuslLoader(library, with, known.get())
                .start(program, "/" + program.path(), "/" + musl.path(), false, most()));
    }

    private boolean isGcompat(ElfFile loader) {
        return familyOf(loader) == null
                && (library.open("/lib/" + GCOMPAT) instanceof Library.Elf
                        || library.open("/usr/lib/" + GCOMPAT) instanceof Library.Elf);
    }

    /**
     * The loader of a C library for a machine, where programs look for it.
     *
     * @return empty when there is none
     */
    public Optional<ElfFile> loaderFile(ElfHeader machine, Family family) {
        return LoaderNames.paths(machine, family).stream()
                .map(library::open)
                .filter(Library.Elf.class::isInstance)
                .map(opened -> ((Library.Elf) opened).file())
                .filter(file -> familyOf(file) == family
                        && file.outline().header().machine() == machine.machine()
                        && file.outline().header().bits() == machine.bits())
                .findFirst();
    }

    private Optional<Loader> loader(ElfFile file) {
        Optional<Loader> before = loaders.get(file.path());
        if (before != null) {
            return before;
        }
        Optional<Loader> made = Optional.ofNullable(make(file));
        loaders.put(file.path(), made);
        return made;
    }

    private @Nullable Loader make(ElfFile file) {
        Family family = familyOf(file);
        Known known = family == null ? null : library.known(file);
        if (known == null) {
            return null;
        }
        return family == Family.MUSL
                ? new MuslLoader(library, environment, known)
                : family == Family.GLIBC ? new GlibcLoader(library, environment, known) : null;
    }

    /** Of a loader, by what is in it. */
    private @Nullable Family familyOf(ElfFile loader) {
        LibcText text = loader.outline().origin().libc();
        if (text != null && text.family().equals("musl")) {
            return Family.MUSL;
        }
        if (text != null && text.family().equals("glibc")) {
            return Family.GLIBC;
        }
        // Before 2.33 glibc's loader does not tell its version.
        String soname = loader.outline().soname();
        if (soname != null
                && (soname.startsWith("ld-linux") || soname.startsWith("ld64.so") || soname.startsWith("ld.so"))) {
            return Family.GLIBC;
        }
        return null;
    }

    private int most() {
        return maxFaults != MAX_FAULTS || keptFaults < MAX_ALL_FAULTS ? maxFaults : FEW_FAULTS;
    }

    private LoadProof counted(LoadProof proof) {
        keptFaults += proof.faults().size();
        return proof;
    }

    private static LoadProof unknown(ElfFile object, String why) {
        return new LoadProof(Outcome.UNKNOWN, List.of(), List.of("/" + object.path() + ": " + why), List.of());
    }
}
