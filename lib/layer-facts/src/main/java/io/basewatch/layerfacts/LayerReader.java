package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one layer's stored bytes in one pass: uncompresses, digests both sides, walks the tar and keeps what the kinds want. Threads may share it.
 *
 * <p>A layer that is not small is read by two threads: the caller's, which alone touches the source, and another one that lives as long as the reading.
 *
 * <p>Memory of one reading, whatever the layer's size: buffers of under 4 MiB, the facts (see {@link LayerLimits#maxFactsBytes}), the probes of one file,
 * and outside the heap 320 KiB of ISA-L or a zstd stream's window of up to 128 MiB.
 */
public final class LayerReader {

    /** Stored. Below it a thread costs more than it brings. */
    private static final long BYTES_WORTH_A_THREAD = 512 << 10;

    private final LayerLimits limits;
    private final List<FactsKind> kinds;

    /** A layer's stored bytes, as often as they are asked for. */
    public interface Stored {

        /**
         * @return from their begin
         * @throws IOException when the source fails
         */
        InputStream open() throws IOException;
    }

    public LayerReader(LayerLimits limits, List<FactsKind> kinds) {
        this.limits = limits;
        this.kinds = List.copyOf(kinds);
    }

    /**
     * As {@link #read(InputStream, Expected)}, with the help of ISA-L where there is one. The stored bytes are opened once, and once more only where it did not like them, or what came
     * out of it is not what it should be.
     */
    public LayerFacts read(Stored stored, Expected expected, Isal isal) throws LayerException, IOException {
        try (InputStream bytes = stored.open()) {
            return new Reading(bytes, expected, isal).run();
        } catch (DoubtException e) {
            // Read again, below.
        }
        LayerFacts read;
        try (InputStream bytes = stored.open()) {
            read = read(bytes, expected);
        }
        isal.refuse();
        return read;
    }

    /** What ISA-L made of a layer is not believed: it is to blame, unless the layer is. */
    private static final class DoubtException extends IOException {

        DoubtException() {
            super("read again without ISA-L");
        }
    }

    /**
     * @param stored read to its end, or to the point where the layer turned out broken or too large; not closed
     * @throws LayerException when the layer is not what was promised, is broken, or passes a limit; with the facts that are known nevertheless
     * @throws IOException when the source fails: the layer itself may be fine
     */
    public LayerFacts read(InputStream stored, Expected expected) throws LayerException, IOException {
        return new Reading(stored, expected, Isal.none()).run();
    }

    /** The state of reading one layer. */
    private final class Reading {

        private final Expected expected;
        private final Deadline deadline = new Deadline(limits.maxTime());
        private final StoredBytes stored;
        private final FactsWriter facts = new FactsWriter(kinds, limits);
        private final Isal isal;
        private @Nullable Uncompressed uncompressed;
        private boolean byIsal;

        Reading(InputStream in, Expected expected, Isal isal) {
            this.expected = expected;
            this.isal = isal;
            this.stored = new StoredBytes(in, expected.digest(), expected.size(), limits.maxBytesOut(), deadline);
        }

        LayerFacts run() throws LayerException, IOException {
            Digest diffId;
            try {
                diffId = walk();
                stored.drain();
            } catch (LayerFault fault) {
                if (byIsal && mayBeOfIsal(fault)) {
                    throw new DoubtException();
                }
                throw explain(fault);
            }
            Digest digest = stored.digest();
            if (expected.digest() != null && !expected.digest().equals(digest)) {
                throw wrongBytes(digest);
            }
            LayerFacts read = facts.finish(digest, diffId, stored.total(), uncompressedBytes(), true);
            if (expected.size() >= 0 && stored.total() != expected.size()) {
                throw new LayerException(wrongSize(), expected.digest() == null ? null : read, null);
            }
            if (expected.diffId() != null && !expected.diffId().equals(diffId)) {
                if (byIsal) {
                    throw new DoubtException();
                }
                throw new LayerException(
                        new Reason(
                                Reason.Code.DIFF_ID_MISMATCH,
                                "layer " + name() + " has the diffID " + diffId + ", not " + expected.diffId()
                                        + " as the image's config says"),
                        read,
                        null);
            }
            return read;
        }

        private Digest walk() throws IOException {
            if (expected.mediaType().endsWith("+encrypted")) {
                throw new LayerFault(Reason.Code.UNSUPPORTED_FORMAT, "the layer is encrypted");
            }
            Compression compression = Compression.recognise(stored);
            Compression claimed = Compression.claimedBy(expected.mediaType());
            if (claimed != null && claimed != compression) {
                facts.note(
                        Reason.Code.MEDIA_TYPE_MISMATCH,
                        "layer " + name() + " is " + compression + ", not " + claimed + " as its media type '"
                                + PathBytes.quoted(expected.mediaType().getBytes(StandardCharsets.UTF_8))
                                        .replace("'", "")
                                + "' says");
            }
            try (Decompressor source = open(compression)) {
                MessageDigest calculation = Digesting.like(expected.diffId());
                // What is not compressed has one digest, which the stored bytes get anyway.
                boolean sameAsStored = compression == Compression.NONE
                        && calculation.getAlgorithm().equals(stored.algorithm());
                walk(new Pump(source, stored::consumed, limits, deadline), sameAsStored ? null : calculation);
                if (source.hasTrailingBytes()) {
                    facts.note(
                            Reason.Code.LAYER_CORRUPT,
                            "layer " + name() + " has bytes after the end of its " + compression
                                    + " stream; they were not read");
                }
                return sameAsStored ? stored.digest() : Digesting.finish(calculation);
            }
        }

