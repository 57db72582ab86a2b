package io.basewatch.layerfacts;

/**
 * Takes one file's bytes as they stream by and keeps what is worth keeping. Its memory is bounded whatever the file's size. The bytes are hostile:
 * a probe never throws for them; what it cannot understand it says in its facts.
 */
public interface FileProbe {

    /** The next bytes of the file, in order. The buffer belongs to the caller and is reused after the call. */
    void accept(byte[] buffer, int offset, int length);

    /**
     * After the last byte. Called once.
     *
     * @return the facts in the probe's own, versioned encoding; empty when there is nothing worth keeping
     */
    byte[] finish();
}
