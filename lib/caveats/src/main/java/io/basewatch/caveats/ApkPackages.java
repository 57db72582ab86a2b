package io.basewatch.caveats;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What apk's database of an image lists: packages by their names, and who owns a file. */
final class ApkPackages {

    /** Of all of Alpine's root file systems since 3.0: no application. */
    private static final Pattern BASE =
            Pattern.compile("alpine-(?:baselayout|conf|keys|release|base).*|apk-tools.*|libapk.*"
                    + "|busybox|busybox-binsh|busybox-initscripts|ca-certificates-(?:bundle|cacert)|libc-utils|libcrypto.*|libssl.*|libressl.*|libtls.*"
                    + "|musl|musl-utils|scanelf|pax-utils|ssl_client|zlib|libz|openrc|libfetch|uclibc-utils");

    static final ApkPackages NONE = new ApkPackages();

    private final Map<String, String> versions = new HashMap<>();
    private final Set<String> files = new HashSet<>();
    private final Set<String> baseFiles = new HashSet<>();

    private ApkPackages() {}

    static ApkPackages of(JudgedImage image) {
        return Stream.of("lib/apk/db/installed", "usr/lib/apk/db/installed")
                .flatMap(path -> image.text(path).stream())
                .findFirst()
                .map(ApkPackages::parse)
                .orElse(NONE);
    }

    static ApkPackages parse(String database) {
        ApkPackages packages = new ApkPackages();
        String name = "";
        String directory = "";
        boolean isBase = false;
        int start = 0;
        while (start < database.length()) {
            int end = database.indexOf('\n', start);
            end = end < 0 ? database.length() : end;
            if (end - start > 1 && database.charAt(start + 1) == ':') {
                switch (database.charAt(start)) {
                    case 'P' -> {
                        name = database.substring(start + 2, end);
                        directory = "";
                        isBase = BASE.matcher(name).matches();
                    }
                    case 'V' -> packages.versions.put(name, database.substring(start + 2, end));
                    case 'F' -> directory = database.substring(start + 2, end);
                    case 'R' -> {
                        String file = database.substring(start + 2, end);
                        (isBase ? packages.baseFiles : packages.files)
                                .add(directory.isEmpty() ? file : directory + "/" + file);
                    }
                    default -> {}
                }
            }
            start = end + 1;
        }
        return packages;
    }

    boolean isEmpty() {
        return versions.isEmpty();
    }

    boolean has(String name) {
        return versions.containsKey(name);
    }

    /** Of a package by its name; null when it is not installed. */
    @Nullable
    String version(String name) {
        return versions.get(name);
    }

    /** The first whose name is such a one. */
    Optional<String> named(Pattern pattern) {
        return versions.keySet().stream()
                .filter(name -> pattern.matcher(name).matches())
                .sorted()
                .findFirst();
    }

    /** Whether a package owns the file, by the path at which it lies or the one before {@code lib} became {@code usr/lib}. */
    boolean own(String path) {
        return ownsAny(files, path) || ownBase(path);
    }

    boolean ownBase(String path) {
        return ownsAny(baseFiles, path);
    }

    private static boolean ownsAny(Set<String> owned, String path) {
        return owned.contains(path) || (path.startsWith("usr/") && owned.contains(path.substring("usr/".length())));
    }
}
