package io.basewatch.embeddedstore;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.SFChunk;
import org.h2.mvstore.SingleFileStore;
import org.jspecify.annotations.Nullable;

/**
 * H2's file, whose header names the last chunk after each commit, and which may be killed while it is made.
 *
 * <p>H2 spares itself the header for up to twenty commits and finds the last of them, after a kill, by the place that each chunk names for its
 * follower. The space of such a follower may be written over by the very commit that is then killed; those behind it are in the file, but nothing
 * leads to them any more, and H2 takes the newest state that it does find, an older one, for the last.
 *
 * <p>Nothing is written over that the disk may still need: H2 itself cares for that only by time, and not at all while it moves chunks together.
 */
final class HeadedFile extends SingleFileStore {

    /** Of the header: that the file was closed in order. That ends with the next chunk: H2 takes it away and writes the header. */
    private static final String CLEAN = "clean";

    private static final int BLOCK_BYTES = 4096;

    /** The header is one block, twice. */
    private static final int HEADER_BYTES = 2 * BLOCK_BYTES;

    /** What each of them begins with. */
    private static final byte[] HEADER_START = "H:2,".getBytes(StandardCharsets.ISO_8859_1);

    private final boolean isSearched;

    /** Blocks that were given up since the disk was forced: the last state that is on it for certain may need what they hold. */
    private final BitSet givenUp = new BitSet();

    private final Object forcing = new Object();

    private HeadedFile(boolean isSearched) {
        super(Map.of());
        this.isSearched = isSearched;
    }

    /**
     * @param name with the prefix of its file system, in H2's way; without one it is the operating system's
     * @param isSearched whether its last state is looked for in all of it, and not only where the header leads
     * @throws org.h2.mvstore.MVStoreException when it is in use by another process, or cannot be opened
     */
    static HeadedFile at(String name, boolean isSearched) {
        HeadedFile file = new HeadedFile(isSearched);
        file.open(name, false, null);
        if (file.isOnlyBegun()) {
            file.truncate(0);
        }
        return file;
    }

    /** Whether there is nothing but the header, or what has been written of it. */
    private boolean isOnlyBegun() {
        if (size() > HEADER_BYTES) {
            return false;
        }
        byte[] bytes = readFully((SFChunk) null, 0, (int) size()).array();
        for (int from = 0; from < bytes.length; from += BLOCK_BYTES) {
            byte[] start = Arrays.copyOfRange(bytes, from, from + HEADER_START.length);
            if (!Arrays.equals(start, HEADER_START) && !Arrays.equals(start, new byte[HEADER_START.length])) {
                return false;
            }
        }
        return true;
    }

    @Override
    protected void readStoreHeader(boolean recoveryMode) {
        super.readStoreHeader(recoveryMode || isSearched);
    }

    /** The version that the header names, until another is written. */
    long headerVersion() {
        return DataUtils.readHexLong(getStoreHeader(), "version", 0);
    }

    @Override
    protected void free(long position, int length) {
        synchronized (givenUp) {
            givenUp.set(block(position), block(position + length));
        }
        super.free(position, length);
    }

    @Override
    public void sync() {
        // One after the other: who waits to write over a block does so only when it is forced, and then the block is
        // nobody else's to take off.
        synchronized (forcing) {
            BitSet forced;
            synchronized (givenUp) {
                forced = (BitSet) givenUp.clone();
            }
            super.sync();
            synchronized (givenUp) {
                givenUp.andNot(forced);
            }
        }
    }

    private boolean isGivenUp(long position, int length) {
        synchronized (givenUp) {
            int first = givenUp.nextSetBit(block(position));
            return first >= 0 && first < block(position + length + BLOCK_BYTES - 1);
        }
    }

    private static int block(long position) {
        return Math.toIntExact(position / BLOCK_BYTES);
    }

    /** @param chunk null for the header and for what is only moved */
    @Override
    protected void writeFully(@Nullable SFChunk chunk, long position, ByteBuffer bytes) {
        if (isGivenUp(position, bytes.remaining())) {
            sync();
        }
        super.writeFully(chunk, position, bytes);
        if (chunk != null) {
            getStoreHeader().put(CLEAN, 1);
        }
    }
}
