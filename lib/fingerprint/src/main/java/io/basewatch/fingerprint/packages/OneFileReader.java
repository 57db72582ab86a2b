package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.Findings;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Want;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Of a database that is one file: the first of some paths at which something is kept has it. */
abstract class OneFileReader implements PackageReader {

    private final String manager;
    private final List<String> paths;
    private final Set<String> names;
    private final int maxBytes;

    /** @param maxBytes what is kept of the file; of a longer one the packages behind are told to be missing */
    OneFileReader(String manager, int maxBytes, List<String> paths) {
        this.manager = manager;
        this.maxBytes = maxBytes;
        this.paths = paths;
        this.names = paths.stream()
                .map(path -> path.substring(path.lastIndexOf('/') + 1))
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public Hints hints() {
        return Hints.NONE.namedLike(paths);
    }

    @Override
    public Want wants(FileEntry file) {
        return paths.contains(file.path()) ? Want.content(maxBytes) : Want.NOTHING;
    }

    @Override
    public Want wantsAsTarget(FileEntry file, byte[] head) {
        return isTarget(file, head) ? Want.content(maxBytes) : Want.NOTHING;
    }

    /** Whether a file under another path may be the database. */
    abstract boolean isTarget(FileEntry file, byte[] head);

    final boolean hasItsName(FileEntry file) {
        return names.contains(file.name());
    }

    @Override
    public Optional<Database> read(ImageView image, Findings findings) {
        for (ImageFile file : PackagesDetector.keptFiles(image, paths)) {
            byte[] content = file.content();
            if (content != null) {
                PackageList packages = new PackageList();
                parse(content, image, packages);
                packages.lostWhenCut(file, content);
                packages.report(file, findings);
                return Optional.of(packages.toDatabase(
                        manager, List.of(PackagesDetector.evidence(file, PackagesDetector.counted(packages.size())))));
            }
        }
        return Optional.empty();
    }

    /** Adds what can be read, whatever is wrong with the rest. */
    abstract void parse(byte[] content, ImageView image, PackageList packages);
}
