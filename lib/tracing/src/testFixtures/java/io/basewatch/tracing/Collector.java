package io.basewatch.tracing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/** Takes traces by OTLP over HTTP, and reads as much of its protobuf messages as tests ask for. */
public final class Collector implements AutoCloseable {

    /**
     * @param parent empty for the first of a trace
     * @param attributes texts only
     */
    public record Told(
            String service,
            String trace,
            String id,
            String parent,
            String name,
            long kind,
            long nanos,
            boolean failed,
            Map<String, String> attributes) {

        public boolean isOfTheSameTrace(Told other) {
            return trace.equals(other.trace);
        }
    }

    private final HttpServer server;
    private final List<Told> told = new CopyOnWriteArrayList<>();

    public Collector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::take);
        server.start();
    }

    public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public List<Told> told() {
        return List.copyOf(told);
    }

    public Optional<Told> above(Told step) {
        return told.stream().filter(other -> other.id().equals(step.parent())).findFirst();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            boolean fits = exchange.getRequestURI().getPath().equals("/v1/traces")
                    && exchange.getRequestHeaders().getFirst("Content-Type").equals("application/x-protobuf");
            if (fits) {
                each(body, Map.of(1, this::resourceSpans));
            }
            exchange.sendResponseHeaders(fits ? 200 : 400, -1);
        }
    }

    private void resourceSpans(byte[] bytes) {
        Map<String, String> resource = new TreeMap<>();
        each(bytes, Map.of(1, of -> each(of, Map.of(1, pair -> pair(pair, resource)))));
        each(bytes, Map.of(2, scope -> each(scope, Map.of(2, span -> span(span, resource.get("service.name"))))));
    }

    private void span(byte[] bytes, String service) {
        Map<Integer, String> ids = new TreeMap<>();
        Map<Integer, Long> numbers = new TreeMap<>();
        Map<String, String> attributes = new TreeMap<>();
        String[] name = new String[1];
        boolean[] failed = new boolean[1];
        fields(bytes, numbers::put, (field, value) -> {
            switch (field) {
                case 1, 2, 4 -> ids.put(field, HexFormat.of().formatHex(value));
                case 5 -> name[0] = new String(value, StandardCharsets.UTF_8);
                case 9 -> pair(value, attributes);
                case 15 -> fields(value, (of, number) -> failed[0] |= of == 3 && number == 2, (of, more) -> {});
                default -> {}
            }
        });
        told.add(new Told(
                service,
                ids.get(1),
                ids.get(2),
                ids.getOrDefault(4, ""),
                name[0],
                numbers.getOrDefault(6, 0L),
                numbers.get(8) - numbers.get(7),
                failed[0],
                attributes));
    }

    private static void pair(byte[] bytes, Map<String, String> pairs) {
        String[] key = new String[1];
        each(bytes, Map.of(1, name -> key[0] = new String(name, StandardCharsets.UTF_8)));
        each(
                bytes,
                Map.of(
                        2,
                        any -> each(
                                any, Map.of(1, text -> pairs.put(key[0], new String(text, StandardCharsets.UTF_8))))));
    }

    private interface Taker {
        void take(byte[] value);
    }

    private static void each(byte[] bytes, Map<Integer, Taker> takers) {
        fields(bytes, (field, number) -> {}, (field, value) -> {
            Taker taker = takers.get(field);
            if (taker != null) {
                taker.take(value);
            }
        });
    }

    /** Protocol Buffers, "Encoding". */
    private static void fields(byte[] bytes, BiConsumer<Integer, Long> numbers, BiConsumer<Integer, byte[]> values) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            long tag = number(in);
            int field = (int) (tag >>> 3);
            switch ((int) (tag & 7)) {
                case 0 -> numbers.accept(field, number(in));
                case 1 -> numbers.accept(field, in.getLong());
                case 2 -> {
                    byte[] value = new byte[(int) number(in)];
                    in.get(value);
                    values.accept(field, value);
                }
                case 5 -> numbers.accept(field, (long) in.getInt());
                default -> throw new IllegalArgumentException("no protobuf: " + tag);
            }
        }
    }

    private static long number(ByteBuffer in) {
        long number = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            number |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return number;
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
