package io.basewatch.fingerprint;

/**
 * Recognises one kind of trace that an image can carry. Stateless. Adding one: its package, one entry in {@link Detectors#all()}, a fixture folder.
 */
public interface Detector {

    /** {@code name/version}. A new version re-derives the results of stored facts. */
    String id();

    /**
     * Decided while the layer streams by, for each regular file.
     *
     * @param head the first bytes of the content, up to {@value #HEAD_BYTES}; shorter only when the file is
     */
    Want wants(FileEntry file, byte[] head);

    /**
     * Looks at the squashed file system and adds what it believes. A file that is not there is no finding; a file that is there but broken is told by
     * {@link Findings#invalid}. Detectors run in the order of the list and may read what earlier ones found.
     */
    void detect(ImageView image, Findings findings);

    int HEAD_BYTES = 512;
}
