package io.basewatch.elf.loading;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.ElfReading;
import io.basewatch.elf.SymbolTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One loader of a root file system: what it would do, told from facts. Follows the loader's own steps, as far as they can be seen from outside. */
abstract class Loader {

    final Library library;
    final Environment environment;

    /** The loader's own file. */
    final Known self;

    /** In larger processes each object is looked at for itself. */
    static final int MAX_COMPARED = 1_000;

    private @Nullable Host lastHost;

    Loader(Library library, Environment environment, Known self) {
        this.library = library;
        this.environment = environment;
        this.self = self;
    }

    /**
     * How a process starts.
     *
     * @param name of the program, as it is started
     * @param loaderName how the loader is called: by the program's PT_INTERP, or as it was started
     * @param isListed whether the loader is started to list what the program needs, and tells all that it finds
     */
    final LoadProof start(ElfFile program, String name, String loaderName, boolean isListed, int maxFaults) {
        library.effort.startProof();
        Findings findings = new Findings(maxFaults, false);
        Known known = library.known(program);
        if (known == null) {
            findings.unknown("/" + program.path() + ": its facts cannot be read");
            return findings.proof(List.of());
        }
        Scope process = load(known, name, loaderName, findings);
        List<Loaded> all = process.objects;
        bind(process, List.copyOf(all), new Binding(isListed, false, true, all.size()), findings);
        return proof(findings, process.objects);
    }

    /**
     * How a plugin is opened by a process that has started.
     *
     * @param companions that the host opened for all to see before it, up to {@value #MAX_COMPANIONS}; the plugin may be one of them
     * @param lazily whether with RTLD_LAZY
     */
    final LoadProof open(
            ElfFile plugin, ElfFile host, List<ElfFile> companions, String loaderName, boolean lazily, int maxFaults) {
        library.effort.startProof();
        Findings findings = new Findings(maxFaults, true);
        Known known = library.known(plugin);
        Known hostKnown = library.known(host);
        if (known == null || hostKnown == null) {
            findings.unknown("/" + (known == null ? plugin : host).path() + ": its facts cannot be read");
            return findings.proof(List.of());
        }
        Host started = lastHost;
        if (started == null
                || !started.file().equals(host)
                || !started.companions().equals(companions)) {
            started = start(host, hostKnown, companions, loaderName);
            lastHost = started;
        }
        Scope process = new Scope(started.process());
        List<Loaded> opened = new ArrayList<>();
        int before = process.objects.size();
        if (process.has(plugin.path())) {
            Set<String> own = new HashSet<>(Loaded.paths(alone(known, loaderName).objects));
            for (Loaded object : process.objects.subList(started.atStart(), before)) {
                if (own.contains(object.path())) {
                    opened.add(object);
                }
            }
            opened.forEach(object -> loadNeeds(process, object, loaderName, findings));
        } else if (unfit(known.content.header) != null) {
            String name = "/" + plugin.path();
            String line = name + ": " + unfit(known.content.header);
            findings.add(LoadFault.Kind.LIBRARY_UNFIT, name, name, null, line);
            return proof(findings, List.of(new Loaded(name, known, null)));
        } else {
            append(process, known, "/" + plugin.path(), process.objects.get(0));
            loadNeeded(process, before, loaderName, findings);
            opened.addAll(process.objects.subList(before, process.objects.size()));
        }
        bind(process, opened, new Binding(false, true, !lazily, started.atStart()), findings);
        return proof(findings, opened);
    }

    private LoadProof proof(Findings findings, List<Loaded> objects) {
        if (library.effort.isExhausted()) {
            findings.unknown(objects.get(0).name + ": " + Effort.EXHAUSTED);
        }
        return findings.proof(Loaded.paths(objects));
    }

    /** More of them are left out. */
    private static final int MAX_COMPANIONS = 200;

    /** What keeps a host or its other plugins from loading is told of them. */
    private Host start(ElfFile file, Known known, List<ElfFile> companions, String loaderName) {
        Findings others = new Findings(0, false);
        Scope process = load(known, "/" + file.path(), loaderName, others);
        int atStart = process.objects.size();
        for (ElfFile companion : companions.subList(0, Math.min(companions.size(), MAX_COMPANIONS))) {
            Known opened = library.known(companion);
            if (opened != null && !process.has(companion.path()) && !process.isFull()) {
                int before = process.objects.size();
                append(process, opened, "/" + companion.path(), process.objects.get(0));
                loadNeeded(process, before, loaderName, others);
            }
        }
        return new Host(file, List.copyOf(companions), process, atStart);
    }

