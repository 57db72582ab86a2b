package io.basewatch.embeddedstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.h2.mvstore.MVMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreFileTest {

    private static final String MAP = "documents/fleet/things";

    /** A compaction that finds nothing to write must not be taken for the commit that a writer waits for. */
    @Test
    void whatACommitReturnedForIsInTheFileWhateverTheHousekeepingDoesMeanwhile(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("store");
        AtomicBoolean ended = new AtomicBoolean();
        try (StoreFile file = new StoreFile(path)) {
            Thread housekeeping = new Thread(() -> {
                while (!ended.get()) {
                    file.tick();
                }
            });
            housekeeping.start();
            try {
                MVMap<String, byte[]> documents = file.documents(MAP);
                for (int n = 0; n < 300; n++) {
                    String key = "thing" + n;
                    file.write(() -> documents.put(key, key.getBytes(StandardCharsets.UTF_8)));
                    file.commit();
                    assertThat(keptAfterDeath(file, path, folder.resolve("copy" + n), key))
                            .as(key)
                            .isTrue();
                }
            } finally {
                ended.set(true);
                housekeeping.join();
            }
        }
    }

    /** As in a process that opens the file after this one was killed now. */
    private static boolean keptAfterDeath(StoreFile file, Path path, Path copy, String key) {
        file.write(() -> copy(path, copy));
        try (StoreFile copied = new StoreFile(copy)) {
            return copied.documents(MAP).containsKey(key);
        }
    }

    private static Path copy(Path from, Path to) {
        try {
            return Files.copy(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
