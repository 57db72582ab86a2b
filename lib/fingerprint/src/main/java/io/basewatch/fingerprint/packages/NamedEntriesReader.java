package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fingerprint.OwnedFiles;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.FirstBytes;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Want;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Managers whose database is a directory with an entry for each package, the entry's name being the package's. The pattern's groups: {@code name}, and where
 * there are such {@code version}, {@code architecture}.
 */
final class NamedEntriesReader implements PackageReader {

    /** Slackware: {@code bash-5.1.016-x86_64-1}, a text that ends with the list of files. Source: pkgtools, installpkg(8). */
    static final NamedEntriesReader SLACKWARE = new NamedEntriesReader(
            "slackware",
            List.of("var/lib/pkgtools/packages", "var/log/packages"),
            "(?<name>.+)-(?<version>[^-]+-(?<architecture>[^-]+)-[^-]+)",
            OwnedFilesProbe.ofSlackware());

    /** Clear Linux: bundles, which have the version of the system. Source: swupd(1). */
    static final NamedEntriesReader SWUPD = new NamedEntriesReader(
            "swupd", List.of("usr/share/clear/bundles"), "(?<name>[A-Za-z0-9][^/]*)", Want.NOTHING);

    private static final String START = "PACKAGE NAME:";

    private static final String STORE_ENTRY = "[0-9a-z]{32}-(?<name>.+?)-(?<version>[0-9][^/]*?)"
            + "(?:-(?:bin|dev|devdoc|doc|debug|info|lib|man|out|py|static|dist|getent|libgcc|terminfo))?";

    /**
     * Nix: every path of the store that has a version; a package's outputs count as one. Sources, scripts and configuration files have none. Source: Nix
     * manual, "Store Path", "parseDrvName".
     */
    static final NamedEntriesReader NIX =
            new NamedEntriesReader("nix", List.of("nix/store"), STORE_ENTRY, Want.NOTHING);

    /** Guix' store is as Nix'. */
    static final NamedEntriesReader GUIX =
            new NamedEntriesReader("guix", List.of("gnu/store"), STORE_ENTRY, Want.NOTHING);

    /** Of what is still being built, and recipes. */
    private static final Pattern NO_PACKAGE = Pattern.compile(".*\\.(drv|lock|check|chroot|tmp|tar\\.\\w+|patch)");

    private final String manager;
    private final List<String> directories;
    private final Pattern entry;
    private final Want files;

    private NamedEntriesReader(String manager, List<String> directories, String entry, Want files) {
        this.manager = manager;
        this.directories = directories;
        this.entry = Pattern.compile(entry);
        this.files = files;
    }

    @Override
    public Hints hints() {
        return files.isNothing() ? Hints.NONE : Hints.NONE.inLike(directories).beginning(START);
    }

    @Override
    public Want wants(FileEntry file) {
        return directories.contains(file.folder()) ? files : Want.NOTHING;
    }

    @Override
    public Want wantsAsTarget(FileEntry file, byte[] head) {
        return !files.isNothing() && FirstBytes.startWith(head, START) ? files : Want.NOTHING;
    }

    @Override
    public Optional<Database> read(ImageView image, Findings findings) {
        for (ImageFile directory :
                directories.stream().map(image::find).flatMap(Optional::stream).toList()) {
            PackageList packages = new PackageList();
            Set<String> seen = new HashSet<>();
            image.list(directory.entry().path())
                    .forEach(file -> parse(file.entry().name())
                            .filter(installed -> seen.add(installed.name() + " " + installed.version()))
                            .ifPresent(installed -> packages.add(withFiles(installed, file))));
            packages.report(directory, findings);
            if (packages.size() > 0) {
                return Optional.of(packages.toDatabase(
                        manager,
                        List.of(PackagesDetector.evidence(directory, PackagesDetector.counted(packages.size())))));
            }
        }
        return Optional.empty();
    }

    Optional<InstalledPackage> parse(String name) {
        Matcher matcher = entry.matcher(name);
        if (name.length() > 255 || NO_PACKAGE.matcher(name).matches() || !matcher.matches()) {
            return Optional.empty();
        }
        String architecture = group(matcher, "architecture");
        String version = Objects.requireNonNullElse(group(matcher, "version"), "");
        return Optional.of(new InstalledPackage(
                manager,
                matcher.group("name"),
                // Slackware has the architecture between version and build.
                architecture == null ? version : version.replace("-" + architecture + "-", "-"),
                architecture,
                null,
                null,
                null,
                0,
                OwnedFiles.NONE));
    }

    private @Nullable String group(Matcher matcher, String name) {
        return entry.pattern().contains("(?<" + name + ">") ? matcher.group(name) : null;
    }

    private static InstalledPackage withFiles(InstalledPackage installed, ImageFile file) {
        return new InstalledPackage(
                installed.manager(),
                installed.name(),
                installed.version(),
                installed.architecture(),
                null,
                null,
                null,
                0,
                OwnedFilesProbe.files(file));
    }
}
