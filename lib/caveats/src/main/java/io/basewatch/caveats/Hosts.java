package io.basewatch.caveats;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.SymbolTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which of an image's libraries are plugins of which program, by where runtimes look for them. */
final class Hosts {

    /**
     * The way in which a runtime opens its plugins.
     *
     * @param marks one of which is part of each such place: most libraries are told apart by them alone
     * @param program names its executables
     * @param lazily whether with RTLD_LAZY
     * @param areShared whether each plugin sees those that were opened before it (RTLD_GLOBAL)
     */
    private record Way(
            String kind, List<String> marks, Pattern place, Pattern program, boolean lazily, boolean areShared) {

        boolean isPlace(String path) {
            for (String mark : marks) {
                if (path.contains(mark)) {
                    return place.matcher(path).matches();
                }
            }
            return false;
        }
    }

    /** In order: the first whose place a library lies in is asked. */
    private static final List<Way> WAYS = List.of(
            way(
                    "python",
                    List.of("lib-dynload/", "-packages/"),
                    "(?:.*/)?(?:lib(?:32|64)?/(?<version>python3?(?:\\.\\d+)?|pypy3[^/]*)/(?:.*/)?(?:lib-dynload|site-packages|dist-packages))/.*\\.so",
                    "python3?(?:\\.\\d+)?[tm]?",
                    false,
                    false),
            way("node", List.of(".node"), ".*\\.node", "node|nodejs|electron", true, false),
            way(
                    "php",
                    List.of("/php", "php/"),
                    "(?:.*/)?lib(?:64)?/php[^/]*/(?:extensions/[^/]+|modules|\\d{8}[^/]*)/[^/]+\\.so",
                    "php(?:-?fpm|-?cgi)?-?\\d{0,2}(?:\\.\\d+)?|php-fpm\\d*(?:\\.\\d+)?",
                    true,
                    true),
            way(
                    "ruby",
                    List.of("ruby/", "gems/", "extensions/"),
                    "(?:.*/)?(?:lib/ruby|gems|extensions)/.*\\.so",
                    "ruby(?:\\d\\.\\d)?",
                    true,
                    false),
            way(
                    "jvm",
                    List.of("lib/"),
                    "(?<home>.*/)lib/(?:[a-z0-9_]+/)?(?:(?:server|client|jli)/)?lib[a-z0-9_]+\\.so",
                    "java",
                    true,
                    true),
            way(
                    "perl",
                    List.of("perl"),
                    "(?:.*/)?perl(?:5|-base)?/(?:.*/)?auto/.*\\.so",
                    "perl(?:5[0-9.]*)?",
                    true,
                    false),
            way(
                    "erlang",
                    List.of("priv/"),
                    "(?:.*/)?(?:erlang|otp)/(?:.*/)?priv/(?:.*/)?[^/]+\\.so",
                    "beam\\.smp|beam",
                    false,
                    false),
            way(
                    "nginx",
                    List.of("nginx/modules/"),
                    "(?:.*/)?nginx/modules/[^/]+\\.so",
                    "nginx(?:-debug)?",
                    false,
                    true),
            way(
                    "httpd",
                    List.of("/modules/"),
                    "(?:.*/)?(?:apache2?|httpd)/modules/[^/]+\\.so",
                    "httpd|apache2",
                    false,
                    true),
            way("pam", List.of("security/pam_"), "(?:.*/)?security/pam_[^/]+\\.so", "", false, false),
            way(
                    "nss",
                    List.of("libnss_"),
                    "(?:usr/)?lib(?:64)?/(?:[^/]+-linux-[^/]+/)?libnss_[^/]+\\.so\\.2",
                    "",
                    false,
                    false));

    private static Way way(
            String kind, List<String> marks, String place, String program, boolean lazily, boolean areShared) {
        return new Way(kind, marks, Pattern.compile(place), Pattern.compile(program), lazily, areShared);
    }

    /** Of a JDK: what draws, prints and plays, for which servers' images leave the libraries out. */
    private static final Set<String> DESKTOP = Set.of(
            "libawt_xawt.so",
            "libawt.so",
            "libawt_headless.so",
            "libjawt.so",
            "libjsound.so",
            "libsplashscreen.so",
            "libfontmanager.so",
            "libfreetype.so",
            "libjavajpeg.so",
            "liblcms.so",
            "libmlib_image.so");

