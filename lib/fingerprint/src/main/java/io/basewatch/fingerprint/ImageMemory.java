package io.basewatch.fingerprint;

import io.basewatch.elf.ElfMemory;
import io.basewatch.layerfacts.Footings;

/**
 * What one image leaves for the next ones: most of a fleet's files are those of a few bases, and so is most of what follows from them. Nothing that is answered depends
 * on it. Thread-safe.
 *
 * @param elfFiles decoded
 * @param footings laid, with what was concluded on them
 */
public record ImageMemory(ElfMemory elfFiles, Footings footings) {

    /** @param maxBytes of the heap, about, for each of both */
    public ImageMemory(long maxBytes) {
        this(new ElfMemory(maxBytes), new Footings(maxBytes));
    }
}
