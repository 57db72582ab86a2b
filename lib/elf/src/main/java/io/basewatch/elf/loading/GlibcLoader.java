package io.basewatch.elf.loading;

import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.ElfLoading;
import io.basewatch.elf.ElfOrigin.LibcText;
import io.basewatch.elf.ElfReading;
import io.basewatch.elf.ElfSymbols;
import io.basewatch.elf.ElfVersions;
import io.basewatch.elf.SymbolTable;
import io.basewatch.elf.loading.LoadFault.Kind;
import io.basewatch.layerfacts.FileEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** glibc's loader: elf/dl-load.c, dl-deps.c, dl-version.c, dl-lookup.c. */
final class GlibcLoader extends Loader {

    private static final String NO_SUCH_FILE = "cannot open shared object file: No such file or directory";
    private static final String OTHER_SYSTEM = "ELF file OS ABI invalid";

    /** The flags of libraries in the loader's table, by machine and class: sysdeps/generic/ldconfig.h. */
    private static final Map<String, Integer> CACHE_FLAGS =
            Map.of("x86_64", 0x303, "x32", 0x803, "i386", 0x3, "aarch64", 0xa03, "s390x", 0x403, "powerpc64le", 0x503);

    private static final Map<String, String> TRIPLETS = Map.of(
            "x86_64", "x86_64-linux-gnu",
            "x32", "x86_64-linux-gnux32",
            "i386", "i386-linux-gnu",
            "aarch64", "aarch64-linux-gnu",
            "s390x", "s390x-linux-gnu",
            "powerpc64le", "powerpc64le-linux-gnu",
            "riscv64", "riscv64-linux-gnu");

    private static final long DF_1_NODEFLIB = 0x800;
    private static final Set<String> USUAL_DIRECTORIES =
            Set.of("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/libx32", "/usr/libx32");

    private static final int MAX_DIRECTORIES = 200;

    /**
     * Folders within a folder of libraries that only some processors are looked for in: elf/dl-hwcaps_subdirs.c and sysdeps' dl-hwcap.h; until 2.36 also those named by single
     * abilities, elf/dl-hwcaps.c.
     */
    private static final List<String> FOLDERS_OF_SOME_PROCESSORS = List.of(
            "glibc-hwcaps/x86-64-v2",
            "glibc-hwcaps/x86-64-v3",
            "glibc-hwcaps/x86-64-v4",
            "glibc-hwcaps/power9",
            "glibc-hwcaps/power10",
            "glibc-hwcaps/power11",
            "glibc-hwcaps/z13",
            "glibc-hwcaps/z14",
            "glibc-hwcaps/z15",
            "glibc-hwcaps/z16",
            "tls",
            "x86_64",
            "haswell",
            "haswell/avx512_1",
            "tls/x86_64",
            "tls/haswell",
            "haswell/x86_64",
            "i686",
            "i586",
            "sse2",
            "i686/sse2",
            "tls/i686",
            "atomics",
            "aarch64",
            "v7l",
            "neon",
            "vfp",
            "v7l/neon/vfp");

    /** Tags of objects that have others answer for them: gABI, "Dynamic Section". */
    private static final long DT_AUXILIARY = 0x7ffffffdL;

    private static final long DT_FILTER = 0x7fffffffL;

    /** Where it looks without being told, in order. */
    private final List<String> systemDirectories;

    private final String libName;
    private final @Nullable LoaderCache cache;

    /** Where the settings lead from which the table is made, which stand in for one that cannot be read; else empty. */
    private final List<String> configured;