    private static final Pattern PYTHON_TAG = Pattern.compile("\\.(?:cpython|pypy)-?3(?<minor>\\d+)[^.]*\\.so$");
    private static final Pattern PYTHON_VERSION = Pattern.compile("python3\\.(?<minor>\\d+)");
    private static final Pattern FOR_GLIBC = Pattern.compile("(?:^|[-._/])(?:gnu|glibc)(?:eabihf)?(?=[-._/])");
    private static final Pattern FOR_MUSL = Pattern.compile("(?:^|[-._/])musl(?:eabihf)?(?=[-._/])");

    private static final int MAX_COMPANIONS = 200;

    /**
     * Who opens a library.
     *
     * @param program null where none is in the image
     * @param companions that it opens as well, for all to see
     * @param isLikely whether the runtime would look at that file at all
     */
    record Host(String kind, @Nullable ElfFile program, List<ElfFile> companions, boolean lazily, boolean isLikely) {}

    private final JudgedImage image;
    private final Startable startable;
    private final List<ElfFile> programs;
    private final Predicate<ElfFile> loadsPam;
    private final Set<String> addonsForGlibc = new HashSet<>();
    private final Set<String> addonsForMusl = new HashSet<>();
    private final Map<String, List<ElfFile>> plugins = new TreeMap<>();
    private final Map<String, List<ElfFile>> candidates = new HashMap<>();

    /**
     * @param programs dynamic executables
     * @param libraries all others
     * @param loadsPam whether a program has PAM's library
     */
    Hosts(
            JudgedImage image,
            Startable startable,
            List<ElfFile> programs,
            List<ElfFile> libraries,
            Predicate<ElfFile> loadsPam) {
        this.image = image;
        this.startable = startable;
        this.programs = programs;
        this.loadsPam = loadsPam;
        for (ElfFile library : libraries) {
            Boolean forMusl = library.name().endsWith(".node") ? forMusl(library) : null;
            if (forMusl != null) {
                (forMusl ? addonsForMusl : addonsForGlibc).add(withoutLibc(library));
            }
            Way way = wayOf(library);
            if (way != null && way.areShared()) {
                List<ElfFile> all = plugins.computeIfAbsent(folder(way, library), key -> new ArrayList<>());
                if (all.size() < MAX_COMPANIONS) {
                    all.add(library);
                }
            }
        }
    }

    private static @Nullable Way wayOf(ElfFile library) {
        String path = library.path();
        // All others have their version behind it.
        if (!path.endsWith(".so") && !path.endsWith(".node") && !path.endsWith(".so.2")) {
            return null;
        }
        for (Way way : WAYS) {
            if (way.isPlace(path)) {
                return way;
            }
        }
        return null;
    }

    /** A JDK's libraries lie in several folders, and its virtual machine in one of its own. */
    private static String folder(Way way, ElfFile library) {
        return way.kind().equals("jvm") ? "jvm " + home(library) : library.directory();
    }

    private static String home(ElfFile library) {
        Matcher place = WAYS.get(4).place().matcher(library.path());
        return place.matches() ? place.group("home") : "";
    }

    /** Null for what is no plugin by its place. */
    @Nullable
    Host of(ElfFile library) {
        Way way = wayOf(library);
        if (way == null) {
            return null;
        }
        return switch (way.kind()) {
            case "python" -> python(way, library);
            case "jvm" -> jvm(way, library);
            case "node" -> host(way, byName(way, name -> true), List.of(), isForThis(library));
            case "pam" -> host(way, reachableFirst(loadsPam), List.of(), true);
            case "nss" -> host(way, usesNames(library), List.of(), true);
            default ->
                host(way, byName(way, name -> true), plugins.getOrDefault(folder(way, library), List.of()), true);
        };
    }

    private static Host host(Way way, @Nullable ElfFile program, List<ElfFile> companions, boolean isLikely) {
        return new Host(way.kind(), program, companions, way.lazily(), isLikely);
    }

