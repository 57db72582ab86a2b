package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Reason;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a layer is stored, told by its first bytes. */
enum Compression {
    GZIP,
    ZSTD,
    NONE;

    private static final int MAGIC_BYTES = 6;

    /**
     * @throws LayerFault when the bytes are a compression that is not read
     */
    static Compression recognise(StoredBytes stored) throws IOException {
        byte[] head = stored.peek(MAGIC_BYTES);
        if (startsWith(head, 0x1f, 0x8b)) {
            return GZIP;
        }
        // A frame, or one of the sixteen kinds of skippable frames (RFC 8878, 3.1).
        if (startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)
                || (head.length >= 4
                        && (head[0] & 0xf0) == 0x50
                        && head[1] == 0x2a
                        && head[2] == 0x4d
                        && head[3] == 0x18)) {
            return ZSTD;
        }
        if (startsWith(head, 'B', 'Z', 'h')) {
            throw new LayerFault(Reason.Code.UNSUPPORTED_FORMAT, "the layer is compressed with bzip2");
        }
        if (startsWith(head, 0xfd, '7', 'z', 'X', 'Z', 0)) {
            throw new LayerFault(Reason.Code.UNSUPPORTED_FORMAT, "the layer is compressed with xz");
        }
        return NONE;
    }

    /** What a layer's media type claims; null when it claims nothing that is known. */
    static @Nullable Compression claimedBy(String mediaType) {
        String type = mediaType.toLowerCase(Locale.ROOT);
        if (type.endsWith("gzip")) {
            return GZIP;
        }
        if (type.endsWith("zstd")) {
            return ZSTD;
        }
        return type.endsWith(".tar") ? NONE : null;
    }

    Decompressor open(StoredBytes stored) throws IOException {
        return switch (this) {
            case GZIP -> new GzipDecompressor(stored, new ZlibInflater());
            case ZSTD -> new ZstdDecompressor(stored);
            case NONE -> new PlainBytes(stored);
        };
    }

    private static boolean startsWith(byte[] head, int... magic) {
        if (head.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((head[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return this == NONE ? "plain tar" : name().toLowerCase(Locale.ROOT);
    }
}
