package io.basewatch.standalone;

import io.basewatch.caveats.Judge;
import io.basewatch.elf.ElfFacts;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.layeranalyzer.ImageAnalyzer;
import io.basewatch.layerfacts.LayerFacts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
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
            "platform/gateway:24.1",
            "tools/ci:2026.1",
            "tools/probe:1.0");

    /** On whose images larger layers are laid: one for each C library. */
    private static final List<String> SYSTEMS = List.of("mirror/alpine", "mirror/debian");

    /** By a class of each. */
    private static final List<Class<?>> ROOMS = List.of(
            Fingerprinter.class, Judge.class, ElfFacts.class, LayerFacts.class, Fingerprint.class, ImageAnalyzer.class);

    private static final int LARGE = 9 << 20;
    private static final long LARGEST_PROGRAM = 4 << 20;
    private static final String COMPILER =
            "Package: gcc\nStatus: install ok installed\nArchitecture: amd64\nVersion: 4:14.2.0-1\nInstalled-Size: 36\n";

    @Override
    public Integer call() throws Exception {
        Ahead.begin();
        loadAll();
        Path scratch = Files.createTempDirectory("basewatch-rehearsal");
        int code = Basewatch.OK;
        try (SampleRegistry registry = SampleRegistry.start(scratch)) {
            for (String image : IMAGES) {
                String reference = registry.host() + "/" + image;
                code = Math.max(code, Basewatch.run("inspect", reference));
                code = Math.max(code, Basewatch.run("inspect", "--output", "json", reference));
            }
            code = Math.max(code, Basewatch.run("inspect", "dir:" + scratch));
            for (String system : SYSTEMS) {
                Path layout = scratch.resolve(system);
                newest(system).with("COPY large / # buildkit", large()).packed().writeTo(layout);
                code = Math.max(code, Basewatch.run("inspect", "oci:" + layout));
            }
        } finally {
            delete(scratch);
        }
        return code;
    }

    /** All classes of the rooms that look at images, as no sample comes to each of them; those that want what is not there are passed. */
    private static void loadAll() throws IOException {
        for (Class<?> room : ROOMS) {
            Path jar = Path.of(URI.create(
                    room.getProtectionDomain().getCodeSource().getLocation().toString()));
            if (!Files.isRegularFile(jar)) {
                continue;
            }
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                for (ZipEntry entry : zip.stream().toList()) {
                    String name = entry.getName();
                    if (LambdaClasses.isOurs(name)) {
                        load(name.substring(0, name.length() - ".class".length())
                                .replace('/', '.'));
                    }
                }
            }
        }
    }

    private static void load(String name) {
        try {
            Class.forName(name, false, RehearseCommand.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            // Then no run needs it.
        }
    }

    private static SampleImage newest(String repository) {
        List<SampleFleet.Stay> tags = SampleFleet.now().stream()
                .filter(stay -> stay.repository().equals(repository))
                .toList();
        return tags.get(tags.size() - 1).images().get(0);
    }

    /** A layer of the size from which on the reading is shared out, with an archive, a compiler's package and programs as they are built nowadays: what this process runs of. */
    private static Map<String, byte[]> large() throws IOException {
        byte[] noise = new byte[LARGE];
        new Random(0).nextBytes(noise);
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(archive)) {
            zip.putNextEntry(new ZipEntry("Main.class"));
            zip.write(noise, 0, 1000);
        }
        Map<String, byte[]> files = new HashMap<>();
        files.put("opt/noise", noise);
        files.put("opt/app.jar", archive.toByteArray());
        files.put("var/lib/dpkg/status.d/gcc", COMPILER.getBytes(StandardCharsets.US_ASCII));
        for (Path program : programs()) {
            files.put(program.toString().substring(1), Files.readAllBytes(program));
        }
        return files;
    }

    /** Of this process, with whatever else it has in its memory, but the largest; none where the system does not tell. */
    private static Set<Path> programs() throws IOException {
        Path maps = Path.of("/proc/self/maps");
        Set<Path> programs = new TreeSet<>();
        for (String line :
                Files.isReadable(maps) ? Files.readAllLines(maps, StandardCharsets.ISO_8859_1) : List.<String>of()) {
            int path = line.indexOf('/');
            Path program = path < 0 ? null : Path.of(line.substring(path));
            if (program != null && Files.isRegularFile(program) && Files.size(program) <= LARGEST_PROGRAM) {
                programs.add(program);
            }
        }
        return programs;
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
