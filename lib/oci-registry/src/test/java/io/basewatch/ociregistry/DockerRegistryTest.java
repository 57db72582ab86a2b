package io.basewatch.ociregistry;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class DockerRegistryTest extends RegistryContractTest {

    private static DockerRegistry docker;

    @BeforeAll
    static void start(@TempDir Path work) throws Exception {
        docker = DockerRegistry.start(work, null);
    }

    @AfterAll
    static void stop() throws Exception {
        if (docker != null) {
            docker.close();
        }
    }

    @Override
    URI registry() {
        return docker.url();
    }
}
