package io.basewatch.standalone;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.registrytestkit.LocalRegistry;
import io.basewatch.standalone.SampleFleet.Stay;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A registry in this process that holds the sample fleet, and what its tags led to before. */
final class SampleRegistry implements AutoCloseable {

    private static final String INDEX = "application/vnd.oci.image.index.v1+json";

    private final LocalRegistry registry;
    private final CountDownLatch opened = new CountDownLatch(1);
    private final Map<Stay, Pushed> pushed = new LinkedHashMap<>();

    /**
     * What became of a stay here.
     *
     * @param tag what the tag pointed at: an index, or the image itself
     * @param images in the order of the stay's
     */
    record Pushed(Digest tag, List<Digest> images) {}

    private SampleRegistry(LocalRegistry registry) {
        this.registry = registry;
    }

    /**
     * @param data folder of the fleet's data: it knows the registry by its port, so that one is kept there
     */
    static SampleRegistry start(Path data) throws IOException {
        SampleRegistry sample = startClosed(data);
        sample.open();
        return sample;
    }

    /** As {@link #start}, and every request waits until it is opened. */
    static SampleRegistry startClosed(Path data) throws IOException {
        SampleRegistry sample = new SampleRegistry(onItsPort(data.resolve(DataDirectory.SAMPLE_REGISTRY)));
        sample.registry.faults().intercept(request -> {
            try {
                sample.opened.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return Optional.empty();
        });
        for (Stay stay : SampleFleet.stays()) {
            sample.pushed.put(stay, sample.push(stay));
        }
        return sample;
    }

    /** From now on it answers. */
    void open() {
        opened.countDown();
    }

    String url() {
        return registry.url().toString();
    }

    /** {@code host:port} */
    String host() {
        return registry.host();
    }

    /** All that is in it, in the fleet's order. */
    Map<Stay, Pushed> pushed() {
        return pushed;
    }

    @Override
    public void close() {
        opened.countDown();
        registry.close();
    }

    /** The port of the last run when it is free, else another one: the fleet then has two registries, one of which is gone. */
    private static LocalRegistry onItsPort(Path file) throws IOException {
        LocalRegistry registry;
        try {
            int port =
                    Files.exists(file) ? Integer.parseInt(Files.readString(file).strip()) : 0;
            registry = LocalRegistry.builder().port(port).start();
        } catch (BindException | NumberFormatException e) {
            registry = LocalRegistry.start();
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, registry.url().getPort() + "\n");
        return registry;
    }

    /** What the tag does not lead to any more is there without it. */
    private Pushed push(Stay stay) {
        List<Digest> images = new ArrayList<>();
        List<String> platforms = new ArrayList<>();
        boolean isIndex = stay.images().size() > 1;
        for (SampleImage image : stay.images()) {
            SampleImage.Packed packed = image.packed();
            List<byte[]> blobs = packed.blobs();
            blobs.stream()
                    .limit(stay.readable() ? blobs.size() : blobs.size() - 1)
                    .forEach(registry::pushBlob);
            images.add(registry.push(
                    stay.repository(),
                    isIndex || !stay.isNow() ? null : stay.tag(),
                    SampleImage.MANIFEST,
                    packed.manifest()));
            platforms.add(SampleImage.descriptor(SampleImage.MANIFEST, packed.manifest())
                            .replaceFirst("}$", "")
                    + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + image.architecture() + "\"}}");
        }
        if (!isIndex) {
            return new Pushed(images.get(0), images);
        }
        byte[] index = SampleImage.utf8("""
                {"schemaVersion":2,"mediaType":"%s","manifests":[%s]}""".formatted(INDEX, String.join(",", platforms)));
        return new Pushed(registry.push(stay.repository(), stay.isNow() ? stay.tag() : null, INDEX, index), images);
    }
}
