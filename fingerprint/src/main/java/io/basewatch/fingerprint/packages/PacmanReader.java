package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.FileEntry;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.ImageFile;
import io.basewatch.fingerprint.ImageView;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fingerprint.Want;
import io.basewatch.fleetmodel.Evidence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * pacman's local database: a folder for each package with a {@code desc} file of {@code %FIELD%} lines, each followed by its values and a blank line. The
 * lists of owned files beside it are not read. Source: pacman, lib/libalpm/be_local.c.
 */
final class PacmanReader implements PackageReader {

    private static final String LOCAL = "var/lib/pacman/local";
    private static final int MAX_BYTES = 128 << 10;

    @Override
    public Want wants(FileEntry file) {
        return file.path().startsWith(LOCAL + "/") && file.name().equals("desc")
                ? Want.content(MAX_BYTES)
                : Want.NOTHING;
    }

    @Override
    public Optional<Database> read(ImageView image, Findings findings) {
        PackageList packages = new PackageList();
        List<Evidence> evidence = new ArrayList<>();
        List<String> folders = image.list(LOCAL)
                .filter(entry -> entry.entry().type() == FileEntry.Type.DIRECTORY)
                .map(entry -> entry.entry().path())
                .toList();
        for (String folder : folders) {
            ImageFile file = image.find(folder + "/desc").orElse(null);
            byte[] content = file == null ? null : file.content();
            if (file != null && content != null) {
                parse(content).ifPresentOrElse(packages::add, () -> {
                    packages.markIncomplete();
                    findings.invalid(file.entry().path(), "has no %NAME% and %VERSION%");
                });
                if (evidence.isEmpty()) {
                    evidence.add(PackagesDetector.evidence(file, folders.size() + " packages"));
                }
            }
        }
        if (evidence.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Database(
                "pacman", packages.isIncomplete() ? null : packages.size(), packages.packages(), evidence));
    }

    static Optional<InstalledPackage> parse(byte[] content) {
        Map<String, String> fields = new HashMap<>();
        Lines lines = new Lines(content);
        String field = "";
        for (String line = lines.next(); line != null; line = lines.next()) {
            if (line.length() > 2 && line.startsWith("%") && line.endsWith("%")) {
                field = line;
            } else if (!line.isEmpty() && fields.size() < 64) {
                fields.putIfAbsent(field, line);
            }
        }
        String name = fields.get("%NAME%");
        String version = fields.get("%VERSION%");
        return name == null || version == null
                ? Optional.empty()
                : Optional.of(new InstalledPackage(
                        "pacman",
                        name,
                        version,
                        fields.get("%ARCH%"),
                        fields.get("%BASE%"),
                        fields.get("%PACKAGER%"),
                        Numbers.time(Numbers.parseCount(fields.get("%INSTALLDATE%"))),
                        Numbers.parseCount(fields.get("%SIZE%")),
                        List.of()));
    }
}
