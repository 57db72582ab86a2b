package io.basewatch.standalone;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How registries are spoken to, for each command that reads images. */
final class RegistryOptions {

    @Option(names = "--plain-http", description = "Speak plain HTTP to registries (loopback ones always may).")
    boolean plainHttp;

    @Option(
            names = "--docker-config",
            paramLabel = "FILE",
            description = "Credentials for registries (default: docker's own config file, when it is there).")
    @Nullable
    Path dockerConfig;

    @Option(
            names = "--token-service",
            paramLabel = "HOST",
            description = "A token service that is told a registry's credentials, although it is of another domain.")
    List<String> tokenServices = List.of();
}