    GlibcLoader(Library library, Environment environment, Known self) {
        super(library, environment, self);
        String prefix = prefix();
        String triplet = TRIPLETS.getOrDefault(
                self.content.header.architecture(), self.content.header.architecture() + "-linux-gnu");
        if (self.content.header.machine() == ElfHeader.EM_ARM) {
            triplet = (self.content.header.flags() & 0x400) != 0 ? "arm-linux-gnueabihf" : "arm-linux-gnueabi";
        }
        List<String> directories = new ArrayList<>();
        boolean isMultiarch = prefix.isEmpty()
                && (isDirectory("/lib/" + triplet) || isDirectory("/usr/lib/" + triplet) || isOfDebian());
        String wide = self.content.header.bits() == 64 ? "64" : "";
        if (!prefix.isEmpty()) {
            directories.add(prefix + "/lib" + wide);
            directories.add(prefix + "/lib");
        } else if (isMultiarch) {
            directories.addAll(List.of("/lib/" + triplet, "/usr/lib/" + triplet, "/lib", "/usr/lib"));
        } else if (!wide.isEmpty() && isThere("/lib64/libc.so.6") && !isSame("/lib64/libc.so.6", "/lib/libc.so.6")) {
            directories.addAll(List.of("/lib64", "/usr/lib64"));
        } else {
            directories.addAll(List.of("/lib", "/usr/lib"));
        }
        systemDirectories = List.copyOf(directories);
        libName = isMultiarch ? "lib/" + triplet : directories.get(0).endsWith("64") ? "lib64" : "lib";
        cache = library.view()
                .text(prefix + "/etc/ld.so.cache")
                .flatMap(LoaderCache::parse)
                .orElse(null);
        boolean isCacheUnread = cache == null
                && library.view()
                        .find(prefix + "/etc/ld.so.cache")
                        .filter(entry -> entry.size() > 0)
                        .isPresent();
        configured = isCacheUnread ? LoaderConf.directories(library.view(), prefix + "/etc/ld.so.conf") : List.of();
    }

    /** Of a glibc that is installed apart; empty for the system's. */
    private String prefix() {
        String directory = "/" + self.file.directory();
        if (USUAL_DIRECTORIES.contains(directory) || directory.matches("(/usr)?/lib/[a-z0-9_]+-linux-gnu[a-z0-9]*")) {
            return "";
        }
        int lib = directory.lastIndexOf("/lib");
        return lib > 0 && directory.indexOf('/', lib + 1) < 0 ? directory.substring(0, lib) : "";
    }

    private boolean isOfDebian() {
        LibcText text = self.file.outline().origin().libc();
        String vendor = text == null ? null : text.vendor();
        if (vendor == null) {
            vendor = library.view()
                    .elfFiles()
                    .find("/lib/libc.so.6")
                    .map(libc -> libc.outline().origin().libc())
                    .map(LibcText::vendor)
                    .orElse("");
        }
        return vendor.startsWith("Debian") || vendor.startsWith("Ubuntu");
    }

    @Override
    boolean isDynamic(Known known) {
        return !known.content.loading.tags().isEmpty();
    }

    @Override
    String refusal(Known object, String name, String loaderName) {
        return name + ": error while loading shared libraries: " + name + ": " + whyNot(object.content.header);
    }

    private String whyNot(ElfHeader header) {
        if (header.bits() != self.content.header.bits()) {
            return "wrong ELF class: ELFCLASS" + header.bits();
        }
        String unfit = unfit(header);
        if (unfit != null) {
            return unfit;
        }
        return header.type() != ElfHeader.ET_DYN && header.type() != ElfHeader.ET_EXEC
                ? "only ET_DYN and ET_EXEC can be loaded"
                : "object file has no dynamic section";
    }

    @Override
    @Nullable
    String unfit(ElfHeader header) {
        if (header.machine() != self.content.header.machine()
                || header.bigEndian() != self.content.header.bigEndian()) {
            return NO_SUCH_FILE;
        }
        // As FreeBSD's and Solaris' files name theirs: none is taken but System V's (0) and glibc's own (3),
        // ldsodefs.h.
        return header.osAbi() != 0 && header.osAbi() != 3 ? OTHER_SYSTEM : null;
    }

    private boolean isDirectory(String path) {
        return library.view()
                .find(path)
                .filter(entry -> entry.type() == FileEntry.Type.DIRECTORY)
                .isPresent();
    }

    private boolean isThere(String path) {
        return library.view().find(path).isPresent();
    }

    private boolean isSame(String path, String other) {
        return Objects.equals(
                library.view().find(path).map(FileEntry::path),
                library.view().find(other).map(FileEntry::path));
    }

    @Override
    Loaded append(Scope process, Known known, String name, @Nullable Loaded requester) {
        Loaded object = new Loaded(name, known, requester);
        process.add(object);
        process.name(object, name);
        String soname = known.content.loading.soname();
        if (soname != null) {
            process.name(object, soname);
        }
        return object;
    }

    @Override
    @Nullable
    String whatElseItAsksFor(Known object) {
        List<Long> tags = object.content.loading.tags();
        return tags.contains(DT_FILTER) || tags.contains(DT_AUXILIARY)
                ? "another library answers for it (DT_FILTER or DT_AUXILIARY), whose name is not kept"
                : null;
    }

