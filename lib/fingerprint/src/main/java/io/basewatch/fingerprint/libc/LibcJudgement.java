package io.basewatch.fingerprint.libc;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.ElfOrigin;
import io.basewatch.elf.ElfOutline;
import io.basewatch.elf.GoBuild;
import io.basewatch.elf.LinkedLibc;
import io.basewatch.elf.Marker;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fingerprint.libc.Programs.Loader;
import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Libc.Family;
import io.basewatch.fleetmodel.Libc.Linkage;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Weighs one image's programs, libraries and databases. In this order: the loader that shell and entrypoint reach through the image's own links; the
 * loader that most startable programs reach; a library that lies there alone; what static programs have inside. A version comes from the library, then
 * from the package database, then from a file's name.
 */
final class LibcJudgement {

    private static final int MAX_EVIDENCE = 6;
    private static final List<String> SYSTEM_PROGRAMS = List.of("/bin/sh", "/bin/busybox", "/usr/bin/env");

    /** Static in every distribution, as they must work when the libc is broken: no sign of how programs were built. */
    private static final Set<String> ALWAYS_STATIC = Set.of("ldconfig", "ldconfig.real", "sln");

    private static final Pattern FILE_NAME_VERSION = Pattern.compile(
            "(?:(?:ld|libc)-(?=2\\.)|(?:ld(?:64)?-uClibc|libuClibc)-)(\\d+\\.\\d+(?:\\.\\d+){0,2})\\.so");
    private static final Pattern STORE_VERSION =
            Pattern.compile("(?:nix|gnu)/store/[0-9a-z]{32}-(?:glibc|musl)-(\\d+\\.\\d+(?:\\.\\d+)?)(?:-\\d+)?/.*");

    private final ImageView image;
    private final Findings findings;
    private final Programs programs;

    LibcJudgement(ImageView image, ElfFiles elfFiles, Findings findings) {
        this.image = image;
        this.findings = findings;
        this.programs = new Programs(elfFiles);
    }

    void judge() {
        Map<Loader, List<ElfFile>> startable = startable();
        Libc system = system(startable);
        findings.libc(system);
        for (Libc other : others(system)) {
            findings.libc(other);
        }
        for (Libc linkedStatically : statics()) {
            if (!linkedStatically.equals(system)) {
                findings.libc(linkedStatically);
            }
        }
        if (image.isWhole()) {
            tellMissingLoaders();
        }
        tellLoaderLinks();
        tellPackages(system);
        tellArchitecture(startable);
    }

    private Map<Loader, List<ElfFile>> startable() {
        Map<Loader, List<ElfFile>> startable = new LinkedHashMap<>();
        for (ElfFile program : programs.dynamicExecutables) {
            programs.loaderOf(program)
                    .ifPresent(loader -> startable
                            .computeIfAbsent(loader, key -> new ArrayList<>())
                            .add(program));
        }
        return startable;
    }

    // --- the system's ---

    private record Choice(Loader loader, ElfFile program) {}

    private Libc system(Map<Loader, List<ElfFile>> startable) {
        Choice named = namedChoice();
        Map<Family, Integer> votes = new TreeMap<>();
        startable.forEach((loader, users) -> votes.merge(loader.family(), users.size(), Integer::sum));
        Family majority = votes.entrySet().stream()
                .max(Map.Entry.<Family, Integer>comparingByValue()
                        .thenComparing(Map.Entry::getKey, Comparator.reverseOrder()))
                .map(Map.Entry::getKey)
                .orElse(null);
        if (named != null) {
            if (majority != null
                    && votes.getOrDefault(majority, 0)
                            > votes.getOrDefault(named.loader().family(), 0)) {
                findings.contradiction(
                        "libc",
                        "most programs reach " + majority + " (" + votes + "), yet "
                                + named.program().path() + " reaches "
                                + named.loader().family()
                                + "; the system's libc is the one its shell and entrypoint use",
                        List.of(evidence(named.program(), interpreter(named.program()))));
            }
            return dynamic(named.loader(), named.program());
        }
        if (majority != null) {
            var most = startable.entrySet().stream()
                    .filter(entry -> entry.getKey().family() == majority)
                    .max(Comparator.comparingInt(entry -> entry.getValue().size()))
                    .orElseThrow();
            return dynamic(most.getKey(), most.getValue().get(0));
        }
        return withoutLoader();
    }

