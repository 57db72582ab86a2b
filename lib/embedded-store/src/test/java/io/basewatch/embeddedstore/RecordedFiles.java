package io.basewatch.embeddedstore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.ArrayList;
import java.util.List;
import org.h2.store.fs.FileBase;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;
import org.jspecify.annotations.Nullable;

/** A file system of H2's that passes everything on and remembers what was done to its files, whichever of them, in order. */
public final class RecordedFiles extends FilePathWrapper {

    static final String PREFIX = "recorded:";

    private static final List<Step> steps = new ArrayList<>();

    /** What a file was told. */
    sealed interface Step {

        record Write(long place, byte[] bytes) implements Step {}

        record Cut(long length) implements Step {}

        /** All before it is on the disk. */
        record Forced() implements Step {}

        /** Said by who uses the file: a commit has returned. */
        record Committed(int number) implements Step {}
    }

    static void begin() {
        FilePath.register(new RecordedFiles());
        synchronized (steps) {
            steps.clear();
        }
    }

    static void add(Step step) {
        synchronized (steps) {
            steps.add(step);
        }
    }

    static List<Step> steps() {
        synchronized (steps) {
            return List.copyOf(steps);
        }
    }

    @Override
    public String getScheme() {
        return PREFIX.substring(0, PREFIX.length() - 1);
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        return new Recorded(super.open(mode));
    }

    private static final class Recorded extends FileBase {

        private final FileChannel file;

        Recorded(FileChannel file) {
            this.file = file;
        }

        @Override
        public synchronized int write(ByteBuffer from, long place) throws IOException {
            ByteBuffer bytes = from.duplicate();
            int written = file.write(from, place);
            byte[] copy = new byte[written];
            bytes.get(copy);
            add(new Step.Write(place, copy));
            return written;
        }

        @Override
        public FileChannel truncate(long length) throws IOException {
            file.truncate(length);
            add(new Step.Cut(length));
            return this;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            file.force(metaData);
            add(new Step.Forced());
        }

        @Override
        public synchronized int read(ByteBuffer to, long place) throws IOException {
            return file.read(to, place);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public @Nullable FileLock tryLock(long place, long length, boolean shared) throws IOException {
            return file.tryLock(place, length, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            file.close();
        }

        @Override
        public int read(ByteBuffer to) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer from) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel position(long place) {
            throw new UnsupportedOperationException();
        }
    }
}
