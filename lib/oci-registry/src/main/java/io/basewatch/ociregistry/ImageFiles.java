package io.basewatch.ociregistry;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** The files of an image that was written to disk: a folder, or a tar archive. */
interface ImageFiles {

    /**
     * @param path relative, with slashes; never looked for outside of the files
     */
    Optional<Part> find(String path) throws IOException;

    /** One file. */
    interface Part {
        long size();

        InputStream open() throws IOException;
    }
}