    /** @param atStart how many objects it started with */
    private record Host(ElfFile file, List<ElfFile> companions, Scope process, int atStart) {}

    /**
     * How symbols are looked for.
     *
     * @param isListed whether the loader was started to list what it finds, and tells all of it
     * @param isOpened whether the objects are opened by a process that has started
     * @param isNow whether everything is bound at once
     * @param atStart how many objects were there when the process started, or all that there are
     */
    record Binding(boolean isListed, boolean isOpened, boolean isNow, int atStart) {}

    /** What the loader says of a file that it is asked to list and does not take for a program; null when it does. */
    final @Nullable String refusal(ElfFile object, String name, String loaderName) {
        Known known = library.known(object);
        if (known == null) {
            return null;
        }
        int type = known.content.header.type();
        boolean isTaken = isDynamic(known)
                && known.content.header.bits() == self.content.header.bits()
                && unfit(known.content.header) == null
                && (type == ElfHeader.ET_DYN || type == ElfHeader.ET_EXEC);
        return isTaken ? null : refusal(known, name, loaderName);
    }

    /** Why the loader takes no file of this machine or this system, in its words; null when it does. */
    @Nullable
    String unfit(ElfHeader header) {
        return null;
    }

    /** Whether the loader finds a dynamic section in it. */
    abstract boolean isDynamic(Known known);

    abstract String refusal(Known object, String name, String loaderName);

    private Scope load(Known program, String name, String loaderName, Findings findings) {
        Scope process = new Scope();
        append(process, program, name, null);
        preload(process, loaderName, findings);
        loadNeeded(process, 0, loaderName, findings);
        return process;
    }

    /** Adds an object, with the names by which this loader finds it again. */
    abstract Loaded append(Scope process, Known known, String name, @Nullable Loaded requester);

    /** What this loader loads for an object beside what it needs, and cannot be followed; null when there is nothing like that. */
    @Nullable
    String whatElseItAsksFor(Known object) {
        return null;
    }

    abstract void preload(Scope process, String loaderName, Findings findings);

    /** Loads what the objects need from one on, breadth first. */
    private void loadNeeded(Scope process, int from, String loaderName, Findings findings) {
        for (int i = from; i < process.objects.size(); i++) {
            loadNeeds(process, process.objects.get(i), loaderName, findings);
        }
    }

    private void loadNeeds(Scope process, Loaded object, String loaderName, Findings findings) {
        if (object.known == self) {
            return;
        }
        String more = object.known.content.mayAskMore();
        if (more != null) {
            if (object.known.content.reading.cuts().contains(ElfReading.Cut.NEEDED)) {
                findings.unknownInScope(object.name + ": " + more);
            }
            findings.unknown(object.name + ": " + more);
        }
        String others = whatElseItAsksFor(object.known);
        if (others != null) {
            findings.unknownInScope(object.name + ": " + others);
        }
        for (String needed : object.known.content.loading.needed()) {
            if (process.isFull()) {
                findings.unknownInScope("more than " + Scope.MAX_OBJECTS + " objects are loaded together");
                return;
            }
            if (!library.effort.step()) {
                return;
            }
            need(process, object, needed, loaderName, findings);
        }
    }

    abstract void need(Scope process, Loaded object, String name, String loaderName, Findings findings);

    /** Looks for what some objects of a process ask for. */
    abstract void bind(Scope process, List<Loaded> objects, Binding binding, Findings findings);

    /** The process that a library makes when it is loaded by itself, for what of its references that answers already. */
    final Scope alone(Known known, String loaderName) {
        Scope process = new Scope();
        append(process, known, "/" + known.path(), null);
        loadNeeded(process, 0, loaderName, new Findings(0, false));
        return process;
    }

    /** References with their names, which are spelled out for what cannot be found alone. */
    final List<SymbolTable.Symbol> symbols(Known known, int[] references) {
        SymbolTable table = library.view()
                .elfFiles()
                .facts(known.file)
                .map(facts -> facts.symbols().references())
                .orElse(SymbolTable.NONE);
        List<SymbolTable.Symbol> symbols = new ArrayList<>();
        int place = 0;
        int next = 0;
        Iterator<SymbolTable.Symbol> all = table.iterator();
        while (next < references.length && all.hasNext()) {
            SymbolTable.Symbol symbol = all.next();
            if (place++ == references[next]) {
                symbols.add(symbol);
                next++;
            }
        }
        return symbols;
    }

    /** The absolute form of a path. */
    final String absolute(String path) {
        return path.startsWith("/") ? path : environment.directory() + "/" + path;
    }
}
