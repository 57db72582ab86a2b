package io.basewatch.embeddedstore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.StringDataType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file below the databases. What is in it is always the state between two commands: a write of several maps is never there by half, so the
 * store's own commits in the background are off and all commits are made here, when no command is in the middle of writing.
 *
 * <p>A commit is in the operating system's hands and so survives the death of this process; the disk itself is forced once a second, which is
 * what a power failure may take.
 */
final class StoreFile implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StoreFile.class);

    /** What is not committed by a durable write is committed after this long, or when it grows beyond {@link #MAX_UNSAVED}. */
    private static final long TICK_MILLIS = 1000;

    private static final int MAX_UNSAVED = 16 * 1024 * 1024;

    /** Milliseconds, the most there can be (25 days): what died younger is given up once a second, as writing over it costs forcing what replaced it to the disk. */
    private static final int UNTIL_TIDIED = Integer.MAX_VALUE;

    /** Percent of a part of the file that must be live for it to be left alone. */
    private static final int FILL_RATE = 50;

    private static final int COMPACT_BYTES = 4 * 1024 * 1024;

    private static final int IDLE_FILL_RATE = 70;
    private static final int IDLE_COMPACT_MILLIS = 200;

    /** Compaction that has got nowhere by then will not. */
    private static final int MAX_QUIET_TICKS = 30;

    private static final Set<PosixFilePermission> OWNERS = PosixFilePermissions.fromString("rw-------");

    private final Path path;
    private final MVStore store;
    private final ReentrantReadWriteLock commands = new ReentrantReadWriteLock(true);
    private final ReentrantLock commits = new ReentrantLock();
    /** How many commands that write have begun. */
    private final AtomicLong begun = new AtomicLong();

    /** That many of them are in the file: all that had begun at the last commit, as none was in its middle. */
    private volatile long committed;

    private volatile boolean unforced;
    private int quietTicks;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread housekeeping;

    /**
     * @throws IllegalStateException when the file is in use by another process, or is not a store
     */
    StoreFile(Path path) {
        this(path, "");
    }

    /** @param fileSystem the prefix of one of H2's file systems; the empty one is the operating system's */
    StoreFile(Path path, String fileSystem) {
        this.path = path;
        this.store = open(path, fileSystem);
        store.setRetentionTime(UNTIL_TIDIED);
        store.setVersionsToKeep(0);
        housekeeping = new Thread(this::keepHouse, "store-file-housekeeping");
        housekeeping.setDaemon(true);
        housekeeping.start();
    }

    private static MVStore open(Path path, String fileSystem) {
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            create(path);
            MVStore store = open(fileSystem + path, false);
            if (store.getStoreVersion() == 0) {
                // A header, then a first state to go back to are on the disk before anything else may be.
                store.sync();
                store.setStoreVersion(1);
                store.commit();
            }
            // Whoever wrote it last may have been killed before that.
            store.sync();
            return store;
        } catch (IOException e) {
            throw new UncheckedIOException("store file " + path + ": " + e.getMessage(), e);
        } catch (MVStoreException e) {
            throw new IllegalStateException(
                    "store file " + path
                            + (e.getErrorCode() == DataUtils.ERROR_FILE_LOCKED
                                    ? " is in use by another process: stop that one, or use another folder"
                                    : " cannot be opened, it is damaged or no store: restore it, or move it away to begin"
                                            + " anew (" + e.getMessage() + ")"),
                    e);
        }
    }

    private static MVStore open(String name, boolean isSearched) {
        HeadedFile file = HeadedFile.at(name, isSearched);
        MVStore store = new MVStore.Builder()
                .adoptFileStore(file)
                .autoCommitDisabled()
                .autoCommitBufferSize(0)
                .open();
        if (!isSearched && store.getCurrentVersion() < file.headerVersion()) {
            // The machine stopped before what the header names was on the disk: H2 now has the first older state that
            // it came across.
            store.closeImmediately();
            return open(name, true);
        }
        return store;
    }

    /** A new file is its owner's only, where the file system can say so. */
    private static void create(Path path) throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix") && !Files.exists(path)) {
            Files.createFile(path, PosixFilePermissions.asFileAttribute(OWNERS));
        }
    }

    MVMap<String, byte[]> documents(String map) {
        return store.openMap(
                map,
                new MVMap.Builder<String, byte[]>()
                        .keyType(StringDataType.INSTANCE)
                        .valueType(ByteArrayDataType.INSTANCE));
    }

    MVMap<String, String> entries(String map) {
        return store.openMap(
                map,
                new MVMap.Builder<String, String>()
                        .keyType(StringDataType.INSTANCE)
                        .valueType(StringDataType.INSTANCE));
    }

    void remove(String map) {
        store.removeMap(map);
    }

    void removeAll(String prefix) {
        for (String map : List.copyOf(store.getMapNames())) {
            if (map.startsWith(prefix)) {
                store.removeMap(map);
            }
        }
    }

    Set<String> databases() {
        Set<String> databases = new TreeSet<>();
        for (String map : store.getMapNames()) {
            String[] parts = map.split("/", 3);
            if (parts.length == 3 && parts[0].equals("documents")) {
                databases.add(parts[1]);
            }
        }
        return databases;
    }

    /** A file that could not be written is closed by that, and what is in memory no longer is what is in the file. */
    private void requireOpen() {
        if (store.isClosed()) {
            throw DataUtils.newMVStoreException(DataUtils.ERROR_CLOSED, "{0}", path);
        }
    }

    /** Runs a command that reads; what it sees is not given away to be overwritten while it does. */
    <T> T read(Supplier<T> command) {
        requireOpen();
        MVStore.TxCounter version = store.registerVersionUsage();
        try {
            return command.get();
        } finally {
            store.deregisterVersionUsage(version);
        }
    }

    /** Runs a command that writes; no commit happens in its middle. */
    <T> T write(Supplier<T> command) {
        requireOpen();
        commands.readLock().lock();
        try {
            begun.incrementAndGet();
            return command.get();
        } finally {
            commands.readLock().unlock();
            if (store.getUnsavedMemory() > MAX_UNSAVED) {
                commit();
            }
        }
    }

    /**
     * Returns when everything that was written before is in the file, whoever wrote it: also what somebody else may have seen that is not yet
     * acknowledged to its writer. Those who ask at the same time share one commit.
     */
    void commit() {
        long mine = begun.get();
        if (committed >= mine) {
            return;
        }
        commits.lock();
        try {
            if (committed < mine) {
                betweenCommands(this::save);
            }
        } finally {
            commits.unlock();
        }
    }

    private void save() {
        store.commit();
        unforced = true;
        committed = begun.get();
    }

    private void keepHouse() {
        try {
            while (!closing.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
                tick();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is done once a second. */
    void tick() {
        try {
            if (store.hasUnsavedChanges()) {
                betweenCommands(this::save);
            }
            if (unforced) {
                unforced = false;
                store.sync();
                betweenCommands(this::tidy);
                quietTicks = 0;
            } else if (quietTicks < MAX_QUIET_TICKS && store.getFileStore().getFillRate() < IDLE_FILL_RATE) {
                // Nobody writes: time to give room back to the file system, a little at each tick.
                quietTicks++;
                betweenCommands(this::shrink);
            }
        } catch (RuntimeException e) {
            log.error("housekeeping of the store file failed file={}", path, e);
        }
    }

    /**
     * What the store's own background thread would do: frees room that nothing refers to, and rewrites what is mostly free. Room is used again only
     * when all that replaced it is on the disk, so that a power failure may take the last writes, but not the store.
     */
    private void tidy() {
        store.setRetentionTime(0);
        store.executeFilestoreOperation(() -> store.getFileStore().dropUnusedChunks());
        store.compact(FILL_RATE, COMPACT_BYTES);
        store.setRetentionTime(UNTIL_TIDIED);
        store.sync();
    }

    private void shrink() {
        store.compactFile(IDLE_COMPACT_MILLIS);
        // Which has set it.
        store.setRetentionTime(UNTIL_TIDIED);
    }

    /** Runs when no command that writes is in its middle. */
    private void betweenCommands(Runnable work) {
        commands.writeLock().lock();
        try {
            work.run();
        } finally {
            commands.writeLock().unlock();
        }
    }

    long size() {
        return store.getFileStore().size();
    }

    /** Ends without another commit. */
    void die() {
        store.closeImmediately();
        close();
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            housekeeping.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        commands.writeLock().lock();
        try {
            store.close();
        } finally {
            commands.writeLock().unlock();
        }
    }
}
