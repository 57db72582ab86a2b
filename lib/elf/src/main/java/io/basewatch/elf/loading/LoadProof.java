package io.basewatch.elf.loading;

import java.util.List;

/**
 * What a loader would do with an object.
 *
 * @param faults in the order in which the loader prints them, those of libraries that it needs included; empty exactly when it loads or nothing can be known
 * @param unknowns why it cannot be known, for people; empty otherwise
 * @param loaded the paths of all objects that are loaded with it, in load order, itself first
 */
public record LoadProof(Outcome outcome, List<LoadFault> faults, List<String> unknowns, List<String> loaded) {

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
}
