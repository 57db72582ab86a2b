package io.basewatch.ociregistry;

import io.basewatch.registrytestkit.LocalRegistry;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class LocalRegistryInMemoryTest extends RegistryContractTest {

    private static LocalRegistry local;

    @BeforeAll
    static void start() throws IOException {
        local = LocalRegistry.start();
    }

    @AfterAll
    static void stop() {
        local.close();
    }

    @Override
    URI registry() {
        return local.url();
    }
}