    @Override
    void preload(Scope process, String loaderName, Findings findings) {
        List<String> names = new ArrayList<>();
        if (environment.preload() != null) {
            names.addAll(List.of(environment.preload().split("[ :]+")));
        }
        library.view()
                .text("/etc/ld.so.preload")
                .ifPresent(text ->
                        names.addAll(List.of(text.replaceAll("#[^\n]*", "").split("[\\s:]+"))));
        for (String name : names) {
            // Of what is not there is warned, no more.
            if (!name.isEmpty() && !process.isFull()) {
                find(process, name, process.objects.get(0), loaderName, findings);
            }
        }
    }

    @Override
    void need(Scope process, Loaded object, String name, String loaderName, Findings findings) {
        String error = find(process, name, object, loaderName, findings);
        if (error == null || library.effort.isExhausted()) {
            return;
        }
        String line = findings.isOpened() ? error : start(process) + ": error while loading shared libraries: " + error;
        boolean isMissing = error.endsWith(NO_SUCH_FILE);
        if (isMissing && !library.view().isWhole()) {
            findings.unknownInScope(line + ", if it is not in those parts of the image that could not be read");
        } else {
            findings.add(isMissing ? Kind.LIBRARY_MISSING : Kind.LIBRARY_UNFIT, object.name, name, null, line);
        }
    }

    /** How its lines begin: with the program's name. */
    private static String start(Scope process) {
        return process.objects.get(0).name;
    }

    /** @return what the loader says of it; null when it is loaded, or when that is not known */
    private @Nullable String find(Scope process, String name, Loaded requester, String loaderName, Findings findings) {
        if (process.named(name) != null) {
            return null;
        }
        if (name.equals(loaderName) || name.equals(self.content.loading.soname())) {
            if (!process.has(self.path())) {
                process.name(append(process, self, loaderName, requester), name);
            }
            return null;
        }
        String filled = filled(name, requester);
        if (filled.contains("/")) {
            return take(process, name, filled, requester, findings).error();
        }
        Tried tried = search(process, filled, requester, findings);
        return tried.error();
    }

    /**
     * How the try of one path, or of many, came out.
     *
     * @param isDone false when there is none, or one of another machine: the search goes on
     * @param error what the loader says in the end; null when it is loaded
     */
    private record Tried(boolean isDone, @Nullable String error) {

        boolean isMissing() {
            return error != null && error.endsWith(NO_SUCH_FILE);
        }
    }

    private Tried search(Scope process, String name, Loaded requester, Findings findings) {
        Tried worst = new Tried(false, name + ": " + NO_SUCH_FILE);
        ElfLoading loading = requester.known.content.loading;
        List<String> directories = new ArrayList<>();
        if (loading.runpath() == null) {
            Loaded program = process.objects.get(0);
            boolean wasProgram = false;
            for (Loaded user = requester; user != null && library.effort.step(); user = user.requester) {
                wasProgram |= user == program;
                if (user.known.content.loading.runpath() == null) {
                    addDirectories(directories, user.known.content.loading.rpath(), ":", user);
                }
            }
            if (!wasProgram && program.known.content.loading.runpath() == null) {
                addDirectories(directories, program.known.content.loading.rpath(), ":", program);
            }
        }
        addDirectories(directories, environment.libraryPath(), "[:;]", process.objects.get(0));
        addDirectories(directories, loading.runpath(), ":", requester);
        for (String directory : directories) {
            Tried tried = take(process, name, inDirectory(directory, name), requester, findings);
            if (tried.isDone()) {
                return tried;
            }
            worst = worse(worst, tried, name);
        }
        boolean isWithoutDefaults = (loading.flags1() & DF_1_NODEFLIB) != 0;
        Optional<String> cached = cache == null
                ? Optional.empty()
                : cache.find(name, CACHE_FLAGS.getOrDefault(self.content.header.architecture(), LoaderCache.ANY));
        if (cached.isPresent() && !(isWithoutDefaults && isInDefaults(cached.get()))) {
            Tried tried = take(process, name, cached.get(), requester, findings);
            if (tried.isDone()) {
                return tried;
            }
            worst = worse(worst, tried, name);
        }
        List<String> last = new ArrayList<>(configured);
        if (!isWithoutDefaults) {
            last.addAll(systemDirectories);
        }
        for (String directory : last) {
            Tried tried = take(process, name, directory + "/" + name, requester, findings);
            if (tried.isDone()) {
                return tried;
            }
            worst = worse(worst, tried, name);
        }
        return worst.isMissing() && isForSomeProcessors(name, directories, last, findings)
                ? new Tried(true, null)
                : worst;
    }

