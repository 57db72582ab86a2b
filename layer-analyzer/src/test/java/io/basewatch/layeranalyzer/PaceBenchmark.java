package io.basewatch.layeranalyzer;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.EventTopics;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEventCodec;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetmodel.Repository;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;
import tools.jackson.databind.JsonNode;

/**
 * The command of docs/benchmarks.md about images a minute, no test: so many images of a registry are told of, and one analyzer, then two, each a process of its own as it is
 * installed, read them into a store; broker and store are in this process. Asked for by its name only.
 */
class PaceBenchmark {

    private static final URI REGISTRY = URI.create(System.getProperty("large.registry", "http://127.0.0.1:5100"));
    private static final int IMAGES = Integer.getInteger("pace.images", 3000);
    private static final String MANIFESTS =
            "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";
    private static final PrintStream OUT = System.out;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void imagesAMinute(@TempDir Path folder) throws Exception {
        List<ImagePushed> images = images();
        for (int analyzers : List.of(1, 2)) {
            measure(Files.createDirectory(folder.resolve("with-" + analyzers)), analyzers, images);
        }
    }

    /** One of each repository, then the next; each image once. */
    private List<ImagePushed> images() throws Exception {
        List<ImagePushed> images = new ArrayList<>();
        Set<Digest> known = new HashSet<>();
        List<String> repositories = texts(ask("GET", "/v2/_catalog?n=" + IMAGES).body(), "repositories");
        for (int n = 0; images.size() < IMAGES; n++) {
            int before = images.size();
            for (String name : repositories) {
                List<String> tags =
                        texts(ask("GET", "/v2/" + name + "/tags/list").body(), "tags");
                if (n < tags.size() && images.size() < IMAGES) {
                    ImagePushed image = image(name, tags.get(n));
                    if (known.add(image.digest())) {
                        images.add(image);
                    }
                }
            }
            if (images.size() == before) {
                break;
            }
        }
        return images;
    }

    private ImagePushed image(String name, String tag) throws Exception {
        Digest digest = Digest.parse(ask("HEAD", "/v2/" + name + "/manifests/" + tag)
                .headers()
                .firstValue("Docker-Content-Digest")
                .orElseThrow());
        return new ImagePushed(
                new Repository(REGISTRY.getAuthority(), name), tag, digest, digest, null, 1, Instant.now());
    }

    private HttpResponse<String> ask(String method, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(REGISTRY.resolve(path))
                .header("Accept", MANIFESTS)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return http.send(request, BodyHandlers.ofString());
    }

    private static List<String> texts(String json, String field) {
        List<String> texts = new ArrayList<>();
        for (JsonNode each : ModelJson.read(json.getBytes(StandardCharsets.UTF_8), JsonNode.class)
                .get(field)) {
            texts.add(each.asString());
        }
        return texts;
    }

    private static void measure(Path folder, int analyzers, List<ImagePushed> images) throws Exception {
        EmbeddedKafkaKraftBroker kafka = new EmbeddedKafkaKraftBroker(1, 1);
        kafka.brokerProperty("auto.create.topics.enable", "false");
        kafka.afterPropertiesSet();
        List<Process> processes = new ArrayList<>();
        try (EmbeddedStore store = EmbeddedStore.start(folder.resolve("store.db"));
                MongoClient client = MongoClients.create(store.connectionString())) {
            tell(kafka.getBrokersAsString(), images);
            for (int n = 0; n < analyzers; n++) {
                processes.add(analyzer(folder.resolve(n + ".log"), kafka.getBrokersAsString(), store));
            }
            Counted counted = new Counted(client, processes);
            while (counted.analysed() == 0) {
                counted.rest();
            }
            int first = counted.analysed();
            long begun = System.nanoTime();
            double cpu = counted.cpu();
            while (counted.analysed() < images.size()) {
                counted.rest();
            }
            double minutes = (System.nanoTime() - begun) / 60e9;
            OUT.printf(
                    Locale.ROOT,
                    "%d analyzer(s): %d images in %.0f s, %.0f a minute, %.1f ms of CPU each; peak RSS %s MB; heap after a collection %s MB%n",
                    analyzers,
                    images.size() - first,
                    minutes * 60,
                    (images.size() - first) / minutes,
                    (counted.cpu() - cpu) * 1000 / (images.size() - first),
                    processes.stream().map(PaceBenchmark::peak).toList(),
                    processes.stream().map(PaceBenchmark::heap).toList());
        } finally {
            processes.forEach(Process::destroyForcibly);
            for (Process process : processes) {
                process.waitFor();
            }
            kafka.destroy();
        }
    }

    private static void tell(String brokers, List<ImagePushed> images) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers));
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        // Of topics that were made a moment ago a producer that numbers its records may never get one
                        // told.
                        Map.of("bootstrap.servers", brokers, "enable.idempotence", "false"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            admin.createTopics(EventTopics.all().stream()
                            .map(topic -> new NewTopic(topic, 16, (short) 1))
                            .toList())
                    .all()
                    .get(1, TimeUnit.MINUTES);
            List<Future<?>> told = new ArrayList<>();
            for (ImageEvent image : images) {
                told.add(producer.send(new ProducerRecord<>(
                        EventTopics.BACKFILL,
                        ImageEventCodec.key(image).getBytes(StandardCharsets.UTF_8),
                        ImageEventCodec.encode(image))));
            }
            for (Future<?> each : told) {
                each.get();
            }
        }
    }

    /** With the launcher's own means. */
    private static Process analyzer(Path log, String brokers, EmbeddedStore store) throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx768m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LayerAnalyzer.class.getName(),
                        "--server.port=0",
                        "--basewatch.kafka.brokers=" + brokers,
                        "--basewatch.mongodb.uri=" + store.connectionString(),
                        "--basewatch.registries[0].url=" + REGISTRY,
                        "--basewatch.registries[0].requests-per-second=10000")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static long peak(Process process) {
        return status(process, "VmHWM:") >> 10;
    }

    /** In KB. */
    private static long status(Process process, String field) {
        try {
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                    .filter(line -> line.startsWith(field))
                    .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By the JDK's jcmd. */
    private static long heap(Process process) {
        String pid = Long.toString(process.pid());
        said("jcmd", pid, "GC.run");
        long used = 0;
        for (String line : said("jcmd", pid, "GC.heap_info").split("\n")) {
            if (line.contains("generation") && line.contains("used ")) {
                used += Long.parseLong(line.replaceAll(".*used ([0-9]+)K.*", "$1"));
            }
        }
        return used >> 10;
    }

    private static String said(String... command) {
        try {
            Process process = new ProcessBuilder(command).start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the analyzers have done so far. */
    private record Counted(MongoClient client, List<Process> processes) {

        int analysed() {
            return (int)
                    client.getDatabase("basewatch").getCollection("analyses").countDocuments(new Document());
        }

        double cpu() {
            return processes.stream()
                    .mapToDouble(process -> process.info()
                                    .totalCpuDuration()
                                    .orElse(Duration.ZERO)
                                    .toMillis()
                            / 1000.0)
                    .sum();
        }

        void rest() throws InterruptedException {
            for (Process process : processes) {
                if (process.waitFor(250, TimeUnit.MILLISECONDS)) {
                    throw new IllegalStateException("an analyzer has ended, with " + process.exitValue());
                }
            }
        }
    }
}
