package io.basewatch.layeranalyzer;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/** Stands between a driver and its store: sees each write, and can cut the driver off before the store has it, or after it has it and before its answer. */
final class StoreProxy implements AutoCloseable {

    private static final Set<String> WRITES = Set.of("insert", "update", "delete", "findAndModify", "findandmodify");

    private final int storePort;
    private final BooleanSupplier beforeWrite;
    private final BooleanSupplier afterWrite;
    private final ServerSocket server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean away;
    private volatile boolean frozen;

    /**
     * @param beforeWrite asked before each write goes to the store; true: now the driver is cut off, from all
     * @param afterWrite likewise when the store has done it
     */
    StoreProxy(int storePort, BooleanSupplier beforeWrite, BooleanSupplier afterWrite) {
        this.storePort = storePort;
        this.beforeWrite = beforeWrite;
        this.afterWrite = afterWrite;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Nobody answers from now on. */
    void cutOff() {
        away = true;
        open.forEach(StoreProxy::close);
        open.clear();
    }

    /** Everything stays open, and nothing comes any more. */
    void freeze() {
        frozen = true;
    }

    void restore() {
        frozen = false;
        away = false;
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "store-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket driver = server.accept();
                if (away) {
                    close(driver);
                    continue;
                }
                Socket store = new Socket(InetAddress.getLoopbackAddress(), storePort);
                open.add(driver);
                open.add(store);
                daemon(() -> serve(driver, store));
            } catch (IOException e) {
                // The next one, or the end.
            }
        }
    }

    /** One message and its answer after the other, as the driver does it. */
    private void serve(Socket driver, Socket store) {
        try (driver;
                store) {
            driver.setTcpNoDelay(true);
            store.setTcpNoDelay(true);
            DataInputStream asked = new DataInputStream(driver.getInputStream());
            DataInputStream answered = new DataInputStream(store.getInputStream());
            while (!away) {
                byte[] message = message(asked);
                boolean write = WRITES.contains(command(message));
                if (write && beforeWrite.getAsBoolean()) {
                    cutOff();
                    return;
                }
                thaw();
                send(store.getOutputStream(), message);
                byte[] answer = message(answered);
                if (write && afterWrite.getAsBoolean()) {
                    cutOff();
                    return;
                }
                thaw();
                send(driver.getOutputStream(), answer);
            }
        } catch (IOException e) {
            // One of both has gone.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(driver);
            open.remove(store);
        }
    }

    private void thaw() throws InterruptedException {
        while (frozen) {
            Thread.sleep(10);
        }
    }

    private static void send(OutputStream out, byte[] message) throws IOException {
        out.write(message);
        out.flush();
    }

    private static byte[] message(DataInputStream in) throws IOException {
        byte[] head = new byte[4];
        in.readFully(head);
        int length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt();
        byte[] message = Arrays.copyOf(head, length);
        in.readFully(message, 4, length - 4);
        return message;
    }

    /** The name of the first element of OP_MSG's document. Source: MongoDB's wire protocol. */
    private static String command(byte[] message) {
        int name = 16 + 4 + 1 + 4 + 1;
        int end = name;
        while (end < message.length && message[end] != 0) {
            end++;
        }
        return end <= name ? "" : new String(message, name, end - name, StandardCharsets.US_ASCII);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // As good as closed.
        }
    }

    @Override
    public void close() {
        cutOff();
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