    /** Whether a library that is not found is there for processors of some kind: then it depends on where it runs. */
    private boolean isForSomeProcessors(String name, List<String> asked, List<String> defaults, Findings findings) {
        Optional<String> path = cache == null
                ? Optional.empty()
                : cache.findForSomeProcessors(
                        name, CACHE_FLAGS.getOrDefault(self.content.header.architecture(), LoaderCache.ANY));
        path = path.filter(this::isThere)
                .or(() -> Stream.concat(asked.stream(), defaults.stream())
                        .flatMap(directory -> FOLDERS_OF_SOME_PROCESSORS.stream()
                                .map(folder -> inDirectory(inDirectory(directory, folder), name)))
                        .map(this::absolute)
                        .takeWhile(tried -> library.effort.step())
                        .filter(this::isThere)
                        .findFirst());
        path.ifPresent(there -> findings.unknownInScope(
                name + ": is there only for some processors, as " + there + ": it depends on where it runs"));
        return path.isPresent();
    }

    private static Tried worse(Tried before, Tried now, String name) {
        String error = now.error();
        return error != null && !now.isMissing()
                ? new Tried(false, name + error.substring(error.indexOf(": ")))
                : before;
    }

    private boolean isInDefaults(String path) {
        String directory = path.substring(0, Math.max(0, path.lastIndexOf('/')));
        return systemDirectories.contains(directory);
    }

    /** An empty element is where the process started. */
    private static String inDirectory(String directory, String name) {
        return directory.isEmpty() ? name : directory.endsWith("/") ? directory + name : directory + "/" + name;
    }

    private void addDirectories(List<String> directories, @Nullable String list, String separator, Loaded origin) {
        if (list == null || list.isEmpty()) {
            return;
        }
        for (String directory : list.split(separator, MAX_DIRECTORIES)) {
            if (directories.size() < MAX_DIRECTORIES) {
                directories.add(filled(directory, origin));
            }
        }
    }

    /** With $ORIGIN, $LIB and $PLATFORM filled in. */
    private String filled(String path, Loaded object) {
        if (path.indexOf('$') < 0) {
            return path;
        }
        String origin = absolute(object.name);
        origin = origin.substring(0, origin.lastIndexOf('/'));
        String filled = path;
        for (Map.Entry<String, String> variable :
                List.of(Map.entry("ORIGIN", origin), Map.entry("LIB", libName), Map.entry("PLATFORM", platform()))) {
            filled = filled.replace("${" + variable.getKey() + "}", variable.getValue())
                    .replace("$" + variable.getKey(), variable.getValue());
        }
        return filled.length() > MAX_FILLED ? path : filled;
    }

    private static final int MAX_FILLED = 64 << 10;

    private String platform() {
        return self.content.header.architecture();
    }

    private Tried take(Scope process, String asked, String path, Loaded requester, Findings findings) {
        Library.Opened opened = library.open(absolute(path));
        if (opened instanceof Library.Missing || !library.effort.step()) {
            return new Tried(false, path + ": " + NO_SUCH_FILE);
        }
        if (opened instanceof Library.Directory) {
            return new Tried(true, path + ": cannot read file data: Is a directory");
        }
        if (opened instanceof Library.NotElf notElf) {
            return new Tried(
                    true, path + ": " + (notElf.entry().size() < 64 ? "file too short" : "invalid ELF header"));
        }
        if (opened instanceof Library.Unread unread) {
            findings.unknownInScope(unread.why());
            return new Tried(true, null);
        }
        Library.Elf elf = (Library.Elf) opened;
        Loaded before = process.at(elf.file().path());
        if (before != null) {
            process.name(before, asked);
            return new Tried(true, null);
        }
        if (elf.file().path().equals(self.path())) {
            process.name(append(process, self, path, requester), asked);
            return new Tried(true, null);
        }
        Known known = library.known(elf.file());
        if (known == null) {
            findings.unknownInScope(path + ": its facts cannot be read");
            return new Tried(true, null);
        }
        ElfHeader header = known.content.header;
        if (header.bits() != self.content.header.bits()) {
            return new Tried(false, path + ": wrong ELF class: ELFCLASS" + header.bits());
        }
        String unfit = unfit(header);
        if (unfit != null) {
            return new Tried(unfit.equals(OTHER_SYSTEM), path + ": " + unfit);
        }
        if (header.type() != ElfHeader.ET_DYN && header.type() != ElfHeader.ET_EXEC) {
            return new Tried(true, path + ": only ET_DYN and ET_EXEC can be loaded");
        }
        if (known.content.loading.tags().isEmpty()) {
            return new Tried(true, path + ": object file has no dynamic section");
        }
        process.name(append(process, known, path, requester), asked);
        return new Tried(true, null);
    }

