package io.basewatch.elf.loading;

import io.basewatch.elf.loading.LoadFault.Kind;
import io.basewatch.elf.loading.LoadProof.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What comes out while a loader is followed; of forged files there can be much of it, and only a part is kept. */
final class Findings {

    private static final int MAX_UNKNOWNS = 20;

    private final int maxFaults;

    /** Found while files are loaded, and while symbols are bound; what is bound at the first call stands last. */
    private final List<LoadFault> faults = new ArrayList<>();

    private final List<LoadFault> lateFaults = new ArrayList<>();
    private int count;
    private int lateCount;
    private boolean isScopeOpen;
    private final Set<String> unknowns = new LinkedHashSet<>();

    private final boolean isOpened;

    /** @param isOpened whether of libraries that a process opens after its start, of which it hears in other words */
    Findings(int maxFaults, boolean isOpened) {
        this.maxFaults = maxFaults;
        this.isOpened = isOpened;
    }

    void add(Kind kind, String object, String name, @Nullable String version, String line) {
        count++;
        if (faults.size() < maxFaults) {
            faults.add(new LoadFault(kind, object, name, version, line));
        }
    }

    /** What strikes when it is called. */
    void addLate(Kind kind, String object, String name, @Nullable String version, String line) {
        lateCount++;
        if (lateFaults.size() < maxFaults) {
            lateFaults.add(new LoadFault(kind, object, name, version, line));
        }
    }

    boolean isOpened() {
        return isOpened;
    }

    void unknown(String why) {
        if (unknowns.size() < MAX_UNKNOWNS) {
            unknowns.add(why);
        }
    }

    /** Of an object that may be loaded: what symbols it would offer is not known. */
    void unknownInScope(String why) {
        isScopeOpen = true;
        unknown(why);
    }

    /** Whether symbols that are not found may be there all the same. */
    boolean isScopeOpen() {
        return isScopeOpen;
    }

    boolean hasFaults() {
        return count > 0;
    }

    LoadProof proof(List<String> loaded) {
        if (count == 0 && !unknowns.isEmpty()) {
            return new LoadProof(Outcome.UNKNOWN, List.of(), List.copyOf(unknowns), loaded);
        }
        if (count + lateCount == 0) {
            return new LoadProof(Outcome.LOADS, List.of(), List.of(), loaded);
        }
        List<LoadFault> all = new ArrayList<>(faults);
        all.addAll(lateFaults.subList(0, Math.min(lateFaults.size(), maxFaults - faults.size())));
        return new LoadProof(Outcome.FAILS, all, List.of(), loaded, count == 0, count + lateCount);
    }
}
