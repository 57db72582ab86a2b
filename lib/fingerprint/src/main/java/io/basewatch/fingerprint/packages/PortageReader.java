package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Want;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Portage's database of installed packages: a folder {@code category/name-version} for each. The folders' names say enough. Source: PMS, "Package versions". */
final class PortageReader implements PackageReader {

    private static final String ROOT = "var/db/pkg";

    private static final Pattern NAME_VERSION =
            Pattern.compile("^(.+?)-(\\d[\\w.]*(?:_(?:alpha|beta|pre|rc|p)\\d*)*(?:-r\\d+)?)$");

    @Override
    public Hints hints() {
        return Hints.NONE;
    }

    @Override
    public Want wants(FileEntry file) {
        return Want.NOTHING;
    }

    @Override
    public Optional<Database> read(ImageView image, Findings findings) {
        PackageList packages = new PackageList();
        directories(image, ROOT)
                .forEach(category -> directories(image, category.entry().path())
                        .forEach(folder -> parse(
                                        category.entry().name(), folder.entry().name())
                                .ifPresent(packages::add)));
        if (packages.size() == 0) {
            return Optional.empty();
        }
        ImageFile root = image.find(ROOT).orElseThrow();
        packages.report(root, findings);
        return Optional.of(new Database(
                "portage",
                packages.isIncomplete() ? null : packages.size(),
                packages.packages(),
                List.of(PackagesDetector.evidence(root, PackagesDetector.counted(packages.size())))));
    }

    private static List<ImageFile> directories(ImageView image, String path) {
        return image.list(path)
                .filter(entry -> entry.entry().type() == FileEntry.Type.DIRECTORY)
                .toList();
    }

    static Optional<InstalledPackage> parse(String category, String folder) {
        Matcher matcher = NAME_VERSION.matcher(folder);
        // Folders that start with -MERGING- are installations that were cut short.
        return folder.length() > 255 || folder.startsWith("-") || !matcher.matches()
                ? Optional.empty()
                : Optional.of(new InstalledPackage(
                        "portage",
                        category + "/" + matcher.group(1),
                        matcher.group(2),
                        null,
                        null,
                        null,
                        null,
                        0,
                        List.of()));
    }
}
