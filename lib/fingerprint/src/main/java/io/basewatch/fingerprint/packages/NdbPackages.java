package io.basewatch.fingerprint.packages;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.Adler32;

/**
 * Reads the blobs of rpm's own "ndb" format, which SUSE uses: pages of slots, each pointing to a blob. All little-endian. Source: rpm,
 * lib/backend/ndb/rpmpkg.c (header, slots, blob head and tail with an Adler-32 of all before it).
 */
final class NdbPackages {

    private static final long MAGIC = 0x506d7052; // "RpmP"
    private static final long SLOT_MAGIC = 0x746f6c53; // "Slot"
    private static final int BLOB_MAGIC = 0x53626c42; // "BlbS"
    private static final int HEADER_BYTES = 32;
    private static final int SLOT_BYTES = 16;
    private static final int PAGE_BYTES = 4096;
    private static final int BLOCK_BYTES = 16;
    private static final int BLOB_HEAD_BYTES = 16;
    private static final int BLOB_END_MAGIC = 0x45626c42; // "BlbE"
    private static final int BLOB_TAIL_BYTES = 12;

    private NdbPackages() {}

    /** Takes one package's blob. */
    interface BlobReader {
        void blob(byte[] blob) throws BrokenDatabaseException;
    }

    static boolean startsLikeOne(byte[] head) {
        return head.length >= 4 && ByteBuffer.wrap(head).getInt() == Integer.reverseBytes((int) MAGIC);
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
                long blobBytes = file.unsignedInt(slot + 12, false) * BLOCK_BYTES;
                bytes += blobBytes;
                // Blobs do not overlap: their sum cannot pass the file, which also bounds the time this takes.
                if (bytes > file.size()) {
                    throw new BrokenDatabaseException("has no room for package " + packageNumber + " at " + blob);
                }
                blobs.blob(blob(file.copy(blob, (int) blobBytes), packageNumber));
            }
        }
    }

    private static byte[] blob(byte[] whole, long packageNumber) throws BrokenDatabaseException {
        ByteBuffer blob = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
        int tail = whole.length - BLOB_TAIL_BYTES;
        long length = tail < BLOB_HEAD_BYTES ? 0 : Integer.toUnsignedLong(blob.getInt(12));
        if (tail < BLOB_HEAD_BYTES
                || length > tail - BLOB_HEAD_BYTES
                || blob.getInt(0) != BLOB_MAGIC
                || blob.getInt(4) != (int) packageNumber
                || blob.getInt(tail + 4) != length
                || blob.getInt(tail + 8) != BLOB_END_MAGIC) {
            throw new BrokenDatabaseException("has no whole blob of package " + packageNumber + " where its slot says");
        }
        Adler32 checksum = new Adler32();
        checksum.update(whole, 0, tail);
        if ((int) checksum.getValue() != blob.getInt(tail)) {
            throw new BrokenDatabaseException("has a blob of package " + packageNumber + " with a wrong checksum");
        }
        return Arrays.copyOfRange(whole, BLOB_HEAD_BYTES, BLOB_HEAD_BYTES + (int) length);
    }
}
