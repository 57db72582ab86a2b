package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.ImageInputs;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The root file system as a container would see it: layers laid over each other bottom-up, whiteouts, opaque directories and links honoured. Immutable.
 */
public interface ImageView {

    /**
     * The entry at a path, following links in every component including the last, inside the root.
     *
     * @param path with or without a leading slash
     * @return empty when there is none, the link dangles or loops
     */
    Optional<ImageFile> find(String path);

    /** As {@link #find}, but a link in the last component is returned itself. */
    Optional<ImageFile> findNoFollow(String path);

    /** The entries of a directory (links followed), in order of their names; empty when it is none. */
    Stream<ImageFile> list(String directory);

    /** All entries but directories, in order of their paths. */
    Stream<ImageFile> files();

    /** Those of {@link #files()} whose last component is one of these names. */
    default Stream<ImageFile> filesNamed(FileNames names) {
        return files().filter(file -> names.hold(file.entry().name()));
    }

    /** All files for which a probe of that kind kept facts, in order of their paths. Hard links to one file each appear. */
    Stream<ImageFile> filesWithFacts(String probeKind);

    /**
     * What a layer brought to exactly that path and a higher one took away again or replaced, the highest first. No part of the root file system: it can
     * only add to what the root file system says.
     */
    Stream<ImageFile> hidden(String path);

    ImageInputs inputs();

    /**
     * What follows from the view and from what is given, and from nothing else. Where many images are looked at it may be what was drawn from another one, in which
     * nothing of what was looked at is different.
     *
     * @param type of the answer, and which question it is
     * @param narrowed what of the inputs the answer may rest on: the view that it is drawn from has no others
     * @param given all else that it rests on; told apart by {@code equals}
     */
    default <T> T conclude(Class<T> type, ImageInputs narrowed, Object given, Conclusion<ImageView, T> conclusion) {
        return conclusion.draw(this);
    }

    /** Whether all of the image was read. Where not, what is not found may be there all the same: no detector may conclude anything from its absence. */
    boolean isWhole();
}
