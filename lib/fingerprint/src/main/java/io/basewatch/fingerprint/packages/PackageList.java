package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.layerfacts.ImageFile;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Collects the packages of one database within fixed bounds, so that no database, however hostile, fills the memory. Past {@link #MAX_PACKAGES} the list
 * is marked incomplete; past the bound on owned files, further packages are listed without their files.
 */
final class PackageList {

    /** Ten times what the largest known images have. */
    static final int MAX_PACKAGES = 50_000;

    private static final int MAX_PROBLEMS = 3;
    private static final int MAX_FILES = 300_000;
    private static final int MAX_FILE_CHARS = 16 << 20;

    private final List<InstalledPackage> packages = new ArrayList<>();
    private int files;
    private int fileChars;
    private boolean incomplete;
    private final Set<String> problems = new LinkedHashSet<>();
    private final Set<String> passedLimits = new LinkedHashSet<>();
    private @Nullable String doubt;

    /**
     * @return false past the bound
     */
    boolean add(InstalledPackage installed) {
        if (packages.size() >= MAX_PACKAGES) {
            lostPastLimit("more than " + MAX_PACKAGES + " packages");
            return false;
        }
        return packages.add(installed);
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

    /** Something is wrong with the database, for which no package is missing from the list. */
    void wrong(String problem) {
        if (problems.size() < MAX_PROBLEMS) {
            problems.add(problem);
        }
    }

    /** Packages are, or may be, missing from the list. */
    void lost(String problem) {
        incomplete = true;
        wrong(problem);
    }

    /** There is more than is read, so that packages are, or may be, missing from the list. */
    void lostPastLimit(String problem) {
        incomplete = true;
        if (passedLimits.size() < MAX_PROBLEMS) {
            passedLimits.add(problem);
        }
    }

    /** The database is as it may be, but not as its own manager writes it. */
    void doubt(String text) {
        doubt = text;
    }

    /** Packages are missing from the list, for a reason that is told elsewhere. */
    void markIncomplete() {
        incomplete = true;
    }

    /** Tells what is wrong with the file that was read last. */
    void report(ImageFile file, Findings findings) {
        problems.forEach(problem -> findings.invalid(file.entry().path(), problem));
        problems.clear();
        passedLimits.forEach(problem -> findings.exceeded(file.entry().path() + ": " + problem));
        passedLimits.clear();
        if (doubt != null) {
            String path = file.entry().path();
            findings.contradiction("packages", path + " " + doubt, List.of(PackagesDetector.evidence(file, null)));
            doubt = null;
        }
    }

    /** What is wrong and was not reported yet. */
    Set<String> problems() {
        Set<String> all = new LinkedHashSet<>(problems);
        all.addAll(passedLimits);
        return all;
    }

    /** A file is only known up to its cap. */
    void lostWhenCut(ImageFile file, byte[] content) {
        if (file.isCut()) {
            lostPastLimit("longer than " + content.length + " bytes: not read to its end");
        }
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

    /** As a database; its count is unknown when packages are missing. */
    Database toDatabase(String manager, List<Evidence> evidence) {
        return new Database(manager, incomplete ? null : packages.size(), packages, evidence);
    }
}
