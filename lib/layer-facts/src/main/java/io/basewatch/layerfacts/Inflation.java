package io.basewatch.layerfacts;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;

/**
 * A gzip stream that a process inflates. One thread feeds it, another one reads what comes out; when both are done, {@link #isWhole} tells whether that is all and
 * nothing else.
 */
final class Inflation implements Decompressor {

    /** As much as a pipe holds. For more at a time Java would map memory anew in each read. */
    private static final int MOST_AT_ONCE = 64 << 10;

    private static final int TRAILER_BYTES = 8;

    private static final long SECONDS_TO_END = 10;

    private final Process process;
    private final OutputStream in;
    private final InputStream out;

    private final CRC32 checksum = new CRC32();
    private long total;
    private boolean ended;

    private volatile long fed;

    /** The last bytes that were fed, the very last one on top. */
    private long trailer;

    /**
     * @param longest after which the process is ended
     */
    Inflation(Process process, Duration longest) {
        this.process = process;
        this.in = process.getOutputStream();
        this.out = process.getInputStream();
        Thread watch = new Thread(() -> endAfter(longest), "igzip-watch");
        watch.setDaemon(true);
        watch.start();
    }

    /** A thread that sleeps, as what a future needs for that takes a run that has just begun longer than starting the program. */
    private void endAfter(Duration longest) {
        try {
            if (!process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }

    /** As the system says: {@link Process#isAlive} says so a moment longer. */
    boolean isRunning() {
        return process.toHandle().isAlive();
    }

    /** For the feeding thread: gives it all that is stored, or as much as it takes. What the source throws is thrown. */
    void feed(StoredBytes stored) throws IOException {
        while (stored.fill()) {
            int count = stored.limit - stored.position;
            for (int i = Math.max(stored.position, stored.limit - TRAILER_BYTES); i < stored.limit; i++) {
                trailer = trailer >>> 8 | (long) stored.buffer[i] << 56;
            }
            // Before it has them, so that nothing comes out that is not counted here.
            fed = stored.total();
            try {
                in.write(stored.buffer, stored.position, count);
            } catch (IOException takesNoMore) {
                return;
            }
            stored.position = stored.limit;
        }
        endOfInput();
    }

    private void endOfInput() {
        try {
            in.close();
        } catch (IOException takesNoMore) {
            // It has ended, and how tells the rest.
        }
    }

    /** How many stored bytes it has at most, the thread that reads may ask. */
    long fed() {
        return fed;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = -1;
        try {
            count = out.read(buffer, offset, Math.min(length, MOST_AT_ONCE));
        } catch (IOException closed) {
            // It has ended, and how tells the rest.
        }
        if (count < 0) {
            ended = true;
            return -1;
        }
        checksum.update(buffer, offset, count);
        total += count;
        return count;
    }

    /** For the reading thread: it wants no more. */
    void done() {
        if (!ended) {
            close();
        }
    }

    /** Never: a stream with bytes behind it is not whole. */
    @Override
    public boolean hasTrailingBytes() {
        return false;
    }

    /** It failed, as far as anybody can tell from how it ended. To be asked when all that came out was read. */
    boolean hasFailed() throws InterruptedException {
        return !process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS) || process.exitValue() != 0;
    }

    /**
     * Whether what is stored is one gzip member and what came out all of it: the stored bytes end with its checksum and length (RFC 1952, 2.3.1). The program says nothing of
     * bytes behind a stream, and of a stream with many members only the last one's are known: those it is false for.
     */
    boolean isWhole() {
        return trailer == ((total & 0xffffffffL) << 32 | checksum.getValue());
    }

    /** Whatever the process still does ends. */
    @Override
    public void close() {
        process.destroyForcibly();
        endOfInput();
        try {
            out.close();
        } catch (IOException e) {
            throw new IllegalStateException("closing the end of a pipe failed", e);
        }
    }
}
