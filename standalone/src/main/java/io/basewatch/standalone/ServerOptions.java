package io.basewatch.standalone;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which service is asked and how it is told, for each command that asks one. */
final class ServerOptions {

    private static final int MAX_TOKEN = 16_384;

    @Option(
            names = "--server",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "The service (default: http://127.0.0.1:8080).")
    String server = "";

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "File with the token to ask with; without it the variable BASEWATCH_TOKEN.")
    @Nullable
    Path tokenFile;

    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec spec;

    /**
     * @throws ParameterException when {@code --server} is no URL of a service
     */
    ServerClient client() {
        try {
            return new ServerClient(server, token());
        } catch (IllegalArgumentException e) {
            throw wrong(e);
        }
    }

    /** Never from the command line, which others on this machine can read. */
    private @Nullable String token() {
        if (tokenFile == null) {
            String token = System.getenv("BASEWATCH_TOKEN");
            return token == null || token.isBlank() ? null : checked(token.strip(), "BASEWATCH_TOKEN");
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(tokenFile)) {
            bytes = in.readNBytes(MAX_TOKEN + 1);
        } catch (IOException e) {
            throw new IllegalArgumentException("--token-file " + tokenFile + " cannot be read", e);
        }
        return checked(new String(bytes, StandardCharsets.UTF_8).strip(), "--token-file " + tokenFile);
    }

    /** What is wrong with it is told without it. */
    private static String checked(String token, String where) {
        if (!token.matches("[!-~]{1," + MAX_TOKEN + "}")) {
            throw new IllegalArgumentException(
                    where + " has no token: one line, as 'basewatch token create' prints it");
        }
        return token;
    }

    /** What the command line says wrongly. */
    RuntimeException wrong(IllegalArgumentException e) {
        return spec == null ? e : new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
}