        private Decompressor open(Compression compression) throws IOException {
            RawInflater inflater = compression == Compression.GZIP ? isal.open(expected.size()) : null;
            if (inflater == null) {
                return compression.open(stored);
            }
            byIsal = true;
            return new GzipDecompressor(stored, inflater);
        }

        private static boolean mayBeOfIsal(LayerFault fault) {
            return fault.code() == Reason.Code.LAYER_CORRUPT || fault.code() == Reason.Code.UNSUPPORTED_FORMAT;
        }

        /** Uncompressing takes about as long as digesting and walking: a layer that is not small gets a thread for each. */
        private void walk(Pump pump, @Nullable MessageDigest calculation) throws IOException {
            try {
                walkAll(pump, calculation);
            } catch (LayerFault fault) {
                // What a broken stream gave before it broke may be no tar any more: then it is the stream that is
                // wrong.
                if (fault.code() == Reason.Code.UNSUPPORTED_FORMAT && pump.brokenBy() instanceof LayerFault broken) {
                    throw broken;
                }
                throw fault;
            }
        }

        private void walkAll(Pump pump, @Nullable MessageDigest calculation) throws IOException {
            if (expected.size() >= 0 && expected.size() < BYTES_WORTH_A_THREAD) {
                uncompressed = new Uncompressed(pump, calculation, limits, deadline);
                walkEntries(uncompressed);
                return;
            }
            Handover handover = new Handover();
            uncompressed = new Uncompressed(handover, calculation, limits, deadline);
            Walk walk = new Walk(uncompressed, handover);
            walk.start();
            try {
                handOver(pump, handover, walk);
            } finally {
                walk.join();
            }
            walk.rethrow();
        }

        private static void handOver(Pump pump, Handover handover, Walk walk) {
            IOException failure = null;
            try {
                while (!walk.hasFailed()) {
                    Chunk chunk = handover.empty();
                    if (!pump.fill(chunk)) {
                        break;
                    }
                    handover.give(chunk);
                }
            } catch (IOException e) {
                failure = e;
            } finally {
                handover.end(failure);
            }
        }

        /** The thread that digests and walks what this one uncompresses. The source of the bytes is never touched from there. */
        private final class Walk implements Runnable {

            private final Handover handover;
            private final Uncompressed bytes;
            private final Thread thread = new Thread(this, "layer-walk");
            private volatile @Nullable Throwable failure;

            Walk(Uncompressed bytes, Handover handover) {
                this.handover = handover;
                this.bytes = bytes;
                thread.setDaemon(true);
            }

            void start() {
                thread.start();
            }

            @Override
            public void run() {
                try {
                    walkEntries(bytes);
                } catch (Throwable e) {
                    failure = e;
                } finally {
                    handover.discardRest();
                }
            }

            boolean hasFailed() {
                return failure != null;
            }

            /** It only calculates, so it ends soon after the last chunk. */
            void join() {
                boolean interrupted = false;
                while (true) {
                    try {
                        thread.join();
                        break;
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }

            void rethrow() throws IOException {
                Throwable thrown = failure;
                if (thrown instanceof IOException e) {
                    throw e;
                }
                if (thrown != null) {
                    throw new IllegalStateException("walking layer " + name() + " failed", thrown);
                }
            }
        }

        private void walkEntries(Uncompressed bytes) throws IOException {
            TarReader tar = new TarReader(bytes, limits);
            EntryKeeper keeper = new EntryKeeper(facts, limits, name());
            while (tar.next()) {
                keeper.keep(tar);
            }
            bytes.drain();
        }

        private long uncompressedBytes() {
            return uncompressed == null ? 0 : uncompressed.total();
        }

        /** A layer that breaks in the middle is first of all held against its promises: what is wrong may have happened on the way here. */
        private LayerException explain(LayerFault fault) throws IOException {
            boolean partial = true;
            if (fault.code() == Reason.Code.LAYER_CORRUPT || fault.code() == Reason.Code.UNSUPPORTED_FORMAT) {
                try {
                    stored.drain();
                } catch (LayerFault second) {
                    return explain(second);
                }
                Digest digest = stored.digest();
                if (expected.digest() == null ? isShort() : !expected.digest().equals(digest)) {
                    return wrongBytes(digest);
                }
                partial = fault.code() == Reason.Code.LAYER_CORRUPT;
            } else if (fault.code() == Reason.Code.SIZE_MISMATCH) {
                partial = false;
            }
            return new LayerException(
                    new Reason(fault.code(), "layer " + name() + ": " + fault.getMessage()),
                    partial
                            ? facts.finish(
                                    expected.digest(), expected.diffId(), stored.total(), uncompressedBytes(), false)
                            : null,
                    fault);
        }

        private boolean isShort() {
            return expected.size() >= 0 && stored.total() < expected.size();
        }

        /** The bytes are not the promised ones: what they say is nothing about the image. */
        private LayerException wrongBytes(Digest actual) {
            if (isShort()) {
                return new LayerException(wrongSize(), null, null);
            }
            return new LayerException(
                    new Reason(
                            Reason.Code.DIGEST_MISMATCH,
                            "the stored bytes of layer " + name() + " have the digest " + actual
                                    + "; the registry's storage is damaged or the transfer was"),
                    null,
                    null);
        }

        private Reason wrongSize() {
            return new Reason(
                    Reason.Code.SIZE_MISMATCH,
                    "layer " + name() + " has " + stored.total() + " bytes, not " + expected.size()
                            + " as the manifest says");
        }

        private String name() {
            Digest name = expected.digest() != null ? expected.digest() : expected.diffId();
            return name == null ? "without a digest" : name.toString();
        }
    }
}
