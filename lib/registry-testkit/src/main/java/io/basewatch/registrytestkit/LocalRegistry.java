package io.basewatch.registrytestkit;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.basewatch.fleetmodel.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An OCI registry on the loopback address: pull, push (whole and in chunks), cross-repository mount, Range, catalog and tag pages with Link, optional Basic or token
 * authentication. Small and strict enough to stand in for a real one; not meant to be reached from outside. What it was asked for is in {@link #traffic()}, what it does
 * wrong on request is in {@link #faults()}.
 */
public final class LocalRegistry implements AutoCloseable {

    static {
        // Without it, each small answer waits some 40 ms for the peer's delayed acknowledgement. Read once, when the
        // JDK's server is first used.
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final ContentStore store;
    private final Access access;
    private final Faults faults = new Faults();
    private final Traffic traffic = new Traffic();
    private final URI url;
    private final @Nullable Subjects subjects;

    private LocalRegistry(Builder builder) throws IOException {
        this.store = builder.directory == null ? new MemoryStore() : new DirectoryStore(builder.directory);
        this.access = new Access(builder.kind, builder.user, builder.secret, builder.tokenLife);
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), builder.port);
        if (builder.tls == null) {
            server = HttpServer.create(address, 0);
        } else {
            HttpsServer https = HttpsServer.create(address, 0);
            https.setHttpsConfigurator(new HttpsConfigurator(builder.tls));
            server = https;
        }
        this.subjects = builder.referrers ? new Subjects() : null;
        int port = server.getAddress().getPort();
        // A certificate names localhost; without one, the number spares the resolver.
        this.url = URI.create(builder.tls == null ? "http://127.0.0.1:" + port : "https://localhost:" + port);
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "local-registry-" + port);
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext(
                "/", new RegistryHandler(store, access, faults, traffic, url.toString(), builder.pageSize, subjects));
        server.start();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** An open registry in memory on a free port. */
    public static LocalRegistry start() throws IOException {
        return builder().start();
    }

    /** {@code http://127.0.0.1:PORT}, or {@code https://localhost:PORT} with TLS. */
    public URI url() {
        return url;
    }

    /** {@code host:port}, as references begin. */
    public String host() {
        return url.getHost() + ":" + url.getPort();
    }

    public Faults faults() {
        return faults;
    }

    public Traffic traffic() {
        return traffic;
    }

    /** Stores a blob without HTTP. */
    public Digest pushBlob(byte[] bytes) {
        return pushBlob(new ByteArrayInputStream(bytes));
    }

    /** Stores a blob without HTTP. */
    public Digest pushBlob(InputStream bytes) {
        try {
            ContentStore.Upload upload = store.newUpload();
            MessageDigest sha256 = sha256();
            try (OutputStream out = upload.append();
                    DigestInputStream in = new DigestInputStream(bytes, sha256)) {
                in.transferTo(out);
            }
            Digest digest = Digest.ofSha256(sha256.digest());
            upload.finish(digest);
            return digest;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stores other bytes under a digest than those it is of: what a broken disk does. */
    public void corruptBlob(Digest digest, byte[] bytes) {
        try {
            ContentStore.Upload upload = store.newUpload();
            try (OutputStream out = upload.append()) {
                out.write(bytes);
            }
            store.removeBlob(digest);
            upload.finish(digest);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes a blob that manifests may still name: what a broken garbage collection does. */
    public void removeBlob(Digest digest) {
        try {
            store.removeBlob(digest);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Stores any manifest without HTTP, whether or not what it names is there.
     *
     * @param tag null to leave it untagged
     */
    public Digest push(String repository, @Nullable String tag, String mediaType, byte[] manifest) {
        try {
            Digest digest = pushBlob(manifest);
            store.putManifest(repository, digest, mediaType);
            if (subjects != null) {
                subjects.note(repository, digest, mediaType, manifest);
            }
            if (tag != null) {
                store.tag(repository, tag, digest);
            }
            return digest;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void removeTag(String repository, String tag) {
        try {
            store.removeTag(repository, tag);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every token given out so far is refused from now on. */
    public void revokeTokens() {
        access.revokeTokens();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** How a registry is set up. */
    public static final class Builder {
        private @Nullable Path directory;
        private int port;
        private Access.Kind kind = Access.Kind.OPEN;
        private String user = "";
        private String secret = "";
        private Duration tokenLife = Duration.ofMinutes(5);
        private @Nullable SSLContext tls;
        private int pageSize = 100;
        private boolean referrers;

        private Builder() {}

        /** Keeps everything in this folder, across restarts; without it, in memory. */
        public Builder directory(Path folder) {
            directory = folder;
            return this;
        }

        /** 0 for a free one, the default. */
        public Builder port(int number) {
            port = number;
            return this;
        }

        public Builder basicAuth(String name, String password) {
            kind = Access.Kind.BASIC;
            user = name;
            secret = password;
            return this;
        }

        /** Bearer tokens, which {@code /token} gives for this user name and password, or for the password as a refresh token. */
        public Builder tokenAuth(String name, String password) {
            kind = Access.Kind.TOKEN;
            user = name;
            secret = password;
            return this;
        }

        public Builder tokenLife(Duration life) {
            tokenLife = life;
            return this;
        }

        public Builder tls(SSLContext context) {
            tls = context;
            return this;
        }

        /** Names in one page when the request does not ask for fewer. */
        public Builder pageSize(int names) {
            pageSize = names;
            return this;
        }

        /** Has the referrers interface of OCI 1.1, for manifests that come in from now on. */
        public Builder referrers() {
            referrers = true;
            return this;
        }

        public LocalRegistry start() throws IOException {
            return new LocalRegistry(this);
        }
    }
}
