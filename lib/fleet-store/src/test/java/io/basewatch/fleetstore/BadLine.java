package io.basewatch.fleetstore;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A line to a server on this machine that can fall silent without breaking, or break, also in the middle of an answer. */
final class BadLine implements AutoCloseable {

    private static final int NO_LIMIT = Integer.MAX_VALUE;

    private final int server;
    private final ServerSocket entry;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Object state = new Object();
    private boolean frozen;
    private boolean closed;
    private int answerBytes = NO_LIMIT;

    BadLine(int server) throws IOException {
        this.server = server;
        this.entry = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "bad-line");
        thread.setDaemon(true);
        thread.start();
    }

    /** The connection string with this line's port in place of the server's. */
    String through(String connectionString) {
        return connectionString.replace(":" + server + "/", ":" + entry.getLocalPort() + "/");
    }

    /** From now on nothing comes through in either direction, and nothing is closed: new connections are taken and get no answer. */
    void freeze() {
        synchronized (state) {
            frozen = true;
        }
    }

    void thaw() {
        synchronized (state) {
            frozen = false;
            answerBytes = NO_LIMIT;
            state.notifyAll();
        }
    }

    /** Breaks all connections when so many bytes of answers have come through, until thawed. */
    void cutAfter(int bytes) {
        synchronized (state) {
            answerBytes = bytes;
        }
    }

    private void accept() {
        while (true) {
            try {
                Socket client = entry.accept();
                Socket onward = new Socket(InetAddress.getLoopbackAddress(), server);
                sockets.add(client);
                sockets.add(onward);
                start(() -> pass(client, onward, false));
                start(() -> pass(onward, client, true));
            } catch (IOException e) {
                synchronized (state) {
                    if (closed) {
                        return;
                    }
                }
            }
        }
    }

    private void pass(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[8192];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
                int most = allowed(read, answers);
                out.write(buffer, 0, most);
                if (most < read) {
                    return;
                }
            }
        } catch (IOException e) {
            // broken, as it may be
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int allowed(int bytes, boolean answers) throws InterruptedException {
        synchronized (state) {
            while (frozen && !closed) {
                state.wait();
            }
            if (!answers || answerBytes == NO_LIMIT) {
                return bytes;
            }
            int most = Math.min(bytes, answerBytes);
            answerBytes -= most;
            return most;
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (state) {
            closed = true;
            state.notifyAll();
        }
        entry.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
