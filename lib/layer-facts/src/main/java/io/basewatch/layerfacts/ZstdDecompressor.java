package io.basewatch.layerfacts;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;

/** Zstandard (RFC 8878): any number of frames and skippable frames, windows up to {@value #WINDOW_LOG} bits. */
final class ZstdDecompressor implements Decompressor {

    /** 128 MiB, the most that {@code zstd --ultra -22} uses and the most that the reference decoder allows unless told otherwise. */
    private static final int WINDOW_LOG = 27;

    private final StoredBytes stored;
    private final ZstdInputStreamNoFinalizer in;

    ZstdDecompressor(StoredBytes stored) throws IOException {
        this.stored = stored;
        this.in = new ZstdInputStreamNoFinalizer(stored);
        in.setLongMax(WINDOW_LOG);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            return in.read(buffer, offset, length);
        } catch (LayerFault e) {
            throw e;
        } catch (ZstdIOException e) {
            if (e.getErrorCode() == Zstd.errFrameParameterWindowTooLarge()) {
                throw LayerFault.limit(
                        "the zstd stream wants a window of more than " + (1 << (WINDOW_LOG - 20)) + " MiB");
            }
            throw LayerFault.corrupt("the zstd stream is broken: " + e.getMessage());
        } catch (IOException e) {
            if (stored.failedWith(e) || e instanceof java.io.InterruptedIOException) {
                throw e;
            }
            throw LayerFault.corrupt("the zstd stream is broken: " + e.getMessage());
        }
    }

    @Override
    public boolean hasTrailingBytes() {
        return false;
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new IllegalStateException("closing bytes in memory failed", e);
        }
    }
}
