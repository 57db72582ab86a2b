package io.basewatch.standalone;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/**
 * {@code basewatch rehearse}: looks at images of the sample fleet, in each way and form, so that the JVM has loaded once what {@code inspect} needs; its launcher keeps that for later
 * starts.
 */
@Command(name = "rehearse", hidden = true, description = "Does what inspect does, for the launcher.")
final class RehearseCommand implements Callable<Integer> {

    /** One of each sort of the sample fleet. */
    static final List<String> IMAGES = List.of(
            "shop/web:2.4",
            "shop/checkout:1.9",
            "shop/images:5.2",
            "shop/pricing:3.0",
            "shop/emails:1.4",
            "shop/recommend:0.9",
            "payments/api:7.0",
            "payments/risk:2.2",
            "platform/legacy:final",
            "platform/auth:6.3",
            "tools/probe:1.0");

    private static final int LARGE = 9 << 20;

    @Override
    public Integer call() throws Exception {
        Path scratch = Files.createTempDirectory("basewatch-rehearsal");
        int code = Basewatch.OK;
        try (SampleRegistry registry = SampleRegistry.start(scratch)) {
            for (String image : IMAGES) {
                String reference = registry.host() + "/" + image;
                code = Math.max(code, Basewatch.run("inspect", reference));
                code = Math.max(code, Basewatch.run("inspect", "--output", "json", reference));
            }
            code = Math.max(code, Basewatch.run("inspect", "dir:" + scratch));
            Path layout = scratch.resolve("layout");
            SampleFleet.now()
                    .get(0)
                    .images()
                    .get(0)
                    .with("COPY large /opt/ # buildkit", large())
                    .packed()
                    .writeTo(layout);
            code = Math.max(code, Basewatch.run("inspect", "oci:" + layout));
        } finally {
            delete(scratch);
        }
        return code;
    }

    /** A layer of the size from which on the reading is shared out, with an archive. */
    private static Map<String, byte[]> large() throws IOException {
        byte[] noise = new byte[LARGE];
        new Random(0).nextBytes(noise);
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(archive)) {
            zip.putNextEntry(new ZipEntry("Main.class"));
            zip.write(noise, 0, 1000);
        }
        return Map.of("opt/noise", noise, "opt/app.jar", archive.toByteArray());
    }

    private static void delete(Path folder) throws IOException {
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
