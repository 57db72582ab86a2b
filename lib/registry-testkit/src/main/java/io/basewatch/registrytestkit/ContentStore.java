package io.basewatch.registrytestkit;

import io.basewatch.fleetmodel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.SortedSet;

/** Where a registry keeps what it was given: in memory or in a folder. */
interface ContentStore {

    /** Stored bytes that can be read more than once. */
    interface Blob {
        long size();

        InputStream open() throws IOException;
    }

    /** A blob on its way in: bytes are appended by several requests, then it is finished or dropped. */
    interface Upload {
        OutputStream append() throws IOException;

        long size() throws IOException;

        InputStream open() throws IOException;

        /** Makes it a blob of that digest, which the caller has checked. */
        void finish(Digest digest) throws IOException;

        void drop() throws IOException;
    }

    Upload newUpload() throws IOException;

    Optional<Blob> blob(Digest digest) throws IOException;

    void removeBlob(Digest digest) throws IOException;

    /** Remembers that a blob is a manifest of a repository. */
    void putManifest(String repository, Digest digest, String mediaType) throws IOException;

    /** The media type of a repository's manifest; empty when it has none of that digest. */
    Optional<String> manifestType(String repository, Digest digest) throws IOException;

    /** Forgets a manifest and the tags that point at it. */
    void removeManifest(String repository, Digest digest) throws IOException;

    void tag(String repository, String tag, Digest digest) throws IOException;

    Optional<Digest> tagged(String repository, String tag) throws IOException;

    void removeTag(String repository, String tag) throws IOException;

    SortedSet<String> repositories() throws IOException;

    SortedSet<String> tags(String repository) throws IOException;
}
