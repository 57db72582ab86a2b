package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** A digest in a fraction of its room: there are millions of them. In the order of the digests' texts. */
final class Hash implements Comparable<Hash> {

    private static final String COMPACT = "sha256";

    private final long first;
    private final long second;
    private final long third;
    private final long fourth;

    /** The digest itself, where it is of another kind. */
    private final @Nullable Digest other;

    private Hash(ByteBuffer bytes, @Nullable Digest other) {
        this.first = bytes.getLong();
        this.second = bytes.getLong();
        this.third = bytes.getLong();
        this.fourth = bytes.getLong();
        this.other = other;
    }

    static Hash of(Digest digest) {
        ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(digest.hex()));
        return new Hash(bytes, digest.algorithm().equals(COMPACT) ? null : digest);
    }

    Digest digest() {
        if (other != null) {
            return other;
        }
        byte[] bytes = ByteBuffer.allocate(Long.BYTES * 4)
                .putLong(first)
                .putLong(second)
                .putLong(third)
                .putLong(fourth)
                .array();
        return Digest.ofSha256(bytes);
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof Hash hash
                && first == hash.first
                && second == hash.second
                && third == hash.third
                && fourth == hash.fourth
                && (other == null ? hash.other == null : other.equals(hash.other));
    }

    @Override
    public int hashCode() {
        return Long.hashCode(first ^ second);
    }

    @Override
    public int compareTo(Hash hash) {
        if (other != null || hash.other != null) {
            return digest().compareTo(hash.digest());
        }
        int order = Long.compareUnsigned(first, hash.first);
        order = order != 0 ? order : Long.compareUnsigned(second, hash.second);
        order = order != 0 ? order : Long.compareUnsigned(third, hash.third);
        return order != 0 ? order : Long.compareUnsigned(fourth, hash.fourth);
    }
}
