package io.basewatch.caveats;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.ElfSymbols;
import io.basewatch.elf.SymbolTable;
import io.basewatch.fingerprint.libc.Architecture;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What of an image decides whether a trap bites: releases, environment, runtimes, and what its programs use of libc. Each is found out once, when the first asks:
 * the image's texts and its ELF files are gone through once for all rules.
 */
final class Traits {

    /** Stands for a path where an image's config is the evidence. */
    static final String CONFIG = "image config";

    /** Functions of libc that say who is exposed. */
    private static final Set<String> TELLING = Set.of(
            "getaddrinfo",
            "gethostbyname",
            "gethostbyname2",
            "gethostbyname_r",
            "gethostbyname2_r",
            "getnameinfo",
            "res_query",
            "res_search",
            "res_send",
            "pthread_create",
            "thrd_create",
            "pthread_attr_setstacksize",
            "pthread_attr_setstack",
            "malloc",
            "_Znwm",
            "iconv_open",
            "libiconv_open",
            "strptime",
            "tzset",
            "localtime",
            "localtime_r",
            "mktime",
            "getopt",
            "glob",
            "fnmatch",
            "regcomp",
            "strftime",
            "tzname",
            "dlclose",
            "getutxent",
            "pututxline",
            "getutent_r",
            "fork");

    private static final String[] RESOLVING = {
        "getaddrinfo",
        "gethostbyname",
        "gethostbyname2",
        "gethostbyname_r",
        "gethostbyname2_r",
        "getnameinfo",
        "res_query",
        "res_search",
        "res_send"
    };

    /** Of old 32-bit objects: names that musl 1.2's headers no longer lead to. */
    static final Set<String> TIME32 =
            Set.of("clock_gettime", "gettimeofday", "time", "stat", "fstat", "select", "nanosleep", "localtime");

    /** Where Alpine's base has its own programs, for images whose package database is gone. */
    private static final Pattern BASE =
            Pattern.compile("(?:usr/)?(?:bin/(?:busybox|bbsuid|getconf|getent|iconv|scanelf|ssl_client|ldd|rc-.*)"
                    + "|sbin/(?:apk|ldconfig|mkmntdirs|rc-?.*|openrc.*)|lib/(?:ld-musl-.*|libc\\.musl-.*|libapk\\.so.*|libcrypto\\.so.*|libssl\\.so.*|libtls.*\\.so.*"
                    + "|libz\\.so.*|libfetch\\.so.*|engines.*|ossl-modules/.*|lib(?:rc|einfo)\\.so.*))");

    /** Parts of runtimes that have rules of their own. */
    private static final Pattern RUNTIME = Pattern.compile(
            "(?:usr/)?(?:local/)?(?:bin/(?:python[0-9.]*t?|node|nodejs|ruby|php[0-9]*|php-cgi|php-fpm[0-9]*|phpdbg|perl[0-9.]*)"
                    + "|sbin/php-fpm[0-9]*|lib/libpython.*|lib/python[0-9.]+t?/.*|lib/libruby.*|lib/ruby/.*|lib/php/.*|lib/perl5?/.*)"
                    + "|(?:.*/)?(?:lib/(?:[a-z0-9_]+/)?(?:server|client|jli)/lib\\w+\\.so|site-packages/.*|dist-packages/.*|node_modules/.*|lib/erlang/.*|shared/Microsoft\\.[^/]+/.*|host/fxr/.*|(?:usr/)?(?:share|lib)/dotnet/.*|usr/local/(?:go|cargo|rustup)/.*)");

    /** What a program of the image uses of libc. */
    record Use(ElfFile file, Set<String> symbols, Set<String> lfs64, List<String> needed, long stackBytes) {
        boolean of(String... anyOf) {
            return Stream.of(anyOf).anyMatch(symbols::contains);
        }
    }