    /** Shell, then env, then what the image's config starts: the first that is a dynamic executable with its loader in place. */
    private @Nullable Choice namedChoice() {
        for (String path : namedPaths()) {
            ElfFile program = programs.at(path);
            if (program != null && program.outline().kind() == ElfFacts.Kind.DYNAMIC_EXECUTABLE) {
                Optional<Loader> loader = programs.loaderOf(program);
                if (loader.isPresent()) {
                    return new Choice(loader.get(), program);
                }
            }
        }
        return null;
    }

    private Set<String> namedPaths() {
        Set<String> paths = new LinkedHashSet<>(SYSTEM_PROGRAMS);
        ImageInputs inputs = image.inputs();
        List<String> command = inputs.entrypoint().isEmpty() ? inputs.cmd() : inputs.entrypoint();
        if (!command.isEmpty()) {
            paths.addAll(candidates(command.get(0), inputs));
        }
        return paths;
    }

    private static List<String> candidates(String command, ImageInputs inputs) {
        if (command.isEmpty() || command.indexOf('\0') >= 0) {
            return List.of();
        }
        if (command.contains("/")) {
            return List.of(command);
        }
        return inputs.searchPath().stream()
                .map(directory -> directory + "/" + command)
                .toList();
    }

    private Libc dynamic(Loader loader, ElfFile program) {
        List<Evidence> evidence = new ArrayList<>();
        evidence.add(evidence(program, interpreter(program)));
        ElfFile library = libraryOf(loader);
        return dynamic(loader.family(), library != null ? library : loader.elf(), loader.elf(), evidence);
    }

    private Libc dynamic(Family family, ElfFile library, ElfFile loader, List<Evidence> before) {
        List<Evidence> evidence = new ArrayList<>();
        ElfOrigin.LibcText text = library.outline().origin().libc();
        evidence.add(evidence(library, text == null ? null : text.banner()));
        evidence.addAll(before);
        if (!loader.path().equals(library.path())) {
            ElfOrigin.LibcText loaderText = loader.outline().origin().libc();
            evidence.add(evidence(loader, loaderText == null ? null : loaderText.banner()));
        }
        String version = text == null ? null : text.version();
        ElfOrigin.LibcText loaderText = loader.outline().origin().libc();
        if (version == null && loaderText != null) {
            version = loaderText.version();
        }
        if (version == null) {
            InstalledPackage installed = libcPackage(family);
            if (installed != null) {
                version = upstream(installed.version());
                evidence.add(databaseEvidence(installed));
            }
        }
        if (version == null) {
            version = versionFromName(library);
        }
        String vendor = text != null && !"gcompat".equals(text.vendor()) ? text.vendor() : null;
        return new Libc(family, version, Linkage.DYNAMIC, null, vendor, capped(evidence));
    }

    /** The library a loader loads: of its family and machine, nearest to it. musl's loader is the library. */
    private @Nullable ElfFile libraryOf(Loader loader) {
        ElfOrigin.LibcText own = loader.elf().outline().origin().libc();
        if (loader.family() == Family.MUSL && own != null && !"gcompat".equals(own.vendor())) {
            return loader.elf();
        }
        String directory = loader.elf().directory();
        return programs.libcFiles.stream()
                .filter(file -> isOf(file, loader.family()))
                .filter(file -> file.outline().header().machine()
                                == loader.elf().outline().header().machine()
                        && file.outline().header().bits()
                                == loader.elf().outline().header().bits())
                .filter(file -> !isLoader(file) || loader.family() == Family.MUSL)
                .min(Comparator.<ElfFile>comparingInt(file -> file.directory().equals(directory) ? 0 : 1)
                        .thenComparingInt(file -> isInSystemDirectory(file) ? 0 : 1)
                        .thenComparingInt(file -> version(file) == null ? 1 : 0)
                        .thenComparingInt(file -> file.path().length())
                        .thenComparing(ElfFile::path))
                .orElse(null);
    }

