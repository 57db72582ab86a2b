package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.RegistryHttp.Call;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A blob, or a part of one, that survives lost connections: where one breaks, the rest is asked for by Range. Gives exactly the bytes that were promised, or
 * fails.
 */
final class BlobStream extends InputStream {

    /** In all; a line that breaks more often is not worth holding on to. */
    private static final int MAX_RESUMES = 64;

    /** A resume after at least this much counts as a fresh start. */
    private static final long PROGRESS_BYTES = 1024 * 1024;

    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    private final RegistryHttp http;
    private final Descriptor blob;
    private final Opener opener;
    private final boolean isPart;
    private final long start;
    private final long end;
    private volatile Answer answer;
    private long position;
    private long resumedAt;
    private int resumes;
    private int resumesWithoutProgress;
    private boolean ended;
    private volatile boolean closed;
    private @Nullable RegistryException failed;

    /** What is to be sent to read from an offset on, to the end of what is wanted. */
    interface Opener {
        Call from(long offset);
    }

    /** The whole blob. */
    BlobStream(RegistryHttp http, Descriptor blob, Opener opener) throws RegistryException {
        this.http = http;
        this.blob = blob;
        this.opener = opener;
        this.isPart = false;
        this.start = 0;
        this.end = blob.size();
        this.answer = open();
    }

    /** A part of it, of which the registry has begun to answer. */
    private BlobStream(RegistryHttp http, Descriptor blob, Opener opener, long start, long end, Answer answer) {
        this.http = http;
        this.blob = blob;
        this.opener = opener;
        this.isPart = true;
        this.start = start;
        this.end = end;
        this.position = start;
        this.resumedAt = start;
        this.answer = answer;
    }

    /**
     * @return empty when the registry answers with anything but that part
     */
    static Optional<InputStream> part(RegistryHttp http, Descriptor blob, Opener opener, long start, long end)
            throws RegistryException {
        Call call = opener.from(start);
        Answer answer = http.open(call);
        boolean right = false;
        try {
            right = isPart(answer, start, end, blob.size());
            if (right) {
                return Optional.of(new BlobStream(http, blob, opener, start, end, answer));
            }
            if (answer.status() == 200 || answer.status() == 206 || answer.status() == 416) {
                return Optional.empty();
            }
            throw http.failure(call, answer);
        } finally {
            if (!right) {
                answer.close();
            }
        }
    }

    private static boolean isPart(Answer answer, long start, long end, long size) {
        if (answer.status() != 206) {
            return false;
        }
        Matcher range = CONTENT_RANGE.matcher(answer.header("Content-Range"));
        return range.matches()
                && Long.parseLong(range.group(1)) == start
                && Long.parseLong(range.group(2)) == end - 1
                && (range.group(3).equals("*") || Long.parseLong(range.group(3)) == size);
    }

    private Answer open() throws RegistryException {
        Call call = opener.from(position);
        Answer opened = http.open(call);
        try {
            check(call, opened);
            return opened;
        } catch (RegistryException | RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    private void check(Call call, Answer opened) throws RegistryException {
        if (position == 0 && !isPart) {
            if (opened.status() != 200) {
                throw http.failure(call, opened);
            }
            long length = opened.contentLength();
            if (length >= 0 && length != blob.size()) {
                throw RegistryException.permanent(
                        Reason.Code.SIZE_MISMATCH,
                        http.prefix(call) + "the registry sends " + length + " bytes, the manifest says "
                                + blob.size());
            }
            return;
        }
        if (opened.status() == 200 || opened.status() == 416) {
            throw RegistryException.temporary(
                    Reason.Code.REGISTRY_UNAVAILABLE,
                    http.prefix(call) + "lost after " + position + " of " + blob.size()
                            + " bytes, and the registry does not give the rest (no Range)");
        }
        if (opened.status() != 206) {
            throw http.failure(call, opened);
        }
        if (!isPart(opened, position, end, blob.size())) {
            throw RegistryException.temporary(
                    Reason.Code.REGISTRY_UNAVAILABLE,
                    http.prefix(call) + "asked from byte " + position
                            + " on, the registry answered with Content-Range '"
                            + Printable.text(opened.header("Content-Range")) + "'");
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (failed != null) {
            throw failed;
        }
        requireOpen();
        if (length == 0) {
            return 0;
        }
        if (ended) {
            return -1;
        }
        while (true) {
            try {
                long rest = end - position;
                // One byte more than promised is asked for, to see that there is none.
                int count = rest == 0
                        ? answer.body().read(new byte[1], 0, 1)
                        : answer.body().read(into, offset, (int) Math.min(length, rest));
                if (count < 0 && rest == 0) {
                    ended = true;
                    answer.close();
                    return -1;
                }
                if (rest == 0) {
                    throw RegistryException.permanent(
                            Reason.Code.SIZE_MISMATCH,
                            prefix() + "the registry sends more than the "
                                    + (!isPart ? end + " bytes of the manifest" : (end - start) + " bytes asked for"));
                }
                if (count > 0) {
                    position += count;
                    return count;
                }
                resume(null);
            } catch (RegistryException e) {
                answer.close();
                failed = e;
                throw e;
            } catch (IOException e) {
                requireOpen();
                if (position == end) {
                    // All that was promised is here; what broke was only the end of the connection.
                    ended = true;
                    answer.close();
                    return -1;
                }
                tryResume(e);
            }
        }
    }

    /** Another thread may close the stream to stop its reader, which must not open it again. */
    private void requireOpen() throws IOException {
        if (closed) {
            answer.close();
            throw new IOException("stream is closed");
        }
    }

    private void tryResume(IOException cause) throws IOException {
        try {
            resume(cause);
            requireOpen();
        } catch (RegistryException e) {
            answer.close();
            failed = e;
            throw e;
        }
    }

    /**
     * @param cause null when the body ended too early without an error
     */
    private void resume(@Nullable IOException cause) throws RegistryException {
        answer.close();
        resumesWithoutProgress = position - resumedAt >= PROGRESS_BYTES ? 1 : resumesWithoutProgress + 1;
        resumedAt = position;
        resumes++;
        String lost = prefix() + "lost after " + position + " of " + blob.size() + " bytes"
                + (cause == null || cause.getMessage() == null ? "" : ": " + Printable.text(cause.getMessage()));
        if (Thread.currentThread().isInterrupted()
                || resumesWithoutProgress >= http.settings().attempts()
                || resumes > MAX_RESUMES) {
            throw RegistryException.temporary(Reason.Code.REGISTRY_UNAVAILABLE, lost, cause);
        }
        if (position == start) {
            answer = open();
            return;
        }
        try {
            answer = open();
        } catch (RegistryException e) {
            e.addSuppressed(RegistryException.temporary(Reason.Code.REGISTRY_UNAVAILABLE, lost, cause));
            throw e;
        }
    }

    private String prefix() {
        return http.prefix(opener.from(position));
    }

    @Override
    public void close() {
        closed = true;
        answer.close();
    }
}
