package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.registrytestkit.LocalRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalRegistryInAFolderTest extends RegistryContractTest {

    private static LocalRegistry local;

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        local = LocalRegistry.builder().directory(folder).start();
    }

    @AfterAll
    static void stop() {
        local.close();
    }

    @Override
    URI registry() {
        return local.url();
    }

    @Test
    void hasEverythingAgainAfterARestart(@TempDir Path folder) throws Exception {
        TestImage image = TestImage.of("kept");
        Digest digest;
        try (LocalRegistry first = LocalRegistry.builder().directory(folder).start()) {
            first.pushBlob(image.config());
            first.pushBlob(image.layer());
            digest = first.push("team/kept", "1", MediaTypes.OCI_MANIFEST, image.manifest());
        }
        try (LocalRegistry second = LocalRegistry.builder().directory(folder).start()) {
            Registry registry = Registry.connect(TestSettings.of(second.url()));
            assertThat(registry.repositories().next().orElseThrow()).containsExactly("team/kept");
            assertThat(registry.repository("team/kept").resolve("1").images())
                    .extracting(ImageTargets.Target::digest)
                    .containsExactly(digest);
        }
    }
}