    private final JudgedImage image;
    private final Supplier<Startable> startable;
    private final Map<String, String> env = new HashMap<>();
    private @Nullable ApkPackages apk;
    private @Nullable List<JudgedImage.KeptText> texts;
    private @Nullable List<JudgedImage.NativeArchive> archives;
    private @Nullable List<Use> uses;
    private @Nullable Set<String> started;
    private @Nullable Set<String> javaHomes;
    private @Nullable String machine;

    /**
     * @param startable asked when a rule does
     */
    Traits(JudgedImage image, Supplier<Startable> startable) {
        this.image = image;
        this.startable = startable;
        for (String variable : image.inputs().env()) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                env.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
    }

    JudgedImage image() {
        return image;
    }

    Startable startable() {
        return startable.get();
    }

    boolean isMusl() {
        return image.fingerprint().systemLibc().family() == Libc.Family.MUSL;
    }

    @Nullable
    String musl() {
        return isMusl() ? image.fingerprint().systemLibc().version() : null;
    }

    /** The release of Alpine; null for every other distribution. */
    @Nullable
    String alpine() {
        Distro distro = image.fingerprint().distro();
        return distro != null && distro.id().equals("alpine") ? distro.version() : null;
    }

    boolean isEdge() {
        Distro distro = image.fingerprint().distro();
        return distro != null && "edge".equals(distro.variant());
    }

    /** Empty where it is not set, or not to be known. */
    Optional<String> env(String name) {
        return Optional.ofNullable(env.get(name)).filter(value -> !value.isBlank());
    }

    Evidence ofEnv(String name, String detector) {
        return new Evidence(CONFIG, null, name + "=" + env.getOrDefault(name, ""), detector);
    }

    List<LanguageRuntime> runtimes(String name) {
        return image.fingerprint().runtimes().stream()
                .filter(runtime -> runtime.name().equals(name))
                // What is installed for a runtime that is not there is none.
                .filter(runtime -> !"none".equals(runtime.details().get("interpreter")))
                .toList();
    }

    boolean has(String runtime) {
        return !runtimes(runtime).isEmpty();
    }

    ApkPackages apk() {
        ApkPackages known = apk;
        if (known == null) {
            known = ApkPackages.of(image);
            apk = known;
        }
        return known;
    }

    /** Of settings and scripts, in order of their paths. */
    List<JudgedImage.KeptText> texts() {
        List<JudgedImage.KeptText> known = texts;
        if (known == null) {
            known = image.texts().toList();
            texts = known;
        }
        return known;
    }

    List<JudgedImage.NativeArchive> archives() {
        List<JudgedImage.NativeArchive> known = archives;
        if (known == null) {
            known = image.archives().toList();
            archives = known;
        }
        return known;
    }

    /** Whether this image's machine starts or loads such a file. */
    boolean isForThisMachine(ElfFile file) {
        Platform platform = image.inputs().platform();
        return platform == null
                || Architecture.mayStart(platform, file.outline().header());
    }

    /** Whether this system's own processes can load a library of such a header; of an unknown libc all that the machine starts. */
    boolean isLoadable(ElfHeader header) {
        String known = machine;
        if (known == null) {
            known = image.elfFiles().all().stream()
                    .filter(file -> file.outline().origin().libc() != null
                            && file.name().startsWith("ld-musl-"))
                    .map(file -> file.outline().header().architecture())
                    .findFirst()
                    .orElse("");
            machine = known;
        }
        Platform platform = image.inputs().platform();
        return known.isEmpty()
                ? platform == null || Architecture.mayStart(platform, header)
                : known.equals(header.architecture());
    }

    boolean isBase(String path) {
        return apk().ownBase(path) || BASE.matcher(path).matches();
    }

    /** Whether the distribution brought it. */
    boolean isPackaged(String path) {
        return isBase(path) || apk().own(path);
    }

    /** With a slash behind each. */
    Set<String> javaHomes() {
        Set<String> known = javaHomes;
        if (known == null) {
            known = runtimes("java").stream()
                    .map(java -> java.details().getOrDefault("home", ""))
                    .filter(home -> !home.isEmpty())
                    .map(home -> home + "/")
                    .collect(Collectors.toUnmodifiableSet());
            javaHomes = known;
        }
        return known;
    }

