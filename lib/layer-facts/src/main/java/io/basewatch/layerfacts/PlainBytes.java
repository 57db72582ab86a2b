package io.basewatch.layerfacts;

import java.io.IOException;

/** No compression. */
record PlainBytes(StoredBytes stored) implements Decompressor {

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        return stored.read(buffer, offset, length);
    }

    @Override
    public boolean hasTrailingBytes() {
        return false;
    }

    @Override
    public void close() {}
}
