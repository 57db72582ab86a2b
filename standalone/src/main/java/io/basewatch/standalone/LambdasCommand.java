package io.basewatch.standalone;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code basewatch lambdas JAR...}: writes the classes of our lambdas, and what our records do, into our jars, see {@link LambdaClasses}. A jar is as it was, or as it is to be. */
@Command(name = "lambdas", hidden = true, description = "Writes the classes of lambdas into jars, for the launcher.")
final class LambdasCommand implements Callable<Integer> {

    @Parameters(paramLabel = "JAR", description = "Jars of this product.")
    private List<Path> jars = List.of();

    @Override
    public Integer call() throws IOException {
        for (Path jar : jars) {
            Path written = jar.resolveSibling(jar.getFileName() + ".new");
            try {
                write(jar, written);
                Files.move(written, jar, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw new IOException(
                        jar + " stays as it is, its lambdas' classes could not be written: " + e.getMessage(), e);
            } finally {
                Files.deleteIfExists(written);
            }
        }
        return Basewatch.OK;
    }

    private static void write(Path jar, Path written) throws IOException {
        Map<String, byte[]> others = new LinkedHashMap<>();
        Map<String, byte[]> classes = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                Map<String, byte[]> like = LambdaClasses.isOurs(entry.getName()) ? classes : others;
                like.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        try (OutputStream out = Files.newOutputStream(written);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            // The manifest first, as readers of a jar that see it once want it.
            put(zip, others);
            put(zip, LambdaClasses.written(classes));
        }
    }

    private static void put(ZipOutputStream zip, Map<String, byte[]> files) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            zip.putNextEntry(new ZipEntry(file.getKey()));
            zip.write(file.getValue());
            zip.closeEntry();
        }
    }
}
