package io.basewatch.fingerprint;

import io.basewatch.elf.ElfFiles;
import io.basewatch.layerfacts.ImageView;

/**
 * Recognises one kind of trace that an image can carry. Stateless. What it needs kept of layers is an interest of one of the {@link Kinds}. Adding one: its
 * package, one entry in {@link Detectors#all()}, one in {@link Kinds#all()} if it wants more than others do, a fixture folder.
 */
public interface Detector {

    /** {@code name/version}. A new version re-derives the results of stored facts. */
    String id();

    /**
     * Looks at the squashed file system and adds what it believes. A file that is not there is no finding; a file that is there but broken is told by
     * {@link Findings#invalid}. Detectors run in the order of the list and may read what earlier ones found.
     *
     * @param elfFiles of the same image: what of them cannot be read is told for all detectors together
     */
    void detect(ImageView image, ElfFiles elfFiles, Findings findings);
}
