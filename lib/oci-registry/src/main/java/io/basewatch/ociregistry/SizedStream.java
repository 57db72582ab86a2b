package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** So many bytes of a file, and not one less. */
final class SizedStream extends InputStream {

    private final InputStream in;
    private final String what;
    private final long size;
    private long left;

    SizedStream(InputStream in, long size, String what) {
        this.in = in;
        this.size = size;
        this.left = size;
        this.what = what;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (left == 0) {
            return -1;
        }
        int count;
        try {
            count = in.read(into, offset, (int) Math.min(length, left));
        } catch (IOException e) {
            throw RegistryException.permanent(
                    Reason.Code.BLOB_MISSING,
                    what + ": cannot be read after " + (size - left) + " of " + size + " bytes: "
                            + Printable.text(String.valueOf(e.getMessage())),
                    e);
        }
        if (count < 0) {
            throw RegistryException.permanent(
                    Reason.Code.SIZE_MISMATCH, what + ": ends after " + (size - left) + " of " + size + " bytes");
        }
        left -= count;
        return count;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
