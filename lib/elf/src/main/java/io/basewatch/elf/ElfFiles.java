package io.basewatch.elf;

import io.basewatch.fleetmodel.Reason;
import java.util.List;
import java.util.Optional;

/**
 * The ELF files of an image, or of whatever stands for one: each is decoded once for all who ask. Whether all of the image was read its view tells.
 */
public interface ElfFiles {

    /** Every name of every ELF file, in order of the paths. Up to a bound, of which {@link #reasons} tells. */
    List<ElfFile> all();

    /**
     * The ELF file at a path, following links in every component including the last, inside the root.
     *
     * @return empty when there is none, the link dangles or loops, or it is another kind of file
     */
    Optional<ElfFile> find(String path);

    /**
     * All that is known of a file. Of a list that {@link ElfReading#cuts} names, nothing may be concluded from what it lacks.
     *
     * @param file one that these files told of
     * @return empty when its facts cannot be read, of which {@link #reasons} tells
     */
    Optional<ElfFacts> facts(ElfFile file);

    /** What of the files seen so far could not be read, or only in part: each once. */
    List<Reason> reasons();
}
