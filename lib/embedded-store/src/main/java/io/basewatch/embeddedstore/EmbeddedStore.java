package io.basewatch.embeddedstore;

import de.bwaldvogel.mongo.MongoServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * A server that speaks MongoDB's protocol on the loopback interface and keeps its data in one file. A write that asks for the journal
 * ({@code j: true}) is in the file before it is answered and survives the death of the process; others follow within a second. What a read of
 * the majority ({@code readConcern}) tells is in the file as well, whoever wrote it.
 */
public final class EmbeddedStore implements AutoCloseable {

    private final StoreFile file;
    private final FileBackend backend;
    private final MongoServer server;
    private final int port;

    private EmbeddedStore(StoreFile file, int port) {
        this.file = file;
        this.backend = new FileBackend(file);
        this.server = new MongoServer(backend);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        this.port = server.getLocalAddress().getPort();
    }

    /** Starts on a free port. */
    public static EmbeddedStore start(Path file) {
        return start(file, 0);
    }

    /**
     * @param file created where it is missing, with the directories above it
     * @param port 0 for any that is free
     * @throws IllegalStateException when the file is in use by another process, or is not a store
     */
    public static EmbeddedStore start(Path file, int port) {
        StoreFile storeFile = new StoreFile(file);
        try {
            return new EmbeddedStore(storeFile, port);
        } catch (RuntimeException e) {
            storeFile.close();
            throw e;
        }
    }

    /** What a MongoDB driver connects with; names the database {@code basewatch}. */
    public String connectionString() {
        return "mongodb://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + port + "/basewatch";
    }

    /** Of the file, in bytes. */
    public long fileSize() {
        return file.size();
    }

    /** Whether every index has exactly the entries that the documents say; nobody may write meanwhile. */
    boolean isConsistent() {
        return backend.isConsistent();
    }

    /** As when the disk is gone: the server goes on answering. */
    void closeFile() {
        file.close();
    }

    /** As when the process is killed: what is not in the file by now never gets there. */
    void die() {
        file.die();
        server.shutdownNow();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
