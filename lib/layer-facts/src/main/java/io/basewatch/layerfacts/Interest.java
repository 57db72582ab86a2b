package io.basewatch.layerfacts;

/** What somebody wants kept of a layer's files. Stateless; threads may share it. */
public interface Interest {

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

    /** By what files show that they may be wanted: {@link #wants} and {@link #wantsAsTarget} are asked about no others, and want nothing of them. */
    default Hints hints() {
        return Hints.ALL;
    }

    int HEAD_BYTES = 512;
}
