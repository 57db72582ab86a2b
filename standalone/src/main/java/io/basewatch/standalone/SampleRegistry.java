package io.basewatch.standalone;

import io.basewatch.ociregistry.ImagePusher;
import io.basewatch.ociregistry.ImagePusher.FileInImage;
import io.basewatch.registrytestkit.LocalRegistry;
import io.basewatch.standalone.SampleFleet.SampleImage;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A registry in this process that holds the sample fleet. */
final class SampleRegistry implements AutoCloseable {

    private final LocalRegistry registry;

    private SampleRegistry(LocalRegistry registry) {
        this.registry = registry;
    }

    /**
     * @param data folder of the fleet's data: it knows the registry by its port, so that one is kept there
     */
    static SampleRegistry start(Path data) throws IOException, InterruptedException {
        LocalRegistry registry = onItsPort(data.resolve("sample-registry.port"));
        Path files = Files.createTempDirectory("basewatch-sample");
        try (ImagePusher pusher = ImagePusher.to(registry.url(), null)) {
            int number = 0;
            for (SampleImage image : SampleFleet.images()) {
                push(pusher, image, files.resolve(String.valueOf(number++)));
            }
        } finally {
            delete(files);
        }
        return new SampleRegistry(registry);
    }

    String url() {
        return registry.url().toString();
    }

    @Override
    public void close() {
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

    private static void push(ImagePusher pusher, SampleImage image, Path files)
            throws IOException, InterruptedException {
        List<ImagePusher.Layer> layers = new ArrayList<>();
        for (Map<String, byte[]> content : image.layers()) {
            Path root = files.resolve(String.valueOf(layers.size()));
            List<FileInImage> listed = new ArrayList<>();
            for (Map.Entry<String, byte[]> file : content.entrySet()) {
                Path path = root.resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.write(path, file.getValue());
                listed.add(new FileInImage("/" + file.getKey(), path, file.getValue()[0] == 0x7f));
            }
            layers.add(new ImagePusher.Layer("layer " + layers.size(), listed));
        }
        pusher.pushFiles(image.repository(), image.tag(), layers, ImagePusher.Options.defaults());
    }

    static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
