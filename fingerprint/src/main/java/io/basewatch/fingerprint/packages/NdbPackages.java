package io.basewatch.fingerprint.packages;

/**
 * Reads the blobs of rpm's own "ndb" format, which SUSE uses: pages of slots, each pointing to a blob. All little-endian. Source: rpm,
 * lib/backend/ndb/rpmpkg.c (header, slots, blob head).
 */
final class NdbPackages {

    private static final long MAGIC = 0x506d7052; // "RpmP"
    private static final long SLOT_MAGIC = 0x746f6c53; // "Slot"
    private static final long BLOB_MAGIC = 0x53626c42; // "BlbS"
    private static final int HEADER_BYTES = 32;
    private static final int SLOT_BYTES = 16;
    private static final int PAGE_BYTES = 4096;
    private static final int BLOCK_BYTES = 16;
    private static final int BLOB_HEAD_BYTES = 16;

    private NdbPackages() {}

    /** Takes one package's blob. */
    interface BlobReader {
        void blob(byte[] blob) throws BrokenDatabaseException;
    }

    static boolean isNdb(RpmBytes file) throws BrokenDatabaseException {
        return file.size() >= HEADER_BYTES && file.unsignedInt(0, false) == MAGIC;
    }

    /**
     * @throws BrokenDatabaseException at the first broken slot; the blobs before it were handed over
     */
    static void read(RpmBytes file, BlobReader blobs) throws BrokenDatabaseException {
        long slotBytes = file.unsignedInt(12, false) * PAGE_BYTES;
        if (slotBytes > file.size()) {
            throw new BrokenDatabaseException("says it has " + slotBytes + " bytes of slots");
        }
        long bytes = 0;
        for (long slot = HEADER_BYTES; slot + SLOT_BYTES <= slotBytes; slot += SLOT_BYTES) {
            if (file.unsignedInt(slot, false) != SLOT_MAGIC) {
                throw new BrokenDatabaseException("has something else than a slot at " + slot);
            }
            long packageNumber = file.unsignedInt(slot + 4, false);
            if (packageNumber != 0) {
                long blob = file.unsignedInt(slot + 8, false) * BLOCK_BYTES;
                long length = file.unsignedInt(blob + 12, false);
                bytes += length;
                // Blobs do not overlap: their sum cannot pass the file, which also bounds the time this takes.
                if (file.unsignedInt(blob, false) != BLOB_MAGIC
                        || file.unsignedInt(blob + 4, false) != packageNumber
                        || bytes > file.size()) {
                    throw new BrokenDatabaseException("has no blob of package " + packageNumber + " at " + blob);
                }
                blobs.blob(file.copy(blob + BLOB_HEAD_BYTES, (int) length));
            }
        }
    }
}
