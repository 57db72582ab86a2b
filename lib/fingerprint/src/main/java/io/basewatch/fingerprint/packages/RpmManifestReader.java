package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The list of packages that the distroless images of Azure Linux and CBL-Mariner have in place of rpm's database: one line for each, ten columns (name,
 * version-release, install time, build time, vendor, epoch, size, architecture, epoch number, source package). Source: Azure Linux toolkit,
 * "container-manifest-2".
 */
final class RpmManifestReader extends OneFileReader {

    private static final String PATH = "var/lib/rpmmanifest/container-manifest-2";
    private static final int MAX_BYTES = 4 << 20;

    RpmManifestReader() {
        super("rpm", MAX_BYTES, List.of(PATH));
    }

    @Override
    boolean isTarget(FileEntry file, byte[] head) {
        return hasItsName(file);
    }

    @Override
    void parse(byte[] content, ImageView image, PackageList packages) {
        parse(content, packages);
    }

    static void parse(byte[] content, PackageList packages) {
        Lines lines = new Lines(content);
        for (String line = lines.next(); line != null; line = lines.next()) {
            String[] columns = line.split("\t", -1);
            if (columns.length == 10 && !columns[0].isEmpty()) {
                packages.add(new InstalledPackage(
                        "rpm",
                        columns[0],
                        epoch(columns[8]) + columns[1],
                        columns[7],
                        valueOrNull(columns[9]),
                        valueOrNull(columns[4]),
                        Numbers.time(Numbers.parseCount(columns[2])),
                        Numbers.parseCount(columns[6]),
                        List.of()));
            } else if (!line.isBlank()) {
                packages.lost("line " + lines.number() + " does not have ten columns");
            }
        }
        if (Lines.breakOff(content)) {
            packages.lost("breaks off within line " + (lines.number() + 1));
        }
    }

    private static String epoch(String number) {
        return number.isEmpty() || number.equals("0") || number.equals("(none)") ? "" : number + ":";
    }

    private static @Nullable String valueOrNull(String column) {
        return column.isEmpty() || column.equals("(none)") ? null : column;
    }
}
