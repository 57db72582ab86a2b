package io.basewatch.fingerprint.settings;

import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.FileNames;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.Interest;
import io.basewatch.layerfacts.LinkStore;
import io.basewatch.layerfacts.Want;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files that tell how a loader, a C library or a runtime of the image behaves, and which native parts its packages brought. One row each; adding one raises the
 * version of {@link #KIND}.
 */
public final class Settings implements Interest {

    /** The probe's name under which {@link io.basewatch.layerfacts.ImageFile#facts} has such a text, masked. */
    public static final String TEXT = "masked-text/1";

    public static final FactsKind KIND = new FactsKind("settings", 1, 1, List.of(new Settings()));

    private static final int SMALL = 4 << 10;
    private static final int MEDIUM = 16 << 10;
    private static final int LARGE = 64 << 10;

    /** glibc's table of libraries; binary, and no text to be masked. */
    private static final String LOADER_CACHE = "etc/ld.so.cache";

    private static final int MAX_LOADER_CACHE = 1 << 20;

    private record Row(Predicate<String> path, Want want) {}

    /** Looked at from the first to the last; each asks first for what is cheap. */
    private static final List<Row> ROWS = rows();

    private static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        // The loaders' search paths and preloads: ld.so(8), musl's ldso/dynlink.c.
        text(rows, SMALL, in("etc/").and(name("ld-musl-[a-z0-9_-]+\\.path")));
        text(rows, SMALL, one("etc/ld.so.conf", "etc/ld.so.preload"));
        text(rows, SMALL, in("etc/ld.so.conf.d/"));
        rows.add(new Row(one(LOADER_CACHE), Want.content(MAX_LOADER_CACHE)));
        // How names are resolved: resolv.conf(5), nsswitch.conf(5), host.conf(5), gai.conf(5).
        text(rows, SMALL, one("etc/resolv.conf", "etc/nsswitch.conf", "etc/host.conf", "etc/gai.conf"));
        made(rows, LARGE, one("etc/shadow"), Settings::passwordMethods);
        text(rows, SMALL, one("etc/locale.conf", "etc/default/locale", "etc/locale.gen", "etc/timezone", "etc/TZ"));
        text(rows, SMALL, in("etc/pam.d/"));
        text(rows, SMALL, one("etc/apk/world", "etc/apk/arch"));
        // glibc's character sets.
        text(rows, LARGE, name("gconv-modules").or(in("gconv-modules.d/")));
        // PHP: php.ini and the folders it reads.
        text(rows, MEDIUM, name("php(-cli|-fpm)?\\.ini"));
        text(rows, SMALL, name(".+\\.ini").and(path -> path.contains("php") && path.contains("conf.d/")));
        made(rows, LARGE, name(".+\\.php"), Settings::globBrace);
        // Python: what wheels were built for, and which native libraries they brought. PyPA, binary distribution
        // format.
        text(rows, SMALL, name("WHEEL").and(path -> path.endsWith(".dist-info/WHEEL")));
        made(rows, 8 << 10, path -> path.endsWith(".dist-info/METADATA"), Settings::requirements);
        made(rows, 1 << 20, path -> path.endsWith(".dist-info/RECORD"), Settings::nativeFiles);
        text(
                rows,
                MEDIUM,
                name("requirements[^/]*\\.txt|pyproject\\.toml|constraints[^/]*\\.txt|pip\\.conf|pyvenv\\.cfg"));
        // .NET: for which runtime an application was built.
        text(rows, MEDIUM, name(".+\\.deps\\.json|.+\\.runtimeconfig\\.json"));
        // The JVM's own options, such as a thread's stack.
        text(rows, MEDIUM, name("jvm\\.(options|cfg|config)|.+\\.vmoptions|setenv\\.sh"));
        // What starts several programs.
        text(
                rows,
                MEDIUM,
                name("supervisord?\\.conf").or(in("supervisor/conf.d/")).or(in("supervisor.d/")));
        text(rows, MEDIUM, one("etc/inittab", "etc/security/limits.conf", "etc/sysctl.conf"));
        text(rows, MEDIUM, name("Procfile|vm\\.args|\\.npmrc|\\.node-version|\\.nvmrc"));
        return List.copyOf(rows);
    }

    private static void text(List<Row> rows, int maxBytes, Predicate<String> path) {
        rows.add(new Row(path, TextProbe.masked(maxBytes)));
    }

    private static void made(List<Row> rows, int maxBytes, Predicate<String> path, UnaryOperator<String> fit) {
        rows.add(new Row(path, TextProbe.of(maxBytes, fit)));
    }

    private static Predicate<String> one(String... paths) {
        Set<String> all = Set.of(paths);
        return all::contains;
    }

    /** Directly in a folder of that path, or of one that ends so. */
    private static Predicate<String> in(String folder) {
        return path -> {
            int name = path.lastIndexOf('/') + 1;
            return path.startsWith(folder, name - folder.length())
                    && (name == folder.length()
                            || (!folder.startsWith("etc/") && path.charAt(name - folder.length() - 1) == '/'));
        };
    }

    private static Predicate<String> name(String pattern) {
        Pattern compiled = Pattern.compile(pattern);
        return path -> {
            int name = path.lastIndexOf('/') + 1;
            return compiled.matcher(path).region(name, path.length()).matches();
        };
    }

    private static final Set<String> TELLING_ENDS = Set.of(
            "path",
            "conf",
            "preload",
            "cache",
            "shadow",
            "ini",
            "php",
            "txt",
            "toml",
            "json",
            "cfg",
            "options",
            "config",
            "vmoptions",
            "sh",
            "args",
            "d");

    @Override
    public Hints hints() {
        return Hints.NONE
                .named(NAMES)
                .in("ld.so.conf.d", "pam.d", "*gconv-modules.d", "conf.d", "*supervisor.d")
                .stored();
    }

    @Override
    public Want wants(FileEntry file, byte[] head) {
        String path = file.path();
        return mayBeOne(path) && isNamedLikeOne(path) ? asRowsSay(path) : Want.NOTHING;
    }

    static Want asRowsSay(String path) {
        for (Row row : ROWS) {
            if (row.path.test(path)) {
                return row.want;
            }
        }
        return Want.NOTHING;
    }

    /** Of every path that a row is about; asked first, as rows have patterns. */
    private static final FileNames NAMES = FileNames.of(
            "ld-musl-*",
            "ld.so.conf",
            "ld.so.preload",
            "ld.so.cache",
            "resolv.conf",
            "nsswitch.conf",
            "host.conf",
            "gai.conf",
            "shadow",
            "locale*",
            "timezone",
            "TZ",
            "world",
            "arch",
            "gconv-modules",
            "*.ini",
            "*.php",
            "WHEEL",
            "METADATA",
            "RECORD",
            "requirements*",
            "constraints*",
            "pyproject.toml",
            "pip.conf",
            "pyvenv.cfg",
            "*.deps.json",
            "*.runtimeconfig.json",
            "jvm.*",
            "*.vmoptions",
            "setenv.sh",
            "supervisor*",
            "inittab",
            "limits.conf",
            "sysctl.conf",
            "Procfile",
            "vm.args",
            ".npmrc",
            ".node-version",
            ".nvmrc");

    /** Folders of which a row takes every file, by their own names. */
    private static final List<String> FOLDERS =
            List.of("etc/ld.so.conf.d/", "etc/pam.d/", "gconv-modules.d/", "supervisor/conf.d/", "supervisor.d/");

    static boolean isNamedLikeOne(String path) {
        int name = path.lastIndexOf('/') + 1;
        if (NAMES.hold(path.substring(name))) {
            return true;
        }
        for (String folder : FOLDERS) {
            if (path.startsWith(folder, name - folder.length())) {
                return true;
            }
        }
        return false;
    }

    /** In a store of hard links, where nothing but the text itself tells what it is. */
    @Override
    public Want wantsAsTarget(FileEntry file, byte[] head) {
        if (!LinkStore.holds(file.path()) || head.length == 0 || file.size() > LARGE) {
            return Want.NOTHING;
        }
        String start = new String(head, StandardCharsets.ISO_8859_1);
        if (start.startsWith("Metadata-Version:")) {
            return TextProbe.of(8 << 10, Settings::requirements);
        }
        if (start.startsWith("<?php")) {
            return TextProbe.of(LARGE, Settings::globBrace);
        }
        if (RECORD_LINE.matcher(start).lookingAt()) {
            return TextProbe.of(LARGE, Settings::nativeFiles);
        }
        if (SHADOW_LINE.matcher(start).lookingAt()) {
            return TextProbe.of(LARGE, Settings::passwordMethods);
        }
        boolean isSmallText = file.size() <= SMALL
                && !start.startsWith("#!")
                && TEXT_ONLY.matcher(start).matches();
        return isSmallText ? TextProbe.masked(SMALL) : Want.NOTHING;
    }

    private static final Pattern RECORD_LINE = Pattern.compile("[^,\\n]{1,300},sha256=[^,\\n]{1,100},\\d*\\r?\\n");
    private static final Pattern SHADOW_LINE = Pattern.compile("[a-z_][a-z0-9_-]{0,40}:[!*$][^:\\n]*:\\d*:");
    private static final Pattern TEXT_ONLY = Pattern.compile("[\\t\\n\\r\\x20-\\x7e\\x80-\\xff]*");

    /** Nearly all files of an image are none of these, which their end tells sooner than all rows. */
    private static boolean mayBeOne(String path) {
        int name = path.lastIndexOf('/') + 1;
        int dot = path.lastIndexOf('.');
        return dot < name
                || path.startsWith("etc/")
                || TELLING_ENDS.contains(path.substring(dot + 1))
                || path.charAt(name) == '.';
    }

    /** Only by which methods passwords are hashed: {@code $y$} becomes a line {@code y}. crypt(5). */
    static String passwordMethods(String shadow) {
        Set<String> methods = new TreeSet<>();
        Matcher hash =
                Pattern.compile("(?m)^[^:\\n]*:[!*]?\\$([a-z0-9]{1,10})\\$").matcher(shadow);
        while (hash.find()) {
            methods.add(hash.group(1));
        }
        return String.join("\n", methods);
    }

    /** {@code GLOB_BRACE} where a program uses it without asking first whether it is there. */
    static String globBrace(String php) {
        return php.contains("GLOB_BRACE")
                        && !php.contains("defined('GLOB_BRACE")
                        && !php.contains("defined(\"GLOB_BRACE")
                ? "GLOB_BRACE"
                : "";
    }

    /** The header's lines that name the package and what it requires. */
    static String requirements(String metadata) {
        return lines(
                metadata,
                line -> line.startsWith("Name:")
                        || line.startsWith("Version:")
                        || line.startsWith("Requires-Dist:")
                        || line.startsWith("Requires-Python:"));
    }

    private static final Pattern NATIVE = Pattern.compile("[^,]*\\.(?:so(?:\\.[0-9.]+)?|dylib|pyd),.*");

    /** The lines that name native libraries. */
    static String nativeFiles(String listed) {
        return lines(listed, line -> NATIVE.matcher(line).matches());
    }

    private static String lines(String text, Predicate<String> wanted) {
        StringBuilder kept = new StringBuilder();
        text.lines().filter(wanted).forEach(line -> kept.append(line).append('\n'));
        return kept.toString();
    }
}