    private static boolean isOf(ElfFile file, Family family) {
        ElfOrigin.LibcText text = file.outline().origin().libc();
        return text != null && !"gcompat".equals(text.vendor()) && LinkedLibc.familyOf(text) == family;
    }

    /** glibc and uClibc have a loader beside the library. */
    private static boolean isLoader(ElfFile file) {
        String name = file.name();
        String soname = file.outline().soname();
        return name.startsWith("ld") || (soname != null && soname.startsWith("ld"));
    }

    private static boolean isInSystemDirectory(ElfFile file) {
        return file.directory().matches("(usr/)?lib(64|32|x32)?(/[^/]*-linux-[^/]*)?");
    }

    private static @Nullable String version(ElfFile file) {
        ElfOrigin.LibcText text = file.outline().origin().libc();
        return text == null ? null : text.version();
    }

    private static @Nullable String versionFromName(ElfFile file) {
        Matcher name = FILE_NAME_VERSION.matcher(file.name());
        if (name.matches()) {
            return name.group(1);
        }
        Matcher store = STORE_VERSION.matcher(file.path());
        return store.matches() ? store.group(1) : null;
    }

    /** No dynamic program can start, as far as was read. */
    private Libc withoutLoader() {
        ElfFile library = loneLibrary();
        if (library != null) {
            ElfOrigin.LibcText text =
                    Objects.requireNonNull(library.outline().origin().libc());
            Family family = Objects.requireNonNull(LinkedLibc.familyOf(text));
            return dynamic(family, library, library, List.of());
        }
        List<Libc> statics = statics(programs.staticExecutables);
        if (!image.isWhole()) {
            return new Libc(
                    Family.UNKNOWN,
                    null,
                    programs.dynamicExecutables.isEmpty() ? Linkage.UNKNOWN : Linkage.DYNAMIC,
                    null,
                    null,
                    programs.dynamicExecutables.stream()
                            .limit(MAX_EVIDENCE)
                            .map(program -> evidence(program, interpreter(program)))
                            .toList());
        }
        if (!programs.dynamicExecutables.isEmpty() && !(startsStatically() && !statics.isEmpty())) {
            return new Libc(
                    Family.UNKNOWN,
                    null,
                    Linkage.DYNAMIC,
                    null,
                    null,
                    programs.dynamicExecutables.stream()
                            .limit(MAX_EVIDENCE)
                            .map(program -> evidence(program, interpreter(program) + " is not there"))
                            .toList());
        }
        return statics.isEmpty() ? Libc.none() : statics.get(0);
    }

    /** Shell or entrypoint need no loader: dynamic programs that lie beside them and cannot start are not what the image runs on. */
    private boolean startsStatically() {
        return namedPaths().stream()
                .map(programs::at)
                .anyMatch(program -> program != null
                        && (program.outline().kind() == ElfFacts.Kind.STATIC_EXECUTABLE
                                || program.outline().kind() == ElfFacts.Kind.STATIC_PIE));
    }

