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
     * As {@link #wants}, of a file in which {@link #wants} sees nothing: a link or a linked directory, perhaps of another layer, may give it the name under
     * which it is looked for. Told by the end of its name and by its first bytes. What it asks for is kept as long as a bound for the whole layer allows;
     * where that was not enough, whoever then asks for the content makes the image partial.
     *
     * @param head as for {@link #wants}; empty for a file whose name says that it need not be looked at
     */
    default Want wantsAsTarget(FileEntry file, byte[] head) {
        return Want.NOTHING;
    }

    /**
     * Looks at the squashed file system and adds what it believes. A file that is not there is no finding; a file that is there but broken is told by
     * {@link Findings#invalid}. Detectors run in the order of the list and may read what earlier ones found.
     */
    void detect(ImageView image, Findings findings);

    int HEAD_BYTES = 512;
}
