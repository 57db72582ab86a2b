package io.basewatch.elf.loading;

import io.basewatch.elf.ElfFiles;
import io.basewatch.layerfacts.FileEntry;
import java.util.Optional;
import java.util.stream.Stream;

/** A root file system as a loader looks at it. */
public interface LoaderView {

    /**
     * The entry at a path, following links in every component including the last, inside the root.
     *
     * @return empty when there is none, the link dangles or loops
     */
    Optional<FileEntry> find(String path);

    /** The entries of a directory (links followed), in order of their names; empty when it is none. */
    Stream<FileEntry> list(String directory);

    /**
     * What is known of the content of a text file, such as a loader's settings: its first bytes as ISO 8859-1.
     *
     * @return empty when there is no such file, and also when nothing is kept of its content, which {@link #find} tells apart
     */
    Optional<String> text(String path);

    ElfFiles elfFiles();

    /** Whether all of the image was read. Where not, what is not found may be there all the same: nothing that rests on an absence is certain. */
    boolean isWhole();
}
