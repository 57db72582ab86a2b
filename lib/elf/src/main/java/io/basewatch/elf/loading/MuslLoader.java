package io.basewatch.elf.loading;

import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.ElfLoading;
import io.basewatch.elf.ElfOrigin.LibcText;
import io.basewatch.elf.ElfSymbols;
import io.basewatch.elf.SymbolTable;
import io.basewatch.elf.loading.LoadFault.Kind;
import io.basewatch.layerfacts.FileEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** musl's loader, which is its libc too: ldso/dynlink.c. */
final class MuslLoader extends Loader {

    /** Names that start so are the loader itself, whatever lies there. */
    private static final List<String> OWN =
            List.of("libc.", "libpthread.", "librt.", "libm.", "libdl.", "libutil.", "libxnet.");

    private static final String DEFAULT_PATH = "/lib:/usr/local/lib:/usr/lib";

    /** NAME_MAX, and what fits into the loader's buffer for a path. */
    private static final int MAX_NAME = 255;

    private static final int MAX_PATH = 511;

    /** References with one of these names and 64 behind it are taken for the names themselves. */
    private static final Set<String> LARGE_FILE_NAMES = Set.of(
            ("aio_cancel aio_error aio_fsync aio_read aio_return aio_suspend aio_write alphasort creat fallocate fgetpos"
                            + " fopen freopen fseeko fsetpos fstat fstatat fstatfs fstatvfs ftello ftruncate ftw getdents"
                            + " getrlimit glob globfree lio_listio lockf lseek lstat mkostemp mkostemps mkstemp mkstemps mmap"
                            + " nftw open openat posix_fadvise posix_fallocate pread preadv prlimit pwrite pwritev readdir"
                            + " scandir sendfile setrlimit stat statfs statvfs tmpfile truncate versionsort __fxstat"
                            + " __fxstatat __lxstat __xstat")
                    .split(" "));

    /** Hashes of references with the hash of what each is taken for. */
    private static final Map<Long, Long> LARGE_FILES = Stream.concat(
                    LARGE_FILE_NAMES.stream().map(name -> Map.entry(name + "64", name)),
                    Stream.of(Map.entry("readdir64_r", "readdir_r")))
            .collect(Collectors.toMap(
                    entry -> SymbolTable.hash(entry.getKey()), entry -> SymbolTable.hash(entry.getValue())));

    private static final long LONGEST_LARGE_FILE = SymbolTable.hash("posix_fallocate64");

