package io.basewatch.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder everything is kept in, held by one process at a time. The lock goes with the process, however it ends.
 *
 * <p>Where the file system knows owners and rights, only the owner can enter the folder, whatever the umask: so nobody else reads what the
 * broker, the store and the log put there later, however they do it. An existing folder is closed likewise, unless it has something else in
 * it or belongs to somebody else: then {@link #warning()} says so, and only what broker and store keep in it is closed.
 */
final class DataDirectory implements AutoCloseable {

    private static final Set<PosixFilePermission> OWNERS_FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNERS_FILE = PosixFilePermissions.fromString("rw-------");

    private static final String LOCK = "lock";
    private static final String KAFKA = "kafka";
    private static final String STORE = "store";
    private static final String LIFECYCLE = "lifecycle";
    private static final String LOG = "basewatch.log";

    /** Where the service of this folder is asked, and by which token, as long as it runs. */
    private static final String ACCESS = "access";

    /** Of the demo. */
    static final String SAMPLE_REGISTRY = "sample-registry.port";

    private final Path path;
    private final FileChannel channel;
    private final @Nullable String warning;

    private DataDirectory(Path path, FileChannel channel, @Nullable String warning) {
        this.path = path;
        this.channel = channel;
        this.warning = warning;
    }

    /**
     * Makes the folder when it is new.
     *
     * @throws IOException naming the folder when it cannot be used or another process holds it
     */
    static DataDirectory open(Path path) throws IOException {
        boolean isPosix;
        try {
            isPosix = create(path);
        } catch (IOException e) {
            throw new IOException("cannot use --data " + path + ": " + e.getMessage(), e);
        }
        FileChannel channel = FileChannel.open(
                path.resolve(LOCK),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                isPosix
                        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNERS_FILE)}
                        : new FileAttribute<?>[0]);
        if (lock(channel) == null) {
            channel.close();
            throw new IOException("--data " + path
                    + " is in use by another Basewatch process: stop that one, or give this one another folder");
        }
        try {
            return new DataDirectory(path, channel, isPosix ? closeToOthers(path) : null);
        } catch (IOException | UncheckedIOException e) {
            channel.close();
            throw new IOException("cannot use --data " + path + ": " + e.getMessage(), e);
        }
    }

    /** Whether nothing is kept there, or a sample's. */
    static boolean isFreeForASample(Path path) {
        return Files.exists(path.resolve(SAMPLE_REGISTRY)) || !Files.exists(path.resolve(STORE));
    }

    boolean isOfASample() {
        return Files.exists(path.resolve(SAMPLE_REGISTRY));
    }

    /** Whether the file system knows owners and rights. */
    private static boolean create(Path path) throws IOException {
        createOwners(path);
        return isPosix(path);
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** A folder that only its owner can enter, where the file system can say so; an existing one stays as it is. */
    static void createOwners(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Path parent = folder.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            if (isPosix(folder)) {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNERS_FOLDER));
            } else {
                Files.createDirectory(folder);
            }
        }
    }

    /** What is ours first, so that nothing is open in between; null when the folder itself could be closed too. */
    private static @Nullable String closeToOthers(Path path) throws IOException {
        List<String> others = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (List.of(LOCK, KAFKA, STORE, LIFECYCLE, ACCESS, SAMPLE_REGISTRY)
                                .contains(name)
                        || name.startsWith(LOG)) {
                    closeAll(entry);
                } else {
                    others.add(name);
                }
            }
        }
        Set<PosixFilePermission> rights = Files.getPosixFilePermissions(path);
        if (OWNERS_FOLDER.containsAll(rights)) {
            return null;
        }
        String open = "--data " + path + " can be entered by others than its owner ("
                + PosixFilePermissions.toString(rights) + ")";
        if (!others.isEmpty()) {
            return open + " and is left so, as it also has " + others.get(0) + ": better give a folder of its own";
        }
        try {
            Files.setPosixFilePermissions(path, OWNERS_FOLDER);
            return null;
        } catch (FileSystemException e) {
            return open + " and belongs to " + Files.getOwner(path).getName()
                    + ", so that it cannot be closed: better give a folder of its own";
        }
    }

    private static void closeAll(Path entry) throws IOException {
        try (Stream<Path> entries = Files.walk(entry)) {
            for (Path each : (Iterable<Path>) entries::iterator) {
                Set<PosixFilePermission> wanted =
                        Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS) ? OWNERS_FOLDER : OWNERS_FILE;
                if (!Files.isSymbolicLink(each)
                        && !wanted.containsAll(Files.getPosixFilePermissions(each, LinkOption.NOFOLLOW_LINKS))) {
                    Files.setPosixFilePermissions(each, wanted);
                }
            }
        }
    }

    /** When others can enter the folder: why, and what to do; null otherwise. */
    @Nullable
    String warning() {
        return warning;
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    Path kafka() {
        return path.resolve(KAFKA);
    }

    Path store() {
        return path.resolve(STORE);
    }

    /** Of the last good dataset of support dates. */
    Path lifecycle() {
        return path.resolve(LIFECYCLE);
    }

    Path log() {
        return log(path);
    }

    static Path log(Path data) {
        return data.resolve(LOG);
    }

    /**
     * Whoever may read this folder may ask the service that holds it.
     *
     * @param url of the service
     */
    record Access(String url, String token) {}

    void letIn(Access access) throws IOException {
        Path file = path.resolve(ACCESS);
        Files.deleteIfExists(file);
        if (isPosix(path)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNERS_FILE));
        }
        Files.writeString(file, access.url() + "\n" + access.token() + "\n");
    }

    void letNobodyIn() throws IOException {
        Files.deleteIfExists(path.resolve(ACCESS));
    }

    /** How the service that holds a folder is asked; empty where none does, or it may not be read. One that was killed may have left it. */
    static Optional<Access> access(Path data) {
        try {
            List<String> lines = Files.readAllLines(data.resolve(ACCESS));
            return lines.size() == 2 ? Optional.of(new Access(lines.get(0), lines.get(1))) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
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
