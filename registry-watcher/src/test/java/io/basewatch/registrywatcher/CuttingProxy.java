package io.basewatch.registrywatcher;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * Stands between a driver and a store as the network does, and dies at one of the ledger's writes: before the store has it, or after the store
 * has it and before the driver knows. What is dead stays dead, like the process whose network this is.
 */
final class CuttingProxy implements AutoCloseable {

    enum Cut {
        NONE,
        BEFORE,
        AFTER
    }

    private static final String LEDGER = "watch_tags";
    private static final int OP_MSG = 2013;

    private final ServerSocket server;
    private final int port;
    private final Supplier<Cut> atLedgerWrite;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private volatile boolean dead;

    /**
     * @param port of the store, on loopback
     * @param atLedgerWrite asked at each write to the ledger
     */
    CuttingProxy(int port, Supplier<Cut> atLedgerWrite) {
        this.port = port;
        this.atLedgerWrite = atLedgerWrite;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "cutting-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (!dead) {
                Socket driver = server.accept();
                Socket store = new Socket(InetAddress.getLoopbackAddress(), port);
                driver.setTcpNoDelay(true);
                store.setTcpNoDelay(true);
                open.add(driver);
                open.add(store);
                Link link = new Link(driver, store);
                start(link::requests);
                start(link::answers);
                if (dead) {
                    close();
                }
            }
        } catch (IOException e) {
            close();
        }
    }

    private final class Link {
        private final Socket driver;
        private final Socket store;
        private volatile boolean withholdAnswer;

        Link(Socket driver, Socket store) {
            this.driver = driver;
            this.store = store;
        }

        void requests() {
            try (DataInputStream in = new DataInputStream(driver.getInputStream());
                    OutputStream out = store.getOutputStream()) {
                while (true) {
                    byte[] message = message(in);
                    Cut cut = isLedgerWrite(message) ? atLedgerWrite.get() : Cut.NONE;
                    if (cut == Cut.BEFORE) {
                        close();
                    }
                    withholdAnswer |= cut == Cut.AFTER;
                    if (dead) {
                        return;
                    }
                    out.write(message);
                    out.flush();
                }
            } catch (IOException e) {
                closeLink();
            }
        }

        void answers() {
            try (DataInputStream in = new DataInputStream(store.getInputStream());
                    OutputStream out = driver.getOutputStream()) {
                while (true) {
                    byte[] message = message(in);
                    if (withholdAnswer) {
                        close();
                    }
                    if (dead) {
                        return;
                    }
                    out.write(message);
                    out.flush();
                }
            } catch (IOException e) {
                closeLink();
            }
        }

        private void closeLink() {
            closeQuietly(driver);
            closeQuietly(store);
        }
    }

    private static byte[] message(DataInputStream in) throws IOException {
        byte[] length = new byte[4];
        if (in.readNBytes(length, 0, 4) < 4) {
            throw new EOFException();
        }
        byte[] message =
                new byte[ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getInt()];
        System.arraycopy(length, 0, message, 0, 4);
        in.readFully(message, 4, message.length - 4);
        return message;
    }

    /** MongoDB's wire protocol, "OP_MSG": the command is the first field of the first section's document, and its value the collection. */
    private static boolean isLedgerWrite(byte[] message) {
        ByteBuffer bytes = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getInt(12) != OP_MSG) {
            return false;
        }
        // Header, flags, the section's kind, the document's length, the field's type.
        int name = 16 + 4 + 1 + 4 + 1;
        String start = new String(message, name, Math.min(60, message.length - name), StandardCharsets.ISO_8859_1);
        return start.startsWith("update\0") && start.startsWith(LEDGER + "\0", "update\0".length() + 4);
    }

    boolean isDead() {
        return dead;
    }

    @Override
    public void close() {
        dead = true;
        closeQuietly(server);
        open.forEach(CuttingProxy::closeQuietly);
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // It is to be gone, and is.
        }
    }
}
