package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.FirstBytes;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.ImageView;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The installed database of apk-tools 2, which apk-tools 3 keeps: blocks of {@code letter:value} lines, a blank line after each. Used by Alpine, Wolfi,
 * Chainguard and newer OpenWrt; says nothing about the libc. Source: apk-tools, doc/apk-package.5 (v2 format) and src/database.c.
 */
final class ApkReader extends OneFileReader {

    /** Wolfi and usr-merged images keep the second; both are one file where {@code lib} is a link. */
    private static final List<String> PATHS = List.of("lib/apk/db/installed", "usr/lib/apk/db/installed");

    /** With all file lists a database of a thousand packages takes some five megabytes. */
    private static final int MAX_BYTES = 24 << 20;

    ApkReader() {
        super("apk", MAX_BYTES, PATHS);
    }

    @Override
    public Hints hints() {
        return super.hints().beginning("C:Q", "P:");
    }

    @Override
    boolean isTarget(FileEntry file, byte[] head) {
        boolean isBlock = FirstBytes.startWith(head, "C:Q") || FirstBytes.startWith(head, "P:");
        return isBlock && FirstBytes.haveLine(head, "P:") && FirstBytes.haveLine(head, "V:");
    }

    @Override
    void parse(byte[] content, ImageView image, PackageList packages) {
        parse(content, packages);
    }

    /** The blocks that can be read are read, whatever is wrong with the others. */
    static void parse(byte[] content, PackageList packages) {
        Lines lines = new Lines(content);
        Block block = new Block(packages);
        for (String line = lines.next(); line != null; line = lines.next()) {
            if (line.isEmpty()) {
                block.end();
                block = new Block(packages);
            } else if (line.length() < 2 || line.charAt(1) != ':') {
                packages.wrong("line " + lines.number() + " is not of the form letter:value");
            } else {
                block.field(line.charAt(0), line.substring(2), lines.number());
            }
        }
        block.end();
        if (Lines.breakOff(content)) {
            packages.lost("breaks off within line " + (lines.number() + 1));
        } else if (!Lines.endBlank(content)) {
            packages.doubt("does not end with a blank line, as apk writes it: packages may be missing");
        }
    }

    private static final class Block {

        private final PackageList packages;
        private final List<String> files = new ArrayList<>();
        private String directory = "";
        private @Nullable String name;
        private @Nullable String version;
        private @Nullable String architecture;
        private @Nullable String origin;
        private @Nullable String maintainer;
        private long installedBytes;
        private int start;

        Block(PackageList packages) {
            this.packages = packages;
        }

        void field(char letter, String value, int line) {
            start = start == 0 ? line : start;
            switch (letter) {
                case 'P' -> name = value;
                case 'V' -> version = value;
                case 'A' -> architecture = value;
                case 'o' -> origin = value;
                case 'm' -> maintainer = value;
                case 'I' -> installedBytes = Numbers.parseCount(value);
                case 'F' -> directory = value;
                case 'R' -> file(value);
                default -> {
                    // Checksums, dependencies, permissions: of no use here.
                }
            }
        }

        private void file(String file) {
            String path = directory.isEmpty() ? file : directory + "/" + file;
            if (packages.hasRoomForFile(path.length())) {
                files.add(path);
            }
        }

        void end() {
            if (start > 0 && (name == null || version == null)) {
                packages.lost("the package at line " + start + " has no " + (name == null ? "name" : "version"));
            } else if (name != null && version != null) {
                packages.add(new InstalledPackage(
                        "apk", name, version, architecture, origin, maintainer, null, installedBytes, files));
            }
        }
    }
}
