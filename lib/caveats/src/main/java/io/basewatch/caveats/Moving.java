package io.basewatch.caveats;

import io.basewatch.elf.ElfFile;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.MoveFacts;
import io.basewatch.layerfacts.FileEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tells of an image what moving it to another base would take. */
final class Moving {

    /** The distribution's own, which nobody asked for: what Alpine's root file systems list. */
    private static final Set<String> OF_THE_BASE = Set.of(
            "alpine-base",
            "alpine-baselayout",
            "alpine-baselayout-data",
            "alpine-keys",
            "alpine-release",
            "apk-tools",
            "busybox",
            "busybox-binsh",
            "ca-certificates-bundle",
            "libc-utils",
            "libc6-compat",
            "musl",
            "musl-utils",
            "ssl_client",
            "zlib");

    /** Databases of packages, by where they lie; those that end with a slash are folders of several files. */
    private static final List<String> DATABASES = List.of(
            "lib/apk/db/installed",
            "usr/lib/apk/db/installed",
            "etc/apk/world",
            "var/lib/dpkg/status",
            "var/lib/dpkg/status.d/",
            "var/lib/rpm/",
            "usr/lib/sysimage/rpm/",
            "usr/lib/opkg/status",
            "var/lib/opkg/status",
            "var/lib/pacman/local/",
            "var/db/xbps/");

    private static final int MAX_ENTRIES = 10_000;

    /** What BusyBox's shell takes and dash does not. */
    private enum Shellism {
        TEST("[[", "(?m)(?:^|[;&|]|\\b(?:if|while|until|elif|then|do|else|!)\\s)\\s*\\[\\[\\s"),
        SOURCE("source", "(?m)(?:^|[;&|]\\s*|\\b(?:then|do|else)\\s+)\\s*source\\s+[\\w./$\"'{]"),
        PIPEFAIL("set -o pipefail", "(?m)^\\s*set\\s+[^\\n#]*\\bpipefail\\b"),
        ECHO("echo -e", "(?m)(?:^|[;&|]\\s*|\\b(?:then|do|else)\\s+)\\s*echo\\s+-[ne]*e"),
        SUBSTITUTION("<(…)", "[\\s]<\\([a-z]"),
        SU_EXEC("su-exec", "\\bsu-exec\\b"),
        TINI("/sbin/tini", "(?:^|\\s)/sbin/tini\\b");

        private final String shown;
        private final Pattern pattern;

        Shellism(String shown, String pattern) {
            this.shown = shown;
            this.pattern = Pattern.compile(pattern);
        }
    }

    private static final Pattern FOR_SH = Pattern.compile("#!\\s*(?:\\S*/)?(?:env\\s+)?(?:a?sh|busybox\\s+sh)\\b");

    private static final Pattern GLIBC = Pattern.compile("GLIBC_(\\d{1,3})\\.(\\d{1,3})(?:\\.\\d{1,3})?");

    private static final int MAX_TEXT = 64;

    private final Traits traits;

    private Moving(Traits traits) {
        this.traits = traits;
    }

    static MoveFacts of(Case seen) {
        return new Moving(seen.traits()).facts();
    }

    private MoveFacts facts() {
        List<String> packages = new ArrayList<>();
        List<String> pinned = new ArrayList<>();
        world(packages, pinned);
        Set<String> musl = new TreeSet<>();
        Set<String> glibc = new TreeSet<>();
        Set<String> needed = new TreeSet<>();
        for (ElfFile file : traits.image().elfFiles().all()) {
            Libc.Family libc = file.outline().builtFor();
            boolean isMusl = libc == Libc.Family.MUSL;
            if ((isMusl || libc == Libc.Family.GLIBC)
                    && file.outline().origin().libc() == null
                    && isOwn(file.path())
                    && traits.isForThisMachine(file)) {
                (isMusl ? musl : glibc).add(file.directory());
                if (!isMusl) {
                    traits.image()
                            .elfFiles()
                            .versions(file)
                            .ifPresent(versions -> needed.addAll(versions.needed("GLIBC_")));
                }
            }
        }
        return new MoveFacts(
                packages,
                pinned,
                List.copyOf(musl),
                List.copyOf(glibc),
                newest(needed),
                traits.image().fingerprint().runtimes().stream()
                        .map(Moving::named)
                        .toList(),
                packagesLayers(),
                shellisms(),
                startsByScript(),
                Stream.of("postgresql").filter(traits::has).toList());
    }

    private static String named(LanguageRuntime runtime) {
        String version = runtime.version();
        return version == null || version.length() > MAX_TEXT ? runtime.name() : runtime.name() + " " + version;
    }

    private boolean isOwn(String path) {
        return traits.isOwn(path) && (traits.alpine() != null || OwnObjects.liesApart(path));
    }

    private void world(List<String> packages, List<String> pinned) {
        String world = traits.image().text("etc/apk/world").orElse("");
        for (String word : world.split("\\s+")) {
            String name = word.split("[=<>~@]", 2)[0];
            if (name.isEmpty() || name.startsWith("!") || name.startsWith(".") || name.length() > MAX_TEXT) {
                // Of a conflict, and of a virtual package that holds what another build step wanted.
                continue;
            }
            if (!OF_THE_BASE.contains(name)) {
                packages.add(name);
                if (!name.equals(word)) {
                    pinned.add(word.length() > MAX_TEXT ? name : word);
                }
            }
        }
    }

    private static @Nullable String newest(Set<String> versions) {
        return versions.stream()
                .filter(version -> GLIBC.matcher(version).matches())
                .map(version -> version.substring("GLIBC_".length()))
                .max(Moving::compare)
                .orElse(null);
    }

    /** Two versions of glibc. */
    private static int compare(String left, String right) {
        return Comparator.<String>comparingInt(version -> part(version, 0))
                .thenComparingInt(version -> part(version, 1))
                .thenComparingInt(version -> part(version, 2))
                .compare(left, right);
    }

    private static int part(String version, int n) {
        String[] parts = version.split("\\.", -1);
        return n < parts.length ? Integer.parseInt(parts[n]) : 0;
    }

    private List<Digest> packagesLayers() {
        return DATABASES.stream()
                .flatMap(this::files)
                .limit(MAX_ENTRIES)
                .map(traits.image()::layerOf)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    private Stream<String> files(String database) {
        return database.endsWith("/")
                ? traits.image().list(database).map(FileEntry::path)
                : traits.image().find(database).map(FileEntry::path).stream();
    }

    private List<String> shellisms() {
        List<String> found = new ArrayList<>();
        for (JudgedImage.KeptText text : traits.texts()) {
            boolean isStart = traits.started().contains(text.entry().path())
                    || text.entry().name().contains("entrypoint");
            if (isStart && FOR_SH.matcher(text.text()).lookingAt()) {
                for (Shellism shellism : Shellism.values()) {
                    if (shellism.pattern.matcher(text.text()).find()) {
                        found.add(text.entry().path() + ": " + shellism.shown);
                    }
                }
            }
        }
        return found;
    }

    private boolean startsByScript() {
        List<String> entrypoint = traits.image().inputs().entrypoint();
        List<String> command = entrypoint.isEmpty() ? traits.image().inputs().cmd() : entrypoint;
        Optional<String> first = command.stream().findFirst();
        boolean isShell =
                first.filter(word -> word.matches("(?:\\S*/)?(?:ba|da|a)?sh")).isPresent();
        return isShell
                || traits.texts().stream()
                        .anyMatch(text -> traits.started().contains(text.entry().path())
                                && text.text().startsWith("#!"));
    }
}
