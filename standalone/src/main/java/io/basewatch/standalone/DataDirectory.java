package io.basewatch.standalone;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The folder everything is kept in, held by one process at a time. The lock goes with the process, however it ends. */
final class DataDirectory implements AutoCloseable {

    private final Path path;
    private final FileChannel channel;

    private DataDirectory(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Makes the folder when it is new, readable by its owner only where the file system can say so.
     *
     * @throws IOException naming the folder when it cannot be used or another process holds it
     */
    static DataDirectory open(Path path) throws IOException {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new IOException("cannot use --data " + path + ": " + e.getMessage(), e);
        }
        Path file = path.resolve("lock");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (lock(channel) == null) {
            channel.close();
            throw new IOException("--data " + path
                    + " is in use by another Basewatch process: stop that one, or give this one another folder");
        }
        return new DataDirectory(path, channel);
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    Path kafka() {
        return path.resolve("kafka");
    }

    Path store() {
        return path.resolve("store");
    }

    Path log() {
        return log(path);
    }

    static Path log(Path data) {
        return data.resolve("basewatch.log");
    }

    /** As it was given. */
    @Override
    public String toString() {
        return path.toString();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
