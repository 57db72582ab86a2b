package io.basewatch.layerfacts;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The folder of real images and files with known truth; a test that asks for it is skipped where it is missing. */
public final class Corpus {

    private Corpus() {}

    public static Path path(String name) {
        String folder = System.getProperty("basewatch.corpus", "");
        Path path = Path.of(folder, name);
        assumeTrue(
                !folder.isEmpty() && Files.exists(path),
                "the corpus is not at '" + folder + "' (system property basewatch.corpus), or has no " + name);
        return path;
    }

    public static byte[] bytes(String name) {
        try {
            return Files.readAllBytes(path(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static JsonNode json(String name) {
        return JsonMapper.shared().readTree(bytes(name));
    }
}
