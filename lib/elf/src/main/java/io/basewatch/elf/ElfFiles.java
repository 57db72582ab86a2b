package io.basewatch.elf;

import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.ImageView;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

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

    /**
     * Of its facts what it asks of others' versions, for who asks of many files: symbols are most of a file's facts, and are not read for it.
     *
     * @param file one that these files told of
     * @return empty when its facts cannot be read, of which {@link #reasons} tells
     */
    default Optional<ElfVersions> versions(ElfFile file) {
        return facts(file).map(ElfFacts::versions);
    }

    /** What somebody makes of a file's facts alone. Never changes. */
    interface Derived {

        /** Of the heap, about. */
        int bytes();
    }

    /**
     * What is made of a file's facts. The same may be answered for other images that have the same file.
     *
     * @param file one that these files told of
     * @param make pure
     * @return empty when its facts cannot be read, of which {@link #reasons} tells
     */
    default <T extends Derived> Optional<T> derived(ElfFile file, Class<T> type, Function<ElfFacts, T> make) {
        return facts(file).map(make);
    }

    /** The same files, found through a view of the same image that says what is looked at. */
    default ElfFiles through(ImageView view) {
        return this;
    }

    /** What of the files seen so far could not be read, or only in part: each once. */
    List<Reason> reasons();
}
