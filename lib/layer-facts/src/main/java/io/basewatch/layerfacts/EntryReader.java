package io.basewatch.layerfacts;

import java.io.IOException;

/** Steps through what a layer lists, whichever way it is listed. It knows nothing of layers: whiteouts are files. */
abstract class EntryReader {

    /** The bytes that {@link #nextSlice} made available. They belong to the reader. */
    byte[] slice = {};

    int sliceOffset;
    int sliceLength;

    /**
     * @return false at the end
     * @throws LayerFault when the listing is broken here, or passes a limit
     */
    abstract boolean next() throws IOException;

    /** As written, nothing normalised. */
    abstract byte[] name();

    /** As written; empty when it is no link. */
    abstract byte[] link();

    /** In the letters of tar: {@code '0'} a file, {@code '1'} a hard link, {@code '2'} a symlink, {@code '5'} a directory. */
    abstract char type();

    final boolean isFile() {
        char type = type();
        return type == '0' || type == '7' || type == 'S';
    }

    abstract int mode();

    /** Of the content with the holes of a sparse file; 0 for everything that is no file. */
    abstract long size();

    /**
     * The next bytes of the content, into {@link #slice}, {@link #sliceOffset} and {@link #sliceLength}; good until the next call.
     *
     * @return false at the end of the content
     */
    abstract boolean nextSlice(int most) throws IOException;
}
