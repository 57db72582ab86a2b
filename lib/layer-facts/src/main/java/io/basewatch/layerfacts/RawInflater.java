package io.basewatch.layerfacts;

/** Inflates streams of DEFLATE (RFC 1951), one after the other. For one thread. */
interface RawInflater extends AutoCloseable {

    /** To be asked before each {@link #inflate}: all it was given is used up, and what comes out depends on more. */
    boolean needsInput();

    /**
     * @param bytes stay as they are until they are used up
     */
    void setInput(byte[] bytes, int offset, int length);

    /**
     * @return how many bytes were written; 0 when it needs input or the stream has ended
     * @throws LayerFault when the stream is broken
     */
    int inflate(byte[] target, int offset, int length) throws LayerFault;

    boolean hasEnded();

    /** How many bytes of the last input it did not look at. */
    int remaining();

    /**
     * It may have looked at some bytes behind the stream that has ended; each is given back once, from the first.
     *
     * @return -1 when there are no more
     */
    int giveBack();

    /** For the next stream. What is left of the input is to be given anew. */
    void reset();

    @Override
    void close();
}
