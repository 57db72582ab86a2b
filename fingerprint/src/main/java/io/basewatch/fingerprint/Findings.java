package io.basewatch.fingerprint;

import io.basewatch.fleetmodel.Contradiction;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.fleetmodel.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
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

    public List<PackageDatabase> databases() {
        return Collections.unmodifiableList(databases);
    }

    public void runtime(LanguageRuntime runtime) {
        runtimes.add(runtime);
    }

    public void contradiction(String about, String message, List<Evidence> evidence) {
        contradictions.add(new Contradiction(about, message, evidence));
    }

    /** A file that a detector understands is there, but broken: the image is then partial, never clean. */
    public void invalid(String path, String problem) {
        reasons.add(new Reason(Reason.Code.FILE_INVALID, path + ": " + problem));
    }

    public List<Reason> reasons() {
        return Collections.unmodifiableList(reasons);
    }

    public Fingerprint toFingerprint() {
        return new Fingerprint(
                distro, libc.isEmpty() ? List.of(Libc.unknown()) : libc, databases, runtimes, contradictions);
    }
}