    /** A library for which no program asks, or of which the programs that ask cannot find the loader. */
    private @Nullable ElfFile loneLibrary() {
        Set<Family> asked = new LinkedHashSet<>();
        programs.dynamicExecutables.forEach(program -> {
            if (program.outline().builtFor() != null) {
                asked.add(program.outline().builtFor());
            }
        });
        return programs.libcFiles.stream()
                .filter(file -> file.outline().origin().libc() != null
                        && !"gcompat"
                                .equals(Objects.requireNonNull(
                                                file.outline().origin().libc())
                                        .vendor()))
                .filter(file -> {
                    Family family = LinkedLibc.familyOf(
                            Objects.requireNonNull(file.outline().origin().libc()));
                    return family != null && (programs.dynamicExecutables.isEmpty() || asked.contains(family));
                })
                .min(Comparator.<ElfFile>comparingInt(file -> isInSystemDirectory(file) ? 0 : 1)
                        .thenComparingInt(file -> version(file) == null ? 1 : 0)
                        .thenComparingInt(file -> isLoader(file) ? 1 : 0)
                        .thenComparingInt(file -> file.path().length())
                        .thenComparing(ElfFile::path))
                .orElse(null);
    }

    // --- further ones ---

    private record Identity(
            Family family,
            @Nullable String version,
            @Nullable String vendor) {}

    /** Libraries in the image besides the system's: of another family, version or vendor. */
    private List<Libc> others(Libc system) {
        Map<Identity, List<Evidence>> found = new LinkedHashMap<>();
        Set<Family> families = new LinkedHashSet<>();
        families.add(system.family());
        List<ElfFile> files = new ArrayList<>(programs.libcFiles);
        files.sort(Comparator.<ElfFile>comparingInt(file -> version(file) == null ? 1 : 0)
                .thenComparing(ElfFile::path));
        for (ElfFile file : files) {
            ElfOrigin.LibcText text = file.outline().origin().libc();
            Family family = text == null || "gcompat".equals(text.vendor()) ? null : LinkedLibc.familyOf(text);
            if (text == null || family == null) {
                continue;
            }
            String version = text.version() != null ? text.version() : versionFromName(file);
            if (version == null && families.contains(family)) {
                // A loader without a text of its own belongs to the library beside it.
                continue;
            }
            families.add(family);
            boolean isSystem = family == system.family()
                    && Objects.equals(version, system.version())
                    && (text.vendor() == null || Objects.equals(text.vendor(), system.vendor()));
            if (!isSystem) {
                found.computeIfAbsent(
                                new Identity(family, version, vendorOf(text, found, family, version)),
                                key -> new ArrayList<>())
                        .add(evidence(file, text.banner()));
            }
        }
        List<Libc> others = new ArrayList<>();
        found.forEach((identity, evidence) -> others.add(
                new Libc(identity.family, identity.version, Linkage.DYNAMIC, null, identity.vendor, capped(evidence))));
        return others;
    }

