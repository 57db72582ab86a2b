package io.basewatch.fingerprint.packages;

import io.basewatch.elf.ElfFiles;
import io.basewatch.fingerprint.Detector;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.fleetmodel.PackageSketch;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Interest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds every package database of an image and puts the system's own first. */
public final class PackagesDetector implements Detector {

    static final String ID = "packages/4";

    private static final List<PackageReader> READERS = List.of(
            new ApkReader(),
            new DpkgReader(),
            new RpmReader(),
            new RpmManifestReader(),
            new ChiselReader(),
            new OpkgReader(),
            new PacmanReader(),
            new XbpsReader(),
            new PortageReader(),
            NamedEntriesReader.SLACKWARE,
            NamedEntriesReader.SWUPD,
            NamedEntriesReader.NIX,
            NamedEntriesReader.GUIX);

    /** What makes a database the system's own, where there are several: it installed the C library. */
    private static final Set<String> C_LIBRARIES =
            Set.of("musl", "glibc", "libc6", "libc6.1", "libc", "libc-utils", "sys-libs/glibc", "sys-libs/musl");

    /** A manager's own programs: when one is there and its database is not, the packages are unknown, not none. */
    private static final List<Manager> MANAGERS = List.of(
            new Manager("apk", List.of("sbin/apk", "usr/sbin/apk", "usr/bin/apk")),
            new Manager("dpkg", List.of("usr/bin/dpkg", "bin/dpkg")),
            new Manager("rpm", List.of("usr/bin/rpm", "bin/rpm")),
            new Manager("pacman", List.of("usr/bin/pacman")),
            new Manager("opkg", List.of("bin/opkg", "usr/bin/opkg")),
            new Manager("xbps", List.of("usr/bin/xbps-install")));

    private record Manager(String name, List<String> programs) {}

    @Override
    public String id() {
        return ID;
    }

    /** What each manager's reader wants kept, in the order in which they are asked. */
    public static List<? extends Interest> interests() {
        return READERS;
    }

    @Override
    public void detect(ImageView image, ElfFiles elfFiles, Findings findings) {
        List<Database> found = new ArrayList<>();
        for (PackageReader reader : READERS) {
            // The first place of a manager that is there speaks for it: a manifest stands in for a database, not beside
            // it.
            reader.read(image, findings)
                    .filter(database ->
                            found.stream().noneMatch(other -> other.manager().equals(database.manager())))
                    .ifPresent(found::add);
        }
        if (found.stream().anyMatch(database -> !database.isEmpty())) {
            // A manager's package can be installed by another one (dpkg on Alpine): its empty database says nothing.
            found.removeIf(Database::isEmpty);
        }
        found.sort(Comparator.comparing((Database database) -> !database.lists(C_LIBRARIES))
                .thenComparing(database -> -database.packages().size()));
        for (Database database : found) {
            findings.packages(
                    new PackageDatabase(database.manager(), database.count(), database.evidence(), sketch(database)),
                    database.packages());
        }
        if (found.isEmpty()) {
            reportHiddenDatabase(image, findings);
        }
    }

    /** Null where nothing is installed, or not all that is could be read. */
    private static @Nullable PackageSketch sketch(Database database) {
        List<InstalledPackage> packages = database.packages();
        if (database.count() == null || packages.isEmpty()) {
            return null;
        }
        int[] hashes = new int[packages.size()];
        for (int n = 0; n < hashes.length; n++) {
            hashes[n] =
                    PackageSketch.hash(packages.get(n).name(), packages.get(n).version());
        }
        return PackageSketch.of(hashes);
    }

    private static void reportHiddenDatabase(ImageView image, Findings findings) {
        for (Manager manager : MANAGERS) {
            Optional<ImageFile> program = manager.programs().stream()
                    .map(image::find)
                    .flatMap(Optional::stream)
                    .filter(file -> isManagersOwn(file, image))
                    .findFirst();
            if (program.isPresent()) {
                Evidence evidence = evidence(program.get(), null);
                findings.packages(new PackageDatabase(manager.name(), null, List.of(evidence)), List.of());
                if (!image.isWhole()) {
                    return;
                }
                findings.contradiction(
                        "packages",
                        manager.name() + " is installed (" + evidence.path()
                                + ") but its database is gone: the packages are unknown, not none",
                        List.of(evidence));
                return;
            }
        }
    }

    /** BusyBox has applets named dpkg and rpm, as links or as hard links to itself. */
    private static boolean isManagersOwn(ImageFile program, ImageView image) {
        FileEntry entry = program.entry();
        if (entry.type() != FileEntry.Type.FILE || entry.name().startsWith("busybox")) {
            return false;
        }
        return image.find("bin/busybox")
                .map(ImageFile::entry)
                .filter(busybox -> busybox.size() == entry.size())
                .isEmpty();
    }

    static String counted(int packages) {
        return Counted.of(packages, "package", "packages");
    }

    static Evidence evidence(ImageFile file, @org.jspecify.annotations.Nullable String excerpt) {
        return new Evidence(file.entry().path(), file.layer(), excerpt, ID);
    }

    /** The files at these paths that are there and were kept, each real file once (directories can be links to each other). */
    static List<ImageFile> keptFiles(ImageView image, List<String> paths) {
        List<ImageFile> files = new ArrayList<>();
        for (String path : paths) {
            image.find(path)
                    .filter(file -> file.entry().type() == FileEntry.Type.FILE)
                    .filter(file -> files.stream()
                            .noneMatch(other -> Objects.equals(
                                    other.entry().path(), file.entry().path())))
                    .ifPresent(files::add);
        }
        return files;
    }
}
