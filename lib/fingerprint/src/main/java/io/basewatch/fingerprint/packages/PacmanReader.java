package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fingerprint.OwnedFiles;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.FirstBytes;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Want;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * pacman's local database: a folder for each package with a {@code desc} file of {@code %FIELD%} lines, each followed by its values and a blank line. Its
 * owned files stand beside it in {@code files}. Source: pacman, lib/libalpm/be_local.c.
 */
final class PacmanReader implements PackageReader {

    private static final String LOCAL = "var/lib/pacman/local";
    private static final int MAX_BYTES = 128 << 10;

    @Override
    public Hints hints() {
        return Hints.NONE.named("desc", "files").beginning("%NAME%\n", "%FILES%\n");
    }

    @Override
    public Want wants(FileEntry file) {
        if (!file.path().startsWith(LOCAL + "/")) {
            return Want.NOTHING;
        }
        return switch (file.name()) {
            case "desc" -> Want.content(MAX_BYTES);
            case "files" -> OwnedFilesProbe.ofPacman();
            default -> Want.NOTHING;
        };
    }

    @Override
    public Want wantsAsTarget(FileEntry file, byte[] head) {
        if (FirstBytes.startWith(head, "%NAME%\n")) {
            return Want.content(MAX_BYTES);
        }
        return FirstBytes.startWith(head, "%FILES%\n") ? OwnedFilesProbe.ofPacman() : Want.NOTHING;
    }

    @Override
    public Optional<Database> read(ImageView image, Findings findings) {
        PackageList packages = new PackageList();
        List<Evidence> evidence = new ArrayList<>();
        List<String> folders = image.list(LOCAL)
                .filter(entry -> entry.entry().type() == FileEntry.Type.DIRECTORY)
                .map(entry -> LOCAL + "/" + entry.entry().name())
                .toList();
        for (String folder : folders) {
            ImageFile file = image.find(folder + "/desc").orElse(null);
            byte[] content = file == null ? null : file.content();
            if (file == null || content == null) {
                packages.lost("has no desc");
                ImageFile broken = image.find(folder).orElseThrow();
                packages.report(broken, findings);
                evidence.add(PackagesDetector.evidence(broken, null));
                continue;
            }
            parse(
                    content,
                    packages,
                    OwnedFilesProbe.files(image.find(folder + "/files").orElse(null)));
            packages.lostWhenCut(file, content);
            packages.report(file, findings);
            evidence.add(PackagesDetector.evidence(file, PackagesDetector.counted(folders.size())));
        }
        return evidence.isEmpty()
                ? Optional.empty()
                : Optional.of(packages.toDatabase("pacman", evidence.subList(0, 1)));
    }

    static void parse(byte[] content, PackageList packages, OwnedFiles files) {
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
        if (name == null || version == null) {
            packages.lost("has no %NAME% and %VERSION%");
        } else {
            packages.add(new InstalledPackage(
                    "pacman",
                    name,
                    version,
                    fields.get("%ARCH%"),
                    fields.get("%BASE%"),
                    fields.get("%PACKAGER%"),
                    Numbers.time(Numbers.parseCount(fields.get("%INSTALLDATE%"))),
                    Numbers.parseCount(fields.get("%SIZE%")),
                    files));
        }
        if (Lines.breakOff(content)) {
            packages.lost("breaks off within line " + (lines.number() + 1));
        } else if (!Lines.endBlank(content)) {
            packages.doubt("does not end with a blank line, as pacman writes it: packages may be missing");
        }
    }
}
