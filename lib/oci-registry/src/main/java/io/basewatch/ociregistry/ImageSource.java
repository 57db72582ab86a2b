package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import java.io.InputStream;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/**
 * Where the manifests and blobs of one repository can be read: a registry's repository, an OCI layout, a docker archive.
 * May be used by several threads.
 */
public interface ImageSource extends AutoCloseable {

    /** How people name this tag or digest of this source: {@code registry.example.com/team/app:1.2}. */
    String reference(String tagOrDigest);

    /**
     * Reads a manifest of at most 4 MiB. Its digest is computed from the bytes; when it was asked for by digest, it is that digest. A size that it does not tell of a layer is
     * found out here.
     *
     * @throws RegistryException {@code MANIFEST_MISSING}, {@code MANIFEST_INVALID}, {@code DIGEST_MISMATCH}, {@code LIMIT_EXCEEDED}, or what kept the source from answering
     */
    Manifest manifest(String tagOrDigest) throws RegistryException;

    /**
     * Reads an image's config of at most 8 MiB, verified against its descriptor.
     *
     * @throws RegistryException {@code CONFIG_MISSING}, {@code CONFIG_INVALID}, {@code DIGEST_MISMATCH}, {@code SIZE_MISMATCH}, {@code LIMIT_EXCEEDED}, or what kept the source from answering
     */
    ImageConfig config(Descriptor config) throws RegistryException;

    /**
     * Opens a blob's stored bytes as a stream that never gives more than {@link Descriptor#size()} bytes: one byte too many, or an end too early, is an exception.
     * The bytes are <em>not</em> verified against the digest, the reader of the layer does that. Reads that fail throw a {@link RegistryException} too.
     * A stream from a registry picks up where it was cut off, when the registry allows that. Closing it early drops the connection.
     *
     * @throws RegistryException {@code BLOB_MISSING}, {@code FOREIGN_LAYER} (never fetched), {@code SIZE_MISMATCH}, or what kept the source from answering
     */
    InputStream blob(Descriptor blob) throws RegistryException;

    /**
     * Opens a part of a blob, as {@link #blob} opens the whole: exactly so many bytes or an exception, not verified.
     *
     * @param length with the offset within {@link Descriptor#size()}
     * @return empty when the source gives no parts of blobs: a registry that ignores Range, or a file, of which reading the whole costs no transfer
     * @throws RegistryException as {@link #blob}
     */
    default Optional<InputStream> range(Descriptor blob, long offset, long length) throws RegistryException {
        return Optional.empty();
    }

    /**
     * Follows a tag or digest through all of its (nested) indexes to the runnable Linux images. An image that is promised but cannot be read is still one of them,
     * so that its analysis can say why; only a source that does not answer is an exception.
     *
     * @throws RegistryException when the tag's own manifest cannot be had, or the source did not answer
     */
    ImageTargets resolve(String tagOrDigest) throws RegistryException;

    /** What is to be known of an image beside its analysis: what the source itself says of it, and is not so. */
    default List<Reason> remarks(Digest image) {
        return List.of();
    }

    /**
     * The day from which on an image has ended, as what refers to it says: see {@link io.basewatch.fleetmodel.PublishedEnd}. One question, or none where the source cannot be asked for that.
     *
     * @param subject the image, or an index that has it
     * @return empty where nobody says so, or the source has no such list
     * @throws RegistryException when it has one and did not give it, or not all of it
     */
    default Optional<LocalDate> publisherEnds(Digest subject) throws RegistryException {
        return Optional.empty();
    }

    /** Gives back what the source holds open; a registry's repository holds nothing of its own. */
    @Override
    void close() throws RegistryException;
}
