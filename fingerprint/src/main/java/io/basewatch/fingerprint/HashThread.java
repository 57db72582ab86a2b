package io.basewatch.fingerprint;

import java.security.MessageDigest;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * One thread that digests buffers which others have filled and still read. Started with the first job, so that a small layer costs no thread; ends with
 * {@link #close}.
 */
final class HashThread implements AutoCloseable {

    private static final class Job {

        private final MessageDigest digest;
        private final byte[] buffer;
        private final int length;
        private final BlockingQueue<byte[]> returnTo;

        Job(MessageDigest digest, byte[] buffer, int length, BlockingQueue<byte[]> returnTo) {
            this.digest = digest;
            this.buffer = buffer;
            this.length = length;
            this.returnTo = returnTo;
        }
    }

    /** Bounded by the buffers that exist: each is in one place at a time. */
    private final BlockingQueue<Job> jobs = new LinkedBlockingQueue<>();

    private @Nullable Thread thread;

    void submit(MessageDigest digest, byte[] buffer, int length, BlockingQueue<byte[]> returnTo) {
        if (thread == null) {
            thread = new Thread(this::run, "layer-digests");
            thread.setDaemon(true);
            thread.start();
        }
        jobs.add(new Job(digest, buffer, length, returnTo));
    }

    private void run() {
        try {
            while (true) {
                Job job = jobs.take();
                job.digest.update(job.buffer, 0, job.length);
                job.returnTo.add(job.buffer);
            }
        } catch (InterruptedException e) {
            // The only one who interrupts this thread is close(): nobody waits for a digest any more.
        }
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }
}