    /** What of the image is its owner's: no package's and no runtime's. */
    boolean isOwn(String path) {
        return !isPackaged(path)
                && !RUNTIME.matcher(path).matches()
                && javaHomes().stream().noneMatch(path::startsWith);
    }

    /** Whether there is more than Alpine's base. */
    boolean hasApplication() {
        return image.elfFiles().all().stream().anyMatch(file -> !isBase(file.path()))
                || image.fingerprint().runtimes().stream()
                        .anyMatch(runtime -> !Set.of("busybox", "upx").contains(runtime.name()));
    }

    /** Of all dynamically linked objects but those of the base. */
    List<Use> uses() {
        List<Use> known = uses;
        if (known == null) {
            known = find();
            uses = known;
        }
        return known;
    }

    private List<Use> find() {
        Set<String> lfs64 = Set.copyOf(Catalogue.lfs64());
        List<Use> found = new ArrayList<>();
        for (ElfFile file : image.elfFiles().all()) {
            ElfFacts.Kind kind = file.outline().kind();
            boolean isDynamic = kind == ElfFacts.Kind.DYNAMIC_EXECUTABLE || kind == ElfFacts.Kind.SHARED_LIBRARY;
            if (!isDynamic
                    || file.outline().builtFor() == Libc.Family.GLIBC
                    || file.outline().origin().libc() != null
                    || isBase(file.path())
                    || !isForThisMachine(file)) {
                continue;
            }
            image.elfFiles().facts(file).ifPresent(facts -> found.add(use(file, facts, lfs64)));
        }
        return List.copyOf(found);
    }

    private static Use use(ElfFile file, ElfFacts facts, Set<String> lfs64) {
        Set<String> symbols = new HashSet<>();
        Set<String> old = new HashSet<>();
        for (SymbolTable.Symbol symbol : facts.symbols().references()) {
            String name = symbol.name();
            if (TELLING.contains(name) || TIME32.contains(name)) {
                symbols.add(name);
            }
            if (name.contains("64") && lfs64.contains(name) && !symbol.has(ElfSymbols.REF_WEAK)) {
                old.add(name);
            }
        }
        return new Use(
                file, symbols, old, facts.loading().needed(), facts.layout().stackBytes());
    }

    /** Objects that ask libc for names. Go resolves by itself, also where cgo offers it another way. */
    List<ElfFile> resolving() {
        return uses().stream()
                .filter(use ->
                        use.of(RESOLVING) && use.file().outline().origin().go() == null)
                .map(Use::file)
                .toList();
    }

    List<ElfFile> own(String... anyOf) {
        return uses().stream()
                .filter(use -> use.of(anyOf) && isOwn(use.file().path()))
                .map(Use::file)
                .toList();
    }

    /** What the image starts: its command's first word, by where it really lies; and that word of the command that follows an entrypoint. */
    Set<String> started() {
        Set<String> known = started;
        if (known == null) {
            Set<String> found = new HashSet<>();
            first(image.inputs().entrypoint()).ifPresent(found::add);
            first(image.inputs().cmd()).ifPresent(found::add);
            Set<String> real = new HashSet<>();
            found.forEach(word -> startable().where(word).ifPresent(real::add));
            known = Set.copyOf(real);
            started = known;
        }
        return known;
    }

    private static Optional<String> first(List<String> command) {
        return command.stream().findFirst();
    }

    Evidence evidence(ElfFile file, @Nullable String excerpt, String detector) {
        return new Evidence(file.path(), file.layer(), excerpt, detector);
    }

    Evidence evidence(String path, @Nullable String excerpt, String detector) {
        String relative = path.startsWith("/") ? path.substring(1) : path;
        return new Evidence(relative, image.layerOf(relative), excerpt, detector);
    }

    /** Lower case, for looking for a word in names. */
    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
