package io.basewatch.elf.loading;

import java.util.List;

/**
 * What a loader would do with an object.
 *
 * @param faults in the order in which the loader comes to them, those of libraries that it needs included, within one object by names; empty exactly when it loads
 *     or nothing can be known. Up to a bound
 * @param unknowns why it cannot be known, for people; empty otherwise
 * @param loaded the paths of all objects that are loaded with it, in load order, itself first
 * @param atCall whether everything that is missing is bound lazily: it loads, and ends when the first missing function is called
 * @param faultCount of all faults, also of those that are not kept
 */
public record LoadProof(
        Outcome outcome,
        List<LoadFault> faults,
        List<String> unknowns,
        List<String> loaded,
        boolean atCall,
        int faultCount) {

    public enum Outcome {
        LOADS,
        FAILS,
        UNKNOWN
    }

    public LoadProof {
        faults = List.copyOf(faults);
        unknowns = List.copyOf(unknowns);
        loaded = List.copyOf(loaded);
    }

    public LoadProof(Outcome outcome, List<LoadFault> faults, List<String> unknowns, List<String> loaded) {
        this(outcome, faults, unknowns, loaded, false, faults.size());
    }
}