    @Override
    void bind(Scope process, List<Loaded> objects, Binding binding, Findings findings) {
        // Where a file is missing nothing else is told.
        if (findings.hasFaults()) {
            return;
        }
        for (Loaded object : objects) {
            checkVersions(process, object, binding.isOpened(), findings);
        }
        if (findings.hasFaults() && !binding.isListed()) {
            return;
        }
        int release = release(process);
        // The last comes first, and the program last.
        for (int i = objects.size() - 1; i >= 0; i--) {
            if (objects.get(i).known != self) {
                bindSymbols(process, objects.get(i), binding, release, findings);
                if (binding.isOpened()) {
                    checkThreadVariables(objects.get(i), findings);
                }
            }
        }
    }

    /** What glibc keeps for libraries that are opened late is less, in every release and with every setting but one's own. */
    private static final long MOST_LATE_TLS = 4_096;

    private static void checkThreadVariables(Loaded object, Findings findings) {
        Known known = object.known;
        if (known.content.tlsBytes > MOST_LATE_TLS && Boolean.TRUE.equals(known.content.fixesOwnTls())) {
            findings.add(
                    Kind.TLS,
                    object.name,
                    object.name,
                    null,
                    object.name + ": cannot allocate memory in static TLS block");
        }
    }

    /** 2.30: since then a version may come from another file than the one of which it is wanted. */
    private static final int ANY_FILE = 30;

    private static final int WITHOUT_COMMA = 27;
    private static final Pattern VERSION = Pattern.compile("2\\.(\\d{1,3})(?!\\d)");

    /** The minor version of this glibc; that of a new one where nothing tells. */
    private int release(Scope process) {
        Loaded libc = process.named("libc.so.6");
        for (Known known : libc == null ? List.of(self) : List.of(self, libc.known)) {
            LibcText text = known.file.outline().origin().libc();
            Matcher version = VERSION.matcher(text == null ? "" : String.valueOf(text.version()));
            if (version.lookingAt()) {
                return Integer.parseInt(version.group(1));
            }
        }
        return Integer.MAX_VALUE;
    }

    private void checkVersions(Scope process, Loaded object, boolean isOpened, Findings findings) {
        for (ElfVersions.Need need : object.known.content.versions.needs()) {
            Loaded file = process.named(need.file());
            if (file == null || !file.known.content.definesVersions) {
                // Without any versions it is taken as it is, with a warning.
                continue;
            }
            for (ElfVersions.Wanted wanted : need.versions()) {
                if (wanted.isWeak() || file.known.content.definition(wanted.name()) > 0) {
                    continue;
                }
                String said =
                        file.name + ": version `" + wanted.name() + "' not found (required by " + object.name + ")";
                String line = isOpened ? said : start(process) + ": " + said;
                if (file.known.content.mayOfferMore()
                        || file.known.content.reading.cuts().contains(ElfReading.Cut.VERSIONS)) {
                    findings.unknown(line + ", if it is not among the versions that are not known");
                } else {
                    findings.add(Kind.VERSION_MISSING, object.name, need.file(), wanted.name(), line);
                }
            }
        }
    }

