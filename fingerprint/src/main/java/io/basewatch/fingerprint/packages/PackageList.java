package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.InstalledPackage;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the packages of one database within fixed bounds, so that no database, however hostile, fills the memory. Past {@link #MAX_PACKAGES} the list
 * is marked incomplete; past the bound on owned files, further packages are listed without their files.
 */
final class PackageList {

    /** Ten times what the largest known images have. */
    static final int MAX_PACKAGES = 50_000;

    private static final int MAX_FILES = 300_000;
    private static final int MAX_FILE_CHARS = 16 << 20;

    private final List<InstalledPackage> packages = new ArrayList<>();
    private int files;
    private int fileChars;
    private boolean incomplete;

    void add(InstalledPackage installed) {
        if (packages.size() >= MAX_PACKAGES) {
            incomplete = true;
        } else {
            packages.add(installed);
        }
    }

    /** Whether one more owned file of that length may be kept. */
    boolean hasRoomForFile(int length) {
        if (files >= MAX_FILES || fileChars + length > MAX_FILE_CHARS) {
            return false;
        }
        files++;
        fileChars += length;
        return true;
    }

    /** Whether a part of several files' names may be kept while they are put together. */
    boolean hasRoomForName(int length) {
        return fileChars + length <= MAX_FILE_CHARS;
    }

    void markIncomplete() {
        incomplete = true;
    }

    boolean isIncomplete() {
        return incomplete;
    }

    int size() {
        return packages.size();
    }

    List<InstalledPackage> packages() {
        return packages;
    }
}