    /** The types of relocation that it knows, by machine: arch/*&#47;reloc.h. */
    private static final Map<Integer, Set<Long>> RELOCATIONS = Map.of(
            ElfHeader.EM_X86_64, Set.of(0L, 1L, 2L, 5L, 6L, 7L, 8L, 16L, 17L, 18L, 36L),
            ElfHeader.EM_386, Set.of(0L, 1L, 2L, 5L, 6L, 7L, 8L, 14L, 35L, 36L, 37L, 41L),
            ElfHeader.EM_AARCH64, Set.of(0L, 257L, 1024L, 1025L, 1026L, 1027L, 1028L, 1029L, 1030L, 1031L),
            ElfHeader.EM_ARM, Set.of(0L, 2L, 3L, 13L, 17L, 18L, 19L, 20L, 21L, 22L, 23L),
            ElfHeader.EM_S390, Set.of(0L, 9L, 10L, 11L, 12L, 22L, 54L, 55L, 56L),
            ElfHeader.EM_PPC64, Set.of(0L, 19L, 20L, 21L, 22L, 38L, 43L, 68L, 73L, 78L),
            ElfHeader.EM_RISCV, Set.of(0L, 2L, 3L, 4L, 5L, 7L, 9L, 11L, 12L));

    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+)");
    private static final Pattern BANNER_ARCHITECTURE = Pattern.compile("musl libc \\(([a-z0-9_-]{1,20})\\)");

    /** As one number, by thousands: 1002005 for 1.2.5; null when the loader does not say. */
    private final @Nullable Integer version;

    private final String architecture;
    private final Map<String, SystemPath> systemPaths = new HashMap<>();

    MuslLoader(Library library, Environment environment, Known self) {
        super(library, environment, self);
        LibcText text = self.file.outline().origin().libc();
        String said = text == null ? null : text.version();
        Matcher numbers = VERSION.matcher(said == null ? "" : said);
        version = numbers.lookingAt()
                ? number(numbers.group(1)) * 1_000_000 + number(numbers.group(2)) * 1_000 + number(numbers.group(3))
                : null;
        architecture = architecture(text);
    }

    private static int number(String digits) {
        return digits.length() > 3 ? 999 : Integer.parseInt(digits);
    }

    /** As in the loader's own name. */
    private String architecture(@Nullable LibcText text) {
        Matcher banner = BANNER_ARCHITECTURE.matcher(text == null ? "" : text.banner());
        if (banner.find()) {
            return banner.group(1);
        }
        boolean isHardFloat =
                self.content.header.machine() == ElfHeader.EM_ARM && (self.content.header.flags() & 0x400) != 0;
        return self.content.header.architecture() + (isHardFloat ? "hf" : "");
    }

    @Override
    boolean isDynamic(Known known) {
        return known.content.loading.isDynamic();
    }

    @Override
    String refusal(Known object, String name, String loaderName) {
        return loaderName + ": " + name + ": Not a valid dynamic program";
    }

    private boolean isAtLeast(int wanted) {
        return version == null || version >= wanted;
    }

    @Override
    Loaded append(Scope process, Known known, String name, @Nullable Loaded requester) {
        Loaded object = new Loaded(name, known, requester);
        process.add(object);
        return object;
    }

    @Override
    void preload(Scope process, String loaderName, Findings findings) {
        String preload = environment.preload();
        if (preload != null) {
            for (String name : preload.split("[\\s:]+")) {
                // What is not there is passed over in silence.
                if (!name.isEmpty() && !process.isFull()) {
                    find(process, name, null, loaderName, findings);
                }
            }
        }
    }

    @Override
    void need(Scope process, Loaded object, String name, String loaderName, Findings findings) {
        String error = find(process, name, object, loaderName, findings);
        if (error != null && !library.effort.isExhausted()) {
            String line = "Error loading shared library " + name + ": " + error + " (needed by " + object.name + ")";
            boolean isMissing = error.equals(NO_SUCH_FILE);
            if (isMissing && !library.view().isWhole()) {
                findings.unknownInScope(line + ", if it is not in those parts of the image that could not be read");
            } else {
                findings.add(isMissing ? Kind.LIBRARY_MISSING : Kind.LIBRARY_UNFIT, object.name, name, null, line);
            }
        }
    }

    private static final String NO_SUCH_FILE = "No such file or directory";

    /** @return why it is not loaded, in the words of errno; null when it is, or when that is not known */
    private @Nullable String find(
            Scope process, String name, @Nullable Loaded requester, String loaderName, Findings findings) {
        if (name.isEmpty()) {
            return "Invalid argument";
        }
        if (isOwn(name) || name.equals(loaderName)) {
            addSelf(process, loaderName);
            return null;
        }
        if (name.contains("/")) {
            return take(process, name, absolute(name), requester, loaderName, false, findings);
        }
        Loaded before = process.named(name);
        if (before != null) {
            return null;
        }
        if (name.length() > MAX_NAME) {
            return NO_SUCH_FILE;
        }
        Predicate<String> hasIt = directory -> isThere(directory, name);
        String found = search(environment.libraryPath(), hasIt);
        for (Loaded user = requester; found == null && user != null && library.effort.step(); user = user.requester) {
            found = search(libraryPath(user), hasIt);
        }
        if (found == null) {
            found = searchSystem(loaderName, name, hasIt);
        }
        if (found == null) {
            return NO_SUCH_FILE;
        }
        String path = found + "/" + name;
        return take(process, path, absolute(path), requester, loaderName, true, findings);
    }

    private static boolean isOwn(String name) {
        if (!name.startsWith("lib")) {
            return false;
        }
        for (String own : OWN) {
            if (name.startsWith(own)) {
                return true;
            }
        }
        return false;
    }

    private boolean isThere(String directory, String name) {
        String path = directory + "/" + name;
        return library.effort.step()
                && path.length() <= MAX_PATH
                && !(library.open(absolute(path)) instanceof Library.Missing);
    }

    /** The first directory of a list that suits; null when none does, or there is no list. */
    private static @Nullable String search(@Nullable String list, Predicate<String> suits) {
        if (list == null) {
            return null;
        }
        int at = 0;
        while (at < list.length()) {
            int end = at;
            while (end < list.length() && list.charAt(end) != ':' && list.charAt(end) != '\n') {
                end++;
            }
            String directory = list.substring(at, end);
            if (!directory.isEmpty() && suits.test(directory)) {
                return directory;
            }
            at = end + 1;
        }
        return null;
    }

    private void addSelf(Scope process, String loaderName) {
        if (!process.has(self.path())) {
            Loaded loader = new Loaded(loaderName, self, null);
            process.add(loader);
            process.name(loader, "libc.so");
        }
    }

    private @Nullable String take(
            Scope process,
            String name,
            String path,
            @Nullable Loaded requester,
            String loaderName,
            boolean wasSearched,
            Findings findings) {
        Library.Opened opened = library.open(path);
        if (opened instanceof Library.Missing) {
            return NO_SUCH_FILE;
        }
        if (opened instanceof Library.Directory) {
            return "Is a directory";
        }
        if (opened instanceof Library.NotElf) {
            return "Exec format error";
        }
        if (opened instanceof Library.Unread unread) {
            findings.unknownInScope(unread.why());
            return null;
        }
        Library.Elf elf = (Library.Elf) opened;
        String shortName = name.substring(name.lastIndexOf('/') + 1);
        Loaded before = process.at(elf.file().path());
        // The program itself and the loader are not compared with what is opened.
        if (before != null && before != process.objects.get(0) && before.known != self) {
            if (wasSearched) {
                process.name(before, shortName);
            }
            return null;
        }
        Known known = library.known(elf.file());
        if (known == null) {
            findings.unknownInScope(path + ": its facts cannot be read");
            return null;
        }
        ElfHeader header = known.content.header;
        boolean isObject = header.type() == ElfHeader.ET_DYN || header.type() == ElfHeader.ET_EXEC;
        if (!isObject || !known.content.loading.isDynamic() || header.bits() != self.content.header.bits()) {
            return "Exec format error";
        }
        if (known.content.isLibc) {
            // Another libc, or this one by another name.
            addSelf(process, loaderName);
            return null;
        }
        Loaded object = append(process, known, name, requester);
        if (wasSearched) {
            process.name(object, shortName);
        }
        return null;
    }

    /** RUNPATH or else RPATH, with $ORIGIN filled in; null when there is none, or another variable in it. */
    private static @Nullable String libraryPath(Loaded object) {
        ElfLoading loading = object.known.content.loading;
        String path = loading.runpath() != null ? loading.runpath() : loading.rpath();
        if (path == null || path.indexOf('$') < 0) {
            return path;
        }
        // The kernel tells where a program really lies; of a library the loader knows the name it opened.
        String origin = object.name.contains("/") ? object.directory() : ".";
        StringBuilder filled = new StringBuilder();
        int at = 0;
        for (int next = path.indexOf('$'); next >= 0; next = path.indexOf('$', at)) {
            filled.append(path, at, next).append(origin);
            if (path.startsWith("$ORIGIN", next)) {
                at = next + "$ORIGIN".length();
            } else if (path.startsWith("${ORIGIN}", next)) {
                at = next + "${ORIGIN}".length();
            } else {
                return null;
            }
            if (filled.length() > MAX_FILLED) {
                return null;
            }
        }
        return filled.append(path, at, path.length()).toString();
    }

    private static final int MAX_FILLED = 1 << 20;
    private static final int MAX_LOADER_NAMES = 10;
    private static final int MAX_FOUND = 20_000;

    /** The first directory of the system's that has it, once for all who ask for it; null when none has. */
    private @Nullable String searchSystem(String loaderName, String name, Predicate<String> hasIt) {
        if (systemPaths.size() > MAX_LOADER_NAMES) {
            systemPaths.clear();
        }
        SystemPath path = systemPaths.computeIfAbsent(loaderName, key -> new SystemPath(readSystemPath(key)));
        if (path.found.size() > MAX_FOUND) {
            path.found.clear();
        }
        String found = path.found.get(name);
        if (found == null) {
            String directory = search(path.directories, hasIt);
            found = directory == null ? "" : directory;
            path.found.put(name, found);
        }
        return found.isEmpty() ? null : found;
    }

    /** Where is looked last, and in which of the directories names were found; an empty one stands for none. */
    private static final class SystemPath {
        private final String directories;
        private final Map<String, String> found = new HashMap<>();

        SystemPath(String directories) {
            this.directories = directories;
        }
    }

    private String readSystemPath(String loaderName) {
        String prefix = "";
        if (loaderName.startsWith("/")) {
            int last = loaderName.lastIndexOf('/');
            prefix = loaderName.substring(0, Math.max(0, loaderName.lastIndexOf('/', last - 1)));
        }
        String file = prefix + "/etc/ld-musl-" + architecture + ".path";
        FileEntry entry = library.view().find(file).orElse(null);
        if (entry == null) {
            return DEFAULT_PATH;
        }
        if (entry.size() == 0) {
            return "";
        }
        String text = library.view().text(file).orElse("");
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    @Override
    void bind(Scope process, List<Loaded> objects, Binding binding, Findings findings) {
        List<Loaded> bound = new ArrayList<>(objects);
        if (!binding.isOpened()) {
            // The program comes last, as it may copy what libraries hold.
            bound.add(bound.remove(0));
        }
        int selfAt = selfAt(process);
        for (Loaded object : bound) {
            if (object.known != self) {
                bind(process, object, selfAt, binding, findings);
            }
        }
    }

    /** The loader's place in load order; -1 when nobody needs it. */
    private int selfAt(Scope process) {
        for (int i = 0; i < process.objects.size(); i++) {
            if (process.objects.get(i).known == self) {
                return i;
            }
        }
        return -1;
    }

    private void bind(Scope process, Loaded object, int selfAt, Binding binding, Findings findings) {
        Known known = object.known;
        boolean isLazy = !binding.isNow() && isAtLeast(1_001_017) && !known.content.loading.bindsNow();
        boolean isProgram = process.objects.get(0) == object;
        int[] unresolved = unresolved(process, known, selfAt, isProgram ? all(known) : hard(process, known));
        if (unresolved.length > 0) {
            tellUnresolved(process, object, unresolved, isLazy, findings);
        }
        Set<Long> understood = RELOCATIONS.get(self.content.header.machine());
        if (understood != null) {
            for (long type : known.content.relocationTypes) {
                if (!understood.contains(type)) {
                    findings.add(
                            Kind.RELOCATION_UNSUPPORTED,
                            object.name,
                            Long.toString(type),
                            null,
                            "Error relocating " + object.name + ": unsupported relocation type " + type);
                }
            }
        }
        if (known.content.loading.relr()) {
            if (version == null) {
                findings.unknown(object.name + " has relative relocations in the compact form, and whether this musl"
                        + " reads them (it does since 1.2.4) is not known");
            } else if (version < 1_002_004) {
                // No line: they are passed over, and the first pointer leads nowhere.
                findings.add(Kind.RELOCATION_UNSUPPORTED, object.name, "DT_RELR", null, "");
            }
        }
        if (binding.isOpened() && isAtLeast(1_001_020)) {
            bindThreadVariables(process, object, binding.atStart(), findings);
        }
    }

    private void bindThreadVariables(Scope process, Loaded object, int atStart, Findings findings) {
        Known known = object.known;
        Boolean own = known.content.fixesOwnTls();
        if (own == null) {
            findings.unknown(object.name + " has variables of the thread at a fixed distance, and whether these are its"
                    + " own is not known");
        } else if (own) {
            tellFixed(object, object.name, object.name, findings);
        }
        for (int i = 0; i < known.content.references.length; i++) {
            if (!known.content.asks(i, ElfSymbols.REF_TLS_FIXED)) {
                continue;
            }
            for (int j = 0; j < process.objects.size(); j++) {
                Loaded owner = process.objects.get(j);
                if (owner.known.content.exports.hasForMusl(known.content.references[i], false)) {
                    if (j >= atStart && owner.known.content.hasTls) {
                        tellFixed(object, name(known, i), owner.name, findings);
                    }
                    break;
                }
            }
        }
    }

    private static void tellFixed(Loaded object, String symbol, String owner, Findings findings) {
        findings.add(
                Kind.TLS,
                object.name,
                symbol,
                null,
                "Error relocating " + object.name + ": " + symbol
                        + ": initial-exec TLS resolves to dynamic definition in " + owner);
    }

    private static int[] all(Known known) {
        int[] all = new int[known.content.references.length];
        Arrays.setAll(all, i -> i);
        return all;
    }

    /** The references that the library's own needs do not answer, where all of these are in the process: what is seen there is seen in every larger one. */
    private int[] hard(Scope process, Known known) {
        Known.Alone alone = known.alone;
        if (process.objects.size() > MAX_COMPARED) {
            return all(known);
        }
        if (alone == null) {
            Scope by = alone(known, "/" + self.path());
            alone = new Known.Alone(by.numbers(), unresolved(by, known, selfAt(by), all(known)), List.of());
            if (library.effort.isExhausted()) {
                return all(known);
            }
            library.keep(known, alone);
        }
        return process.hasAll(alone.objects) ? alone.unresolved : all(known);
    }

    /** Those of the references that nothing answers, and must be answered. */
    private int[] unresolved(Scope process, Known known, int selfAt, int[] references) {
        int[] left = new int[references.length];
        int count = 0;
        for (int reference : references) {
            if (mustBeThere(known, reference) && !isAnswered(process, known, reference, selfAt)) {
                left[count++] = reference;
            }
        }
        return Arrays.copyOf(left, count);
    }

    private static boolean mustBeThere(Known known, int reference) {
        if (known.content.asks(reference, ElfSymbols.REF_OWN)) {
            // Not there at all: it is of no version, which hides it from others' eyes alone.
            return known.content.exports.has(known.content.references[reference]);
        }
        return !known.content.asks(reference, ElfSymbols.REF_WEAK)
                || known.content.asks(reference, ElfSymbols.REF_COPY);
    }

    private boolean isAnswered(Scope process, Known known, int reference, int selfAt) {
        long name = known.content.references[reference];
        boolean isCopy = known.content.asks(reference, ElfSymbols.REF_COPY);
        boolean isCalled = known.content.asks(reference, ElfSymbols.REF_PLT);
        if (selfAt >= 0 && self.content.exports.hasForMusl(name, isCalled)) {
            return true;
        }
        List<Loaded> objects = process.objects;
        for (int i = isCopy ? 1 : 0; i < objects.size(); i++) {
            // Nothing is told of what was not looked for to the end.
            if (objects.get(i).known.content.exports.hasForMusl(name, isCalled) || !library.effort.step()) {
                return true;
            }
        }
        return isLargeFile(process, name, selfAt);
    }

    private boolean isLargeFile(Scope process, long name, int selfAt) {
        Long meant = version != null && version < 1_002_004 ? null : LARGE_FILES.get(name);
        if (meant == null || (name == LONGEST_LARGE_FILE && version != null && version < 1_002_006)) {
            return false;
        }
        if (self.content.exports.hasForMusl(meant, true)) {
            return true;
        }
        return selfAt >= 0
                && process.objects.subList(selfAt + 1, process.objects.size()).stream()
                        .anyMatch(object -> object.known.content.exports.hasForMusl(meant, true));
    }

    private void tellUnresolved(Scope process, Loaded object, int[] unresolved, boolean isLazy, Findings findings) {
        String hidden = process.objects.stream()
                .filter(other -> other.known.content.mayOfferMore())
                .map(other -> other.name)
                .findFirst()
                .orElse(null);
        if (hidden == null && self.content.mayOfferMore()) {
            hidden = "/" + self.path();
        }
        List<SymbolTable.Symbol> symbols = symbols(object.known, unresolved);
        for (SymbolTable.Symbol symbol : symbols) {
            String line = "Error relocating " + object.name + ": " + symbol.name() + ": symbol not found";
            boolean isDeferred =
                    isLazy && (symbol.flags() & (ElfSymbols.REF_DATA | ElfSymbols.REF_COPY | ElfSymbols.REF_TLS)) == 0;
            if (hidden != null) {
                findings.unknown(object.name + " asks for " + symbol.name() + ", and not all symbols of " + hidden
                        + " are known");
            } else if (findings.isScopeOpen()) {
                findings.unknown(line + ", if nothing of what is not known offers it");
            } else if (isDeferred) {
                findings.addLate(Kind.SYMBOL_MISSING, object.name, symbol.name(), null, line);
            } else {
                findings.add(Kind.SYMBOL_MISSING, object.name, symbol.name(), null, line);
            }
        }
    }

    private String name(Known known, int reference) {
        return symbols(known, new int[] {reference}).stream()
                .map(SymbolTable.Symbol::name)
                .findFirst()
                .orElse("");
    }
}
