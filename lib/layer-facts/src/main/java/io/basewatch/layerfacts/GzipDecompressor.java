package io.basewatch.layerfacts;

import java.io.IOException;
import java.util.zip.CRC32;

/** Gzip (RFC 1952) of any number of members. Each member's checksum and length are verified. */
final class GzipDecompressor implements Decompressor {

    private static final int DEFLATE = 8;
    private static final int HEADER_CHECKSUM = 0x02;
    private static final int EXTRA = 0x04;
    private static final int NAME = 0x08;
    private static final int COMMENT = 0x10;
    private static final int RESERVED = 0xe0;

    private final StoredBytes stored;
    private final RawInflater inflater;
    private final CRC32 checksum = new CRC32();

    /** Of the member. */
    private long written;

    private boolean inMember;
    private boolean sawMember;
    private boolean ended;

    /**
     * @param inflater closed with this
     */
    GzipDecompressor(StoredBytes stored, RawInflater inflater) {
        this.stored = stored;
        this.inflater = inflater;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        while (!ended) {
            if (!inMember && !startMember()) {
                ended = true;
                break;
            }
            if (inflater.needsInput() && !inflater.hasEnded()) {
                if (!stored.fill()) {
                    throw truncated();
                }
                inflater.setInput(stored.buffer, stored.position, stored.limit - stored.position);
            }
            int count = inflater.inflate(buffer, offset, length);
            stored.position = stored.limit - inflater.remaining();
            checksum.update(buffer, offset, count);
            written += count;
            if (inflater.hasEnded()) {
                endMember();
            }
            if (count > 0) {
                return count;
            }
        }
        return -1;
    }

    /** Past the header of the next member, if there is one. What follows the last member is no fault of its own: see hasTrailingBytes. */
    private boolean startMember() throws IOException {
        if (sawMember && !nextIsMagic()) {
            return false;
        }
        sawMember = true;
        if (readByte() != 0x1f || readByte() != 0x8b) {
            throw LayerFault.corrupt("the gzip stream is broken: no magic number");
        }
        int method = readByte();
        if (method != DEFLATE) {
            throw LayerFault.corrupt("the gzip stream is broken: unknown compression method " + method);
        }
        int flags = readByte();
        if ((flags & RESERVED) != 0) {
            throw LayerFault.corrupt("the gzip stream is broken: reserved flags " + flags);
        }
        skip(6);
        if ((flags & EXTRA) != 0) {
            skip(readByte() | readByte() << 8);
        }
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        if ((flags & HEADER_CHECKSUM) != 0) {
            skip(2);
        }
        inflater.reset();
        checksum.reset();
        written = 0;
        inMember = true;
        return true;
    }

    private boolean nextIsMagic() throws IOException {
        if (!stored.fill()) {
            return false;
        }
        if (stored.position + 1 < stored.limit) {
            return stored.buffer[stored.position] == 0x1f && (stored.buffer[stored.position + 1] & 0xff) == 0x8b;
        }
        // The magic number straddles two buffers; a single 0x1f at the very end is then reported as a cut member.
        return stored.buffer[stored.position] == 0x1f;
    }

    private void endMember() throws IOException {
        inMember = false;
        long expected = readInt();
        if (expected != checksum.getValue()) {
            throw LayerFault.corrupt("the gzip stream is broken: its checksum does not fit");
        }
        if (readInt() != (written & 0xffffffffL)) {
            throw LayerFault.corrupt("the gzip stream is broken: its length does not fit");
        }
    }

    private long readInt() throws IOException {
        return readByte() | readByte() << 8 | readByte() << 16 | (long) readByte() << 24;
    }

    private int readByte() throws IOException {
        int b = inflater.giveBack();
        if (b < 0) {
            b = stored.read();
        }
        if (b < 0) {
            throw truncated();
        }
        return b;
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            readByte();
        }
    }

    private void skipText() throws IOException {
        while (readByte() != 0) {
            // A name or comment of any length; nobody needs it.
        }
    }

    private LayerFault truncated() {
        return LayerFault.corrupt("the gzip stream ends early, after " + stored.total() + " bytes");
    }

    @Override
    public boolean hasTrailingBytes() throws IOException {
        return stored.fill();
    }

    @Override
    public void close() {
        inflater.close();
    }
}
