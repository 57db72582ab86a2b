package io.basewatch.standalone;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;

/**
 * A real Kafka broker inside this process: one KRaft node, bound to loopback, its log in a directory that survives restarts and kill -9.
 *
 * <p>The only class that touches Kafka's server internals, which are no public API: a change of Kafka's version is tried here.
 */
final class EmbeddedKafka implements AutoCloseable {

    private static final String HOST = InetAddress.getLoopbackAddress().getHostAddress();

    private final KafkaRaftServer server;
    private final String bootstrapServers;

    private EmbeddedKafka(KafkaRaftServer server, String bootstrapServers) {
        this.server = server;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Two ports that are free now. Known before the broker starts, so that clients can be configured while it does.
     *
     * @param broker for clients
     * @param controller for the broker's own quorum
     */
    record Ports(int broker, int controller) {

        private static final int FIRST = 12_000;

        /** Of Linux' usual {@code net.ipv4.ip_local_port_range}. */
        private static final int FIRST_OUTGOING = 32_768;

        private static final int TRIES = 50;

        static Ports free() {
            try (ServerSocket first = loopback();
                    ServerSocket second = loopback()) {
                return new Ports(first.getLocalPort(), second.getLocalPort());
            } catch (IOException e) {
                throw new UncheckedIOException("no free port on " + HOST + " for the embedded Kafka broker", e);
            }
        }

        /** Not of those that the system gives to outgoing connections, if it can be: the port would be taken again before the broker has it. */
        private static ServerSocket loopback() throws IOException {
            for (int tries = 0; tries < TRIES; tries++) {
                int port = ThreadLocalRandom.current().nextInt(FIRST, FIRST_OUTGOING);
                try {
                    return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                } catch (IOException e) {
                    // Somebody has it.
                }
            }
            return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        }

        String bootstrapServers() {
            return HOST + ":" + broker;
        }
    }

    /**
     * Formats the directory when it is new, and starts. Returns when the broker serves, after 4 to 6 s on two cores.
     *
     * @throws IOException when the directory cannot be used
     */
    static EmbeddedKafka start(Path directory, Ports ports) throws IOException {
        // Kafka loads classes by the context class loader; a pool thread may carry another one than ours.
        Thread.currentThread().setContextClassLoader(EmbeddedKafka.class.getClassLoader());
        DataDirectory.createOwners(directory);
        try {
            new Formatter()
                    .setClusterId(clusterId(directory))
                    .setNodeId(1)
                    .setDirectories(List.of(directory.toString()))
                    .setIgnoreFormatted(true)
                    .setControllerListenerName("CONTROLLER")
                    .setMetadataLogDirectory(directory.toString())
                    .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                    .run();
        } catch (Exception e) {
            throw new IOException("cannot prepare the Kafka log in " + directory + ": " + e.getMessage(), e);
        }
        KafkaRaftServer server =
                new KafkaRaftServer(KafkaConfig.fromProps(properties(directory, ports), false), Time.SYSTEM);
        server.startup();
        return new EmbeddedKafka(server, ports.bootstrapServers());
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    private static String clusterId(Path directory) throws IOException {
        Path meta = directory.resolve("meta.properties");
        if (!Files.exists(meta)) {
            return Uuid.randomUuid().toString();
        }
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(meta)) {
            properties.load(reader);
        }
        String id = properties.getProperty("cluster.id");
        if (id == null) {
            throw new IOException(meta + " has no 'cluster.id': restore the file, or move " + directory
                    + " away to start with an empty log");
        }
        return id;
    }

    private static Properties properties(Path directory, Ports ports) {
        Properties p = new Properties();
        p.put("process.roles", "broker,controller");
        p.put("node.id", "1");
        p.put(
                "listeners",
                "PLAINTEXT://" + HOST + ":" + ports.broker + ",CONTROLLER://" + HOST + ":" + ports.controller);
        p.put("advertised.listeners", "PLAINTEXT://" + ports.bootstrapServers());
        p.put("controller.listener.names", "CONTROLLER");
        p.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.put("controller.quorum.voters", "1@" + HOST + ":" + ports.controller);
        p.put("log.dirs", directory.toString());
        for (String single : List.of(
                "offsets.topic.replication.factor",
                "transaction.state.log.replication.factor",
                "transaction.state.log.min.isr",
                "share.coordinator.state.topic.replication.factor",
                "share.coordinator.state.topic.min.isr")) {
            p.put(single, "1");
        }
        p.put("offsets.topic.num.partitions", "4");
        p.put("transaction.state.log.num.partitions", "4");
        // Kafka's own default takes 128 MiB of heap for compaction: far more than our few small topics need.
        p.put("log.cleaner.dedupe.buffer.size", String.valueOf(16 << 20));
        p.put("num.io.threads", "2");
        p.put("num.network.threads", "2");
        // How soon a consumer hears that it has to give something up or gets more.
        p.put("group.consumer.heartbeat.interval.ms", "300");
        p.put("group.consumer.min.heartbeat.interval.ms", "300");
        // After kill -9 the dead consumers hold their partitions as long.
        p.put("group.consumer.session.timeout.ms", "6000");
        p.put("group.consumer.min.session.timeout.ms", "6000");
        // By the classic protocol the consumers of one process come within a second: joined together they are not made
        // to join again one by one.
        p.put("group.initial.rebalance.delay.ms", "1000");
        p.put("auto.create.topics.enable", "false");
        // After kill -9 the controller waits until the dead broker's session ends; with the default of 9 s a restart
        // takes 14 s.
        p.put("broker.session.timeout.ms", "3000");
        p.put("broker.heartbeat.interval.ms", "500");
        return p;
    }
}
