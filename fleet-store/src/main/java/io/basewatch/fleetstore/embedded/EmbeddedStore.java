package io.basewatch.fleetstore.embedded;

import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** A server that speaks MongoDB's protocol on the loopback interface and keeps its data in one file. */
public final class EmbeddedStore implements AutoCloseable {

    private final MongoServer server;
    private final InetSocketAddress address;

    private EmbeddedStore(MongoServer server, InetSocketAddress address) {
        this.server = server;
        this.address = address;
    }

    /** Starts on a free port. */
    public static EmbeddedStore start(Path file) {
        return start(file, 0);
    }

    /**
     * @param port 0 for any that is free
     */
    public static EmbeddedStore start(Path file, int port) {
        MongoServer server = new MongoServer(new H2Backend(file.toString()));
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new EmbeddedStore(server, server.getLocalAddress());
    }

    /** What a MongoDB driver connects with; names the database {@code basewatch}. */
    public String connectionString() {
        return "mongodb://127.0.0.1:" + address.getPort() + "/basewatch";
    }

    @Override
    public void close() {
        server.shutdown();
    }
}
