package io.basewatch.ociregistry;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import io.basewatch.fleetmodel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Pushes small images, for the demo and for tests. Images of files are made by jib; {@link #push} takes raw manifests and blobs, for what jib does not make
 * (hard links, whiteouts, indexes, broken ones).
 */
public final class ImagePusher implements AutoCloseable {

    private final URI registry;
    private final @Nullable Credentials credentials;
    private final Path work;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private ImagePusher(URI registry, @Nullable Credentials credentials, Path work) {
        this.registry = registry;
        this.credentials = credentials;
        this.work = work;
    }

    /**
     * @param registry {@code http://host:port} or {@code https://host[:port]}
     * @throws IOException when no folder to work in can be made
     */
    public static ImagePusher to(URI registry, @Nullable Credentials credentials) throws IOException {
        URI url = RegistrySettings.of(registry).url();
        return new ImagePusher(url, credentials, Files.createTempDirectory("image-pusher"));
    }

    /**
     * One layer of files. The same files give the same layer, whenever and wherever it is made.
     *
     * @param name of the layer, for its history
     * @param files by absolute path in the image
     */
    public record Layer(String name, List<FileInImage> files) {
        public Layer {
            files = List.copyOf(files);
        }
    }

    /**
     * @param path absolute in the image: {@code /etc/os-release}
     * @param source a regular file
     */
    public record FileInImage(String path, Path source, boolean executable) {}

    /**
     * @param created what the config says; the files themselves are all from the epoch
     */
    public record Options(Instant created, List<String> entrypoint, Map<String, String> labels) {
        public static Options defaults() {
            return new Options(Instant.EPOCH, List.of(), Map.of());
        }
    }

    /**
     * Pushes an image of these layers, bottom-up, for linux/amd64, as a Docker manifest. jib builds it into an archive and this pushes it from there: jib itself begins
     * each push with a TLS handshake, which a plain HTTP server may leave unanswered.
     *
     * @return the manifest's digest
     */
    public Digest pushFiles(String repository, String tag, List<Layer> layers, Options options)
            throws IOException, InterruptedException {
        JibContainerBuilder builder = Jib.fromScratch()
                .setCreationTime(options.created())
                .setEntrypoint(options.entrypoint())
                .setLabels(options.labels());
        for (Layer layer : layers) {
            builder.addFileEntriesLayer(entries(layer));
        }
        Path archive = Files.createTempFile(work, "image", ".tar");
        try {
            builder.containerize(Containerizer.to(TarImage.at(archive)
                            .named(Names.requireRepository(repository) + ":" + Names.requireTag(tag)))
                    .setOfflineMode(true)
                    .setBaseImageLayersCache(work.resolve("cache"))
                    .setApplicationLayersCache(work.resolve("cache"))
                    .setToolName("basewatch"));
        } catch (InvalidImageReferenceException | CacheDirectoryCreationException e) {
            throw new IllegalArgumentException("cannot build " + repository + ":" + tag + ": " + e.getMessage(), e);
        } catch (ExecutionException | com.google.cloud.tools.jib.api.RegistryException e) {
            throw new IOException("cannot build " + repository + ":" + tag + ": " + e.getMessage(), e);
        }
        return pushArchive(repository, tag, archive);
    }

    private static FileEntriesLayer entries(Layer layer) throws IOException {
        FileEntriesLayer.Builder entries = FileEntriesLayer.builder().setName(layer.name());
        for (FileInImage file : layer.files()) {
            entries.addEntry(
                    file.source(),
                    AbsoluteUnixPath.get(file.path()),
                    FilePermissions.fromOctalString(file.executable() ? "755" : "644"),
                    Instant.EPOCH);
        }
        return entries.build();
    }

    private Digest pushArchive(String repository, String tag, Path archive) throws IOException, InterruptedException {
        try (ImageSources.Located located = ImageSources.open(ImageSources.ARCHIVE + archive)) {
            FileSource source = (FileSource) located.source();
            ImageManifest image = (ImageManifest) source.manifest(located.name());
            List<Descriptor> blobs = new ArrayList<>(image.layers());
            blobs.add(image.config());
            for (Descriptor blob : blobs) {
                try (InputStream in = source.blob(blob)) {
                    pushBlob(repository, in.readAllBytes());
                }
            }
            return push(repository, tag, image.mediaType(), source.madeManifest(image.digest()), List.of());
        } finally {
            Files.delete(archive);
        }
    }

    /**
     * Pushes blobs, then a manifest as it is. Authenticates with Basic only.
     *
     * @param tag null to leave the manifest untagged
     * @return the manifest's digest
     */
    public Digest push(String repository, @Nullable String tag, String mediaType, byte[] manifest, List<byte[]> blobs)
            throws IOException, InterruptedException {
        for (byte[] blob : blobs) {
            pushBlob(repository, blob);
        }
        Digest digest = Hashing.digest(manifest, "sha256");
        String reference = tag == null ? digest.toString() : Names.requireTag(tag);
        URI uri = registry.resolve("/v2/" + Names.requireRepository(repository) + "/manifests/" + reference);
        send(request(uri).header("Content-Type", mediaType), "PUT", manifest, 201);
        return digest;
    }

    /** Pushes one blob: an upload is started, then sent whole. */
    public Digest pushBlob(String repository, byte[] blob) throws IOException, InterruptedException {
        Digest digest = Hashing.digest(blob, "sha256");
        URI start = registry.resolve("/v2/" + Names.requireRepository(repository) + "/blobs/uploads/");
        HttpResponse<String> started = send(request(start), "POST", new byte[0], 202);
        String location = started.headers().firstValue("Location").orElse("");
        URI upload = start.resolve(location);
        if (!RegistryHttp.sameOrigin(upload, registry)) {
            throw new IOException("registry sends an upload of " + repository + " to another host");
        }
        URI whole = URI.create(upload + (upload.getRawQuery() == null ? "?" : "&") + "digest=" + digest);
        send(request(whole).header("Content-Type", "application/octet-stream"), "PUT", blob, 201);
        return digest;
    }

    private HttpRequest.Builder request(URI uri) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(Duration.ofMinutes(1));
        if (credentials != null) {
            String pair = credentials.username() + ":" + credentials.secret();
            request.header(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        }
        return request;
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String method, byte[] body, int expected)
            throws IOException, InterruptedException {
        HttpRequest built = request.method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        HttpResponse<String> response = http.send(built, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != expected) {
            throw new IOException(method + " " + Printable.url(built.uri()) + " was answered with status "
                    + response.statusCode() + " instead of " + expected);
        }
        return response;
    }

    /** Removes jib's cache, which makes the same layer of a second image for free. */
    @Override
    public void close() throws IOException {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(work)) {
            files.sorted(Comparator.reverseOrder()).forEach(all::add);
        }
        for (Path file : all) {
            Files.deleteIfExists(file);
        }
    }
}