    private void bindSymbols(Scope process, Loaded object, Binding binding, int release, Findings findings) {
        Known known = object.known;
        int[] asked = process.objects.get(0) == object ? all(known) : hard(process, known, release);
        int[] unresolved = unresolved(process, known, asked, release);
        if (unresolved.length == 0) {
            return;
        }
        String hidden = process.objects.stream()
                .filter(other -> other.known.content.mayOfferMore())
                .map(other -> other.name)
                .findFirst()
                .orElse(null);
        boolean isNow = binding.isListed()
                || environment.bindNow()
                || (binding.isOpened() && binding.isNow())
                || known.content.loading.bindsNow();
        int next = 0;
        for (SymbolTable.Symbol symbol : symbols(known, unresolved)) {
            int reference = unresolved[next++];
            SymbolTable.Version version = symbol.version();
            boolean isNamed = version != null && release < ANY_FILE && isMisnamed(process, known, reference);
            String said = isNamed && version != null
                    ? "symbol " + symbol.name() + (release < WITHOUT_COMMA ? ", version " : " version ")
                            + version.name() + " not defined in file " + version.file() + " with link time reference"
                    : "undefined symbol: " + symbol.name() + (version == null ? "" : ", version " + version.name());
            String line = binding.isOpened()
                    ? object.name + ": " + said
                    : start(process) + (isNamed ? ": relocation error: " : ": symbol lookup error: ") + object.name
                            + ": " + said;
            boolean isLate = !isNow && (symbol.flags() & ~ElfSymbols.REF_WEAK) == ElfSymbols.REF_PLT;
            String versionName = version == null ? null : version.name();
            if (hidden != null) {
                findings.unknown(line + ", if it is not among the symbols of " + hidden + " that are not known");
            } else if (findings.isScopeOpen()) {
                findings.unknown(line + ", if nothing of what is not known offers it");
            } else if (isLate) {
                findings.addLate(Kind.SYMBOL_MISSING, object.name, symbol.name(), versionName, line);
            } else {
                findings.add(Kind.SYMBOL_MISSING, object.name, symbol.name(), versionName, line);
            }
        }
    }

    private static int[] all(Known known) {
        int[] all = new int[known.content.references.length];
        Arrays.setAll(all, i -> i);
        return all;
    }

    /** The references that the library's own needs do not answer, where these are the same in the process. */
    private int[] hard(Scope process, Known known, int release) {
        Known.Alone alone = known.alone;
        if (process.objects.size() > MAX_COMPARED) {
            return all(known);
        }
        if (alone == null) {
            Scope by = alone(known, "/" + self.path());
            alone = new Known.Alone(by.numbers(), unresolved(by, known, all(known), release), files(by, known));
            if (library.effort.isExhausted()) {
                return all(known);
            }
            library.keep(known, alone);
        }
        return process.hasAll(alone.objects) && alone.byFile.equals(files(process, known))
                ? alone.unresolved
                : all(known);
    }

    /** Where the files lie of which it wants versions; empty for one that is not there. */
    private static List<String> files(Scope process, Known known) {
        return known.content.versions.needs().stream()
                .map(need -> process.named(need.file()))
                .map(object -> object == null ? "" : object.path())
                .toList();
    }

    private int[] unresolved(Scope process, Known known, int[] references, int release) {
        int[] left = new int[references.length];
        int count = 0;
        for (int reference : references) {
            if (!isAnswered(process, known, reference, release)) {
                left[count++] = reference;
            }
        }
        return Arrays.copyOf(left, count);
    }

    private boolean isAnswered(Scope process, Known known, int reference, int release) {
        if (known.content.asks(reference, ElfSymbols.REF_OWN)) {
            return true;
        }
        boolean isCopy = known.content.asks(reference, ElfSymbols.REF_COPY);
        long name = known.content.references[reference];
        SymbolTable.Version version = known.content.version(reference);
        String file = version == null ? null : version.file();
        Loaded named = file == null ? null : process.named(file);
        if (named != null && version != null && offers(named.known, name, version.name())) {
            return true;
        }
        List<Loaded> objects = process.objects;
        for (int i = isCopy ? 1 : 0; i < objects.size(); i++) {
            Loaded object = objects.get(i);
            // Nothing is told of what was not looked for to the end.
            if (offers(object.known, name, version == null ? null : version.name()) || !library.effort.step()) {
                return true;
            }
            if (object == named && release < ANY_FILE) {
                // Nobody behind it is asked.
                return false;
            }
        }
        return known.content.asks(reference, ElfSymbols.REF_WEAK) && !isCopy;
    }

    private static boolean offers(Known known, long name, @Nullable String version) {
        if (version == null) {
            return known.content.exports.hasAny(name);
        }
        return known.content.hasVersions
                ? known.content.exports.hasVersion(name, known.content.definition(version))
                : known.content.exports.has(name);
    }

    /** Whether the file of which the version is wanted is there, and does not have it. */
    private static boolean isMisnamed(Scope process, Known known, int reference) {
        SymbolTable.Version version = known.content.version(reference);
        String file = version == null ? null : version.file();
        return file != null && process.named(file) != null;
    }
}