    private @Nullable Host python(Way way, ElfFile library) {
        Matcher place = way.place().matcher(library.path());
        String folder = place.matches() ? String.valueOf(place.group("version")) : "";
        Matcher tag = PYTHON_TAG.matcher(library.name());
        boolean isTagged = tag.find();
        if (!isTagged && !library.name().endsWith(".abi3.so") && !isPythonModule(library)) {
            return null;
        }
        Matcher version = PYTHON_VERSION.matcher(folder);
        String minor = version.matches() ? version.group("minor") : isTagged ? tag.group("minor") : null;
        ElfFile program = byName(way, name -> {
            Matcher named = PYTHON_VERSION.matcher(name);
            return minor == null || !named.lookingAt() || named.group("minor").equals(minor);
        });
        // Another release's modules are passed over by their names.
        boolean isLikely = !isTagged || minor == null || tag.group("minor").equals(minor);
        return host(way, program, List.of(), isLikely);
    }

    private boolean isPythonModule(ElfFile library) {
        for (SymbolTable.Symbol export : image.elfFiles()
                .facts(library)
                .map(ElfFacts::symbols)
                .map(symbols -> symbols.exports())
                .orElse(SymbolTable.NONE)) {
            if (export.name().startsWith("PyInit_")) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Host jvm(Way way, ElfFile library) {
        String home = home(library);
        ElfFile java = image.elfFiles().find(home + "bin/java").orElse(null);
        if (java == null) {
            java = image.elfFiles().find(home + "../bin/java").orElse(null);
        }
        if (java == null) {
            return null;
        }
        List<ElfFile> machine = plugins.getOrDefault(folder(way, library), List.of()).stream()
                .filter(other ->
                        other.name().equals("libjvm.so") || other.name().equals("libjava.so"))
                .sorted(Comparator.comparing((ElfFile other) -> !other.name().equals("libjvm.so")))
                .toList();
        return host(way, java, machine, !DESKTOP.contains(library.name()));
    }

    /** Packages with ready-made addons bring one for each C library, and choose by the running one where they have it. */
    private boolean isForThis(ElfFile addon) {
        ElfFile node = byName(WAYS.get(1), name -> true);
        String interpreter = node == null ? null : node.outline().interpreter();
        Boolean forMusl = forMusl(addon);
        if (forMusl == null || interpreter == null) {
            return true;
        }
        boolean isRight = interpreter.contains("ld-musl-") == forMusl;
        return isRight || !(forMusl ? addonsForGlibc : addonsForMusl).contains(withoutLibc(addon));
    }

    /** Null where its path does not say. */
    private static @Nullable Boolean forMusl(ElfFile addon) {
        boolean forGlibc = FOR_GLIBC.matcher(addon.path()).find();
        boolean forMusl = FOR_MUSL.matcher(addon.path()).find();
        return forGlibc == forMusl ? null : (Boolean) forMusl;
    }

    private static String withoutLibc(ElfFile addon) {
        return FOR_MUSL.matcher(FOR_GLIBC.matcher(addon.path()).replaceAll("")).replaceAll("");
    }

    private @Nullable ElfFile usesNames(ElfFile library) {
        int machine = library.outline().header().machine();
        return reachableFirst(program -> {
            String interpreter = program.outline().interpreter();
            return program.outline().header().machine() == machine
                    && interpreter != null
                    && interpreter.contains("ld-linux");
        });
    }

    private @Nullable ElfFile byName(Way way, Predicate<String> suits) {
        List<ElfFile> named = candidates.computeIfAbsent(
                way.kind(),
                kind -> programs.stream()
                        .filter(program -> way.program().matcher(program.name()).matches())
                        .toList());
        return first(named, program -> suits.test(program.name()));
    }

    private @Nullable ElfFile reachableFirst(Predicate<ElfFile> suits) {
        return first(programs, suits);
    }

    private @Nullable ElfFile first(List<ElfFile> programs, Predicate<ElfFile> suits) {
        ElfFile found = null;
        for (ElfFile program : programs) {
            if (found != null && (startable.isFirst(found) || !startable.isReachable(program))) {
                continue;
            }
            if (suits.test(program) && (found == null || rank(program) < rank(found))) {
                found = program;
            }
        }
        return found;
    }

    private int rank(ElfFile program) {
        return startable.isFirst(program) ? 0 : startable.isReachable(program) ? 1 : 2;
    }
}