    /** A loader with the version but without the vendor's text joins the library that has both. */
    private static @Nullable String vendorOf(
            ElfOrigin.LibcText text, Map<Identity, List<Evidence>> found, Family family, @Nullable String version) {
        if (text.vendor() != null) {
            return text.vendor();
        }
        return found.keySet().stream()
                .filter(identity -> identity.family == family && Objects.equals(identity.version, version))
                .map(Identity::vendor)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private List<Libc> statics() {
        List<ElfFile> told = programs.staticExecutables.stream()
                .filter(program -> !ALWAYS_STATIC.contains(program.name()))
                .toList();
        return statics(told);
    }

    /** One for each library found inside, the most frequent first. */
    private static List<Libc> statics(List<ElfFile> executables) {
        Map<Optional<Family>, List<ElfFile>> byFamily = new LinkedHashMap<>();
        for (ElfFile executable : executables) {
            byFamily.computeIfAbsent(
                            Optional.ofNullable(
                                    LinkedLibc.linkedInto(executable.outline().origin())),
                            key -> new ArrayList<>())
                    .add(executable);
        }
        return byFamily.entrySet().stream()
                .sorted(Comparator.comparingInt(entry -> -entry.getValue().size()))
                .map(entry -> new Libc(
                        Family.STATIC,
                        null,
                        Linkage.STATIC,
                        entry.getKey().orElse(null),
                        null,
                        staticEvidence(entry.getValue())))
                .toList();
    }

    /** One line for each content: a BusyBox lies there under four hundred names. */
    private static List<Evidence> staticEvidence(List<ElfFile> executables) {
        Map<ElfOutline, List<ElfFile>> byContent = new LinkedHashMap<>();
        executables.forEach(program -> byContent
                .computeIfAbsent(program.outline(), key -> new ArrayList<>())
                .add(program));
        return byContent.values().stream()
                .limit(MAX_EVIDENCE)
                .map(names -> evidence(
                        names.get(0),
                        staticExcerpt(names.get(0).outline())
                                + (names.size() == 1 ? "" : ", under " + names.size() + " names")))
                .toList();
    }

    private static String staticExcerpt(ElfOutline outline) {
        StringBuilder excerpt = new StringBuilder(outline.kind() == ElfFacts.Kind.STATIC_PIE ? "static-pie" : "static")
                .append(", ")
                .append(outline.header().architecture());
        GoBuild go = outline.origin().go();
        if (go != null && go.version() != null) {
            excerpt.append(", Go ").append(go.version());
        }
        if (outline.origin().abiTag() != null) {
            excerpt.append(", GNU ABI tag ").append(outline.origin().abiTag());
        }
        for (Marker marker : List.of(Marker.MUSL_NO_ERROR, Marker.MUSL_LOCPATH, Marker.GNU_RANGE, Marker.UCLIBC_TZ)) {
            if (outline.origin().abiTag() == null && outline.has(marker)) {
                excerpt.append(", \"").append(marker.text()).append('"');
            }
        }
        String busybox = outline.origin().markers().get(Marker.BUSYBOX);
        if (busybox != null) {
            excerpt.append(", BusyBox ").append(busybox.split(" ", 2)[0]);
        }
        return excerpt.toString();
    }

    // --- what does not fit together ---

    private void tellMissingLoaders() {
        Map<String, List<ElfFile>> missing = new TreeMap<>();
        for (ElfFile program : programs.dynamicExecutables) {
            if (program.outline().interpreter() != null
                    && programs.loaderOf(program).isEmpty()) {
                missing.computeIfAbsent(interpreter(program), key -> new ArrayList<>())
                        .add(program);
            }
        }
        missing.forEach((interpreter, stranded) -> findings.contradiction(
                "loader",
                Counted.of(stranded.size(), "program asks", "programs ask") + " for the loader "
                        + interpreter
                        + ", which the image does not have for their machine; the kernel refuses to start "
                        + (stranded.size() == 1 ? "it" : "them"),
                stranded.stream()
                        .limit(MAX_EVIDENCE)
                        .map(program -> evidence(program, interpreter))
                        .toList()));
    }

    /** Links in the loaders' places that lead nowhere, or to another family's loader: compatibility layers, by a package or by hand. */
    private void tellLoaderLinks() {
        Set<String> told = new LinkedHashSet<>();
        for (String directory : List.of("lib", "lib64", "usr/lib", "usr/lib64")) {
            image.list(directory).filter(LibcJudgement::isLoaderName).forEach(file -> tellLoaderLink(file, told));
        }
    }

    private static boolean isLoaderName(ImageFile file) {
        return file.entry().type() != FileEntry.Type.DIRECTORY
                && LinkedLibc.ofLoaderName(file.entry().name()) != null;
    }

    private void tellLoaderLink(ImageFile file, Set<String> told) {
        String path = file.entry().path();
        Family named = LinkedLibc.ofLoaderName(file.entry().name());
        if (named == null || !told.add(path)) {
            return;
        }
        boolean isLink = file.entry().type() == FileEntry.Type.SYMLINK;
        Optional<ImageFile> target = image.find(path);
        Evidence evidence = new Evidence(
                path, file.layer(), isLink ? path + " -> " + file.entry().linkTarget() : null, LibcDetector.ID);
        if (target.isEmpty()) {
            if (image.isWhole()) {
                findings.contradiction("loader", path + " leads nowhere", List.of(evidence));
            }
            return;
        }
        ElfFile loader = programs.at(path);
        Family family = loader == null ? null : Programs.familyOf(loader, path);
        if (loader != null && family != null && family != named) {
            findings.contradiction(
                    "loader",
                    path + " has the name of a " + named + " loader and is " + family + " (" + loader.path() + ", "
                            + owner(path) + "): programs built for " + named + " start on " + family,
                    List.of(evidence, evidence(loader, null)));
        }
    }

    private String owner(String path) {
        return findings.ownerOf(path, image)
                .map(installed -> "from package " + installed.name() + " " + installed.version())
                .orElse(
                        !image.isWhole()
                                ? "of a package that was not read, or of none"
                                : findings.databases().isEmpty() ? "by hand" : "of no package");
    }

    /**
     * What the system itself is built for decides, and what is started first: libraries and programs for other machines lie in many an image (multiarch, firmware,
     * cross compilers, emulators' guests).
     */
    private void tellArchitecture(Map<Loader, List<ElfFile>> startable) {
        Platform platform = image.inputs().platform();
        String said = platform == null ? null : Architecture.of(platform).orElse(null);
        if (platform == null || said == null) {
            return;
        }
        ElfFile system = systemFile(startable);
        String built = system == null
                ? null
                : Architecture.of(system.outline().header()).orElse(null);
        if (system != null && built != null && !Architecture.isSame(platform, said, built)) {
            tellArchitecture(platform, built, "the system's own files are for ", system);
            return;
        }
        ElfFile started = started().orElse(null);
        String start = started == null
                ? null
                : Architecture.of(started.outline().header()).orElse(null);
        if (started != null
                && start != null
                && !Architecture.isSame(platform, said, start)
                && !Architecture.starts(said, start)) {
            tellArchitecture(platform, start, "the program that is started is for ", started);
        }
    }

    private void tellArchitecture(Platform platform, String found, String what, ElfFile file) {
        findings.contradiction(
                "architecture",
                "the config says " + platform + ", yet " + what + found + " (" + file.path()
                        + "); the files are believed",
                List.of(evidence(file, file.outline().header().architecture())));
    }

    /** Shell, env or BusyBox, else the loader that most programs reach, else the library. */
    private @Nullable ElfFile systemFile(Map<Loader, List<ElfFile>> startable) {
        for (String path : SYSTEM_PROGRAMS) {
            ElfFile program = programs.at(path);
            if (program != null && program.outline().kind().isExecutable()) {
                return program;
            }
        }
        Optional<ElfFile> loader = startable.entrySet().stream()
                .max(Comparator.comparingInt(entry -> entry.getValue().size()))
                .map(entry -> entry.getKey().elf());
        if (loader.isPresent()) {
            return loader.get();
        }
        ElfFile library = loneLibrary();
        return library != null && isInSystemDirectory(library) ? library : null;
    }

    private Optional<ElfFile> started() {
        ImageInputs inputs = image.inputs();
        List<String> command = inputs.entrypoint().isEmpty() ? inputs.cmd() : inputs.entrypoint();
        return command.isEmpty()
                ? Optional.empty()
                : candidates(command.get(0), inputs).stream()
                        .map(programs::at)
                        .filter(Objects::nonNull)
                        .filter(program -> program.outline().kind().isExecutable())
                        .findFirst();
    }

    private void tellPackages(Libc system) {
        for (Family family : List.of(Family.MUSL, Family.GLIBC)) {
            InstalledPackage installed = libcPackage(family);
            if (installed == null) {
                continue;
            }
            String listed = installed.name() + " " + installed.version();
            Evidence database = databaseEvidence(installed);
            List<Libc> found = findings.libc().stream()
                    .filter(libc -> libc.family() == family && libc.linkage() == Linkage.DYNAMIC)
                    .toList();
            if (found.isEmpty() && !image.isWhole()) {
                continue;
            }
            if (found.isEmpty()) {
                findings.contradiction(
                        "libc",
                        "the package database lists " + listed + ", yet no " + family
                                + " is in the image; the files are believed",
                        List.of(database));
                continue;
            }
            String upstream = upstream(installed.version());
            boolean agrees = found.stream()
                    .anyMatch(libc -> libc.version() == null || isSameVersion(libc, installed.version(), upstream));
            if (!agrees) {
                Libc libc = found.get(0);
                List<Evidence> evidence = new ArrayList<>(List.of(database));
                libc.evidence().stream().limit(1).forEach(evidence::add);
                findings.contradiction(
                        "libc",
                        "the package database lists " + listed + ", the library says "
                                + (libc.vendor() == null ? family + " " + libc.version() : libc.vendor())
                                + "; the library is believed, as it is what programs load"
                                + (family == system.family() ? "" : " (not the system's)"),
                        evidence);
            }
        }
    }

    /** Debian and Ubuntu leave the whole package version in the library; others the upstream version only. */
    private static boolean isSameVersion(Libc libc, String packaged, String upstream) {
        String vendor = libc.vendor();
        if (vendor != null && vendor.contains("GLIBC ")) {
            String said = vendor.substring(vendor.indexOf("GLIBC ") + "GLIBC ".length());
            String listed = packaged.substring(packaged.indexOf(':') + 1);
            // A rebuild without a change of source adds its number to the package only.
            return listed.equals(said) || listed.matches(Pattern.quote(said) + "\\+b\\d+");
        }
        String version = libc.version();
        return version == null
                || upstream.equals(version)
                || (upstream.startsWith(version) && !Character.isLetterOrDigit(upstream.charAt(version.length())));
    }

    private @Nullable InstalledPackage libcPackage(Family family) {
        String name = family == Family.MUSL
                ? "(sys-libs/)?musl"
                : family == Family.GLIBC ? "libc6|libc6\\.1|(sys-libs/)?glibc|glibc-\\d.*" : null;
        if (name == null) {
            return null;
        }
        Pattern pattern = Pattern.compile(name);
        return findings.packages().stream()
                .filter(installed -> pattern.matcher(installed.name()).matches()
                        && (family == Family.MUSL
                                || !installed.manager().equals("apk")
                                || !installed.name().equals("libc6")))
                .filter(installed -> !installed.version().isEmpty()
                        && Character.isDigit(installed.version().charAt(0)))
                .findFirst()
                .orElse(null);
    }

    /** {@code 2.36} of {@code 1:2.36-9+deb12u9}, {@code 1.2.4_git20230717} of {@code 1.2.4_git20230717-r4}. */
    private static String upstream(String packaged) {
        String version = packaged.substring(packaged.indexOf(':') + 1);
        int release = version.indexOf('-');
        return release < 0 ? version.replaceFirst("_\\d+$", "") : version.substring(0, release);
    }

    private Evidence databaseEvidence(InstalledPackage installed) {
        String listed = installed.name() + " " + installed.version();
        return findings.databases().stream()
                .filter(database -> database.manager().equals(installed.manager()))
                .flatMap(database -> database.evidence().stream())
                .findFirst()
                .map(seen -> new Evidence(seen.path(), seen.layer(), listed, LibcDetector.ID))
                .orElseGet(() -> new Evidence(installed.manager() + " database", null, listed, LibcDetector.ID));
    }

    private static String interpreter(ElfFile program) {
        String interpreter = program.outline().interpreter();
        return interpreter == null ? "" : interpreter;
    }

    private static List<Evidence> capped(List<Evidence> evidence) {
        return evidence.size() <= MAX_EVIDENCE ? evidence : evidence.subList(0, MAX_EVIDENCE);
    }

    private static Evidence evidence(ElfFile elf, @Nullable String excerpt) {
        return new Evidence(elf.path(), elf.layer(), excerpt, LibcDetector.ID);
    }
}
