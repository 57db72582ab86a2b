package io.basewatch.layerfacts;

/** A buffer of uncompressed bytes on its way from who fills it to who walks it; belongs to one of them at a time. */
final class Chunk {

    /** A multiple of a tar block, so that no block straddles two. */
    static final int BYTES = 128 << 10;

    final byte[] bytes = new byte[BYTES];
    int length;
}
