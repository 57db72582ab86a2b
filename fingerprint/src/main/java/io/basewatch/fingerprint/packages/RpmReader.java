package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.FileEntry;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.ImageFile;
import io.basewatch.fingerprint.ImageView;
import io.basewatch.fingerprint.Want;
import io.basewatch.fleetmodel.Evidence;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** rpm's database in its three formats, at the places where distributions keep it. Counts what {@code rpm -qa} lists, imported keys (gpg-pubkey) among it. */
final class RpmReader implements PackageReader {

    private static final List<String> DIRECTORIES = List.of("usr/lib/sysimage/rpm", "var/lib/rpm", "usr/share/rpm");

    /** The newest format first: where a directory has two, rpm has moved on to it and left the other behind. */
    private static final List<String> NAMES = List.of("rpmdb.sqlite", "Packages.db", "Packages");

    private static final List<String> PATHS = NAMES.stream()
            .flatMap(name -> DIRECTORIES.stream().map(directory -> directory + "/" + name))
            .toList();

    private record Read(ImageFile file, RpmDatabase database) {}

    @Override
    public Want wants(FileEntry file) {
        return PATHS.contains(file.path()) ? Want.probe(RpmDatabase.KIND, RpmDatabase.Probe::new) : Want.NOTHING;
    }

    @Override
    public Optional<Database> read(ImageView image, Findings findings) {
        List<Read> found = new ArrayList<>();
        for (ImageFile file : PackagesDetector.keptFiles(image, PATHS)) {
            byte[] facts = file.facts(RpmDatabase.KIND);
            if (facts != null && file.entry().size() > 0) {
                try {
                    found.add(new Read(file, RpmDatabase.decode(facts)));
                } catch (BrokenDatabaseException e) {
                    findings.invalid(file.entry().path(), e.problem());
                }
            }
        }
        if (found.isEmpty()) {
            return Optional.empty();
        }
        // A stable sort: the newest format stays first among databases that can all be read, and an empty one is the
        // last to be believed.
        found.sort(Comparator.comparing(read -> read.database().packages().isEmpty()));
        Read best = found.get(0);
        reportOthers(best, found, findings);
        return Optional.of(database(best, image, findings));
    }

    private static void reportOthers(Read best, List<Read> found, Findings findings) {
        for (Read other : found.subList(1, found.size())) {
            int count = other.database().packages().size();
            if (count > 0 && count != best.database().packages().size()) {
                findings.contradiction(
                        "packages",
                        best.file().entry().path() + " lists "
                                + best.database().packages().size() + " packages, "
                                + other.file().entry().path() + " " + count
                                + ": taken is the first, the newer format",
                        List.of(evidence(best), evidence(other)));
            }
        }
    }

    private static Database database(Read read, ImageView image, Findings findings) {
        String path = read.file().entry().path();
        String problem = read.database().problem();
        boolean isComplete = problem == null;
        if (problem != null) {
            findings.invalid(path, problem);
        }
        Optional<ImageFile> log =
                image.find(path + "-wal").filter(file -> file.entry().size() > 0);
        if (log.isPresent()) {
            isComplete = false;
            findings.contradiction(
                    "packages",
                    path + " lists " + read.database().packages().size() + " packages, but "
                            + log.get().entry().path() + " holds "
                            + log.get().entry().size()
                            + " bytes of changes that are not in it: the count is unknown",
                    List.of(evidence(read), PackagesDetector.evidence(log.get(), null)));
        }
        List<io.basewatch.fingerprint.InstalledPackage> packages =
                read.database().packages();
        return new Database("rpm", isComplete ? packages.size() : null, packages, List.of(evidence(read)));
    }

    private static Evidence evidence(Read read) {
        return PackagesDetector.evidence(
                read.file(),
                read.database().packages().size() + " packages, "
                        + read.database().format());
    }
}
