package io.basewatch.fingerprint;

import io.basewatch.fleetmodel.Contradiction;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the detectors believe of one image so far. One thread. */
public final class Findings {

    private @Nullable Distro distro;
    private final List<Libc> libc = new ArrayList<>();
    private final List<PackageDatabase> databases = new ArrayList<>();
    private final List<InstalledPackage> packages = new ArrayList<>();
    private final List<LanguageRuntime> runtimes = new ArrayList<>();
    private final List<Contradiction> contradictions = new ArrayList<>();
    private final List<Reason> reasons = new ArrayList<>();

    /** Far above what any image has on purpose; a result must fit into one document of the store. */
    private static final int MAX_RUNTIMES = 1_000;

    private static final int MAX_CONTRADICTIONS = 1_000;
    private static final int MAX_REASONS = 1_000;

    public void distro(Distro distro) {
        this.distro = distro;
    }

    public Optional<Distro> distro() {
        return Optional.ofNullable(distro);
    }

    /** Adds a libc; the first one added is the system's. */
    public void libc(Libc found) {
        libc.add(found);
    }

    public List<Libc> libc() {
        return Collections.unmodifiableList(libc);
    }

    /** Adds a package database with what it lists; the first one added is the system's. */
    public void packages(PackageDatabase database, List<InstalledPackage> listed) {
        databases.add(database);
        packages.addAll(listed);
    }

    public List<InstalledPackage> packages() {
        return Collections.unmodifiableList(packages);
    }

    /**
     * The package that owns a file. Databases name files by the path at which they were unpacked: since {@code lib} became a link to {@code usr/lib} that
     * may be another than the one at which they lie.
     *
     * @param path at which it really lies, relative to the root
     * @return empty when no package lists it; the databases of some managers list no files
     */
    public Optional<InstalledPackage> ownerOf(String path, ImageView image) {
        Set<String> spellings = new HashSet<>(Set.of(path));
        int afterFirst = path.indexOf('/', "usr/".length());
        if (path.startsWith("usr/") && afterFirst > 0) {
            String merged = path.substring("usr/".length());
            boolean isLink = image.findNoFollow(path.substring("usr/".length(), afterFirst))
                    .filter(file -> file.entry().type() == FileEntry.Type.SYMLINK)
                    .isPresent();
            boolean isSame = image.find(merged)
                    .filter(file -> file.entry().path().equals(path))
                    .isPresent();
            if (isLink && isSame) {
                spellings.add(merged);
            }
        }
        return packages.stream()
                .filter(installed -> installed.files().paths().stream().anyMatch(spellings::contains))
                .findFirst();
    }

    public List<PackageDatabase> databases() {
        return Collections.unmodifiableList(databases);
    }

    public void runtime(LanguageRuntime runtime) {
        if (hasRoom(runtimes, MAX_RUNTIMES, "runtimes")) {
            runtimes.add(runtime);
        }
    }

    public void contradiction(String about, String message, List<Evidence> evidence) {
        if (hasRoom(contradictions, MAX_CONTRADICTIONS, "contradictions")) {
            contradictions.add(new Contradiction(about, message, evidence));
        }
    }

    private boolean hasRoom(List<?> found, int most, String what) {
        if (found.size() < most) {
            return true;
        }
        Reason reason = new Reason(
                Reason.Code.LIMIT_EXCEEDED,
                "the image has more than " + most + " " + what + "; the others were left out");
        if (!reasons.contains(reason)) {
            tell(reason);
        }
        return false;
    }

    /** A file that a detector understands is there, but broken: the image is then partial, never clean. */
    public void invalid(String path, String problem) {
        tell(new Reason(Reason.Code.FILE_INVALID, path + ": " + problem));
    }

    /** There is more of something than is looked at: the image is then partial. */
    public void exceeded(String message) {
        tell(new Reason(Reason.Code.LIMIT_EXCEEDED, message));
    }

    private void tell(Reason reason) {
        if (reasons.size() < MAX_REASONS) {
            reasons.add(reason);
        } else if (reasons.size() == MAX_REASONS) {
            reasons.add(new Reason(Reason.Code.LIMIT_EXCEEDED, "there are more problems than " + MAX_REASONS));
        }
    }

    public List<Reason> reasons() {
        return Collections.unmodifiableList(reasons);
    }

    /** Of an image that was read as a whole. */
    public Fingerprint toFingerprint() {
        return toFingerprint(true);
    }

    /**
     * @param isWhole whether all of the image was read: only then no database found is none
     */
    public Fingerprint toFingerprint(boolean isWhole) {
        return new Fingerprint(
                distro,
                libc.isEmpty() ? List.of(Libc.unknown()) : libc,
                databases.isEmpty() && !isWhole ? List.of(PackageDatabase.unknown()) : databases,
                runtimes,
                contradictions);
    }
}
