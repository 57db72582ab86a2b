package io.basewatch.layerfacts;

import java.io.IOException;

/** Turns stored bytes into uncompressed ones, reading the stored ones to the end of the compressed stream. */
interface Decompressor extends AutoCloseable {

    /**
     * @return how many bytes were written to the buffer, at least one; -1 at the end
     * @throws LayerFault when the stream is broken
     */
    int read(byte[] buffer, int offset, int length) throws IOException;

    /** Bytes after the end of the compressed stream that are no part of it; looked at after the end. They are left unread. */
    boolean hasTrailingBytes() throws IOException;

    @Override
    void close();
}
