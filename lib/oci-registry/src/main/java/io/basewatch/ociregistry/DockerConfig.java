package io.basewatch.ociregistry;

import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Docker's {@code config.json}, which podman and Kubernetes write as well: credentials by registry, or by a path in it. Source of the format: docker/cli, "docker login";
 * containers/image, containers-auth.json(5).
 */
final class DockerConfig {

    private static final int MAX_BYTES = 4 * 1024 * 1024;

    /** One registry by four names. */
    private static final Set<String> DOCKER_HUB =
            Set.of(References.DOCKER_HUB, "docker.io", "index.docker.io", "registry.hub.docker.com");

    /** How docker itself calls Docker Hub when it asks a helper. */
    private static final String DOCKER_HUB_SERVER = "https://index.docker.io/v1/";

    private final JsonNode root;

    private DockerConfig(JsonNode root) {
        this.root = root;
    }

    /** Where credentials may be: in the file, or with a helper. */
    sealed interface Way {}

    /**
     * @param trouble why they cannot be used; else null
     */
    record Given(
            String key,
            @Nullable Credentials credentials,
            @Nullable String trouble) implements Way {}

    /**
     * @param name the program's, without {@code docker-credential-} in front
     * @param server what the helper is asked for
     */
    record Helper(String name, String server) implements Way {}

    private record Ranked(int pathLength, int rank, Way way) {}

    /**
     * @throws IOException when it cannot be read; the message tells nothing of its content
     */
    static DockerConfig read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        }
        if (bytes.length > MAX_BYTES) {
            throw new IOException("it has more than " + MAX_BYTES + " bytes");
        }
        try {
            return new DockerConfig(LenientJson.object(bytes));
        } catch (MalformedException e) {
            // The message may quote what is in the file.
            throw new IOException("it is no JSON object");
        }
    }

    /**
     * The ways to the credentials of a repository, the best first: entries of a longer path before shorter ones and the registry's own; of the same path helpers before what
     * stands in the file, as docker has it.
     *
     * @param host as {@link RegistrySettings#host()} has it
     * @param repository empty for the registry as a whole
     */
    List<Way> ways(String host, String repository) {
        List<Ranked> ways = new ArrayList<>();
        String store = root.path("credsStore").asString("");
        boolean stored = false;
        for (Map.Entry<String, JsonNode> entry : root.path("credHelpers").properties()) {
            int length = covers(entry.getKey(), host, repository);
            if (length >= 0
                    && entry.getValue().isString()
                    && !entry.getValue().asString().isEmpty()) {
                ways.add(new Ranked(length, 0, new Helper(entry.getValue().asString(), entry.getKey())));
            }
        }
        for (Map.Entry<String, JsonNode> entry : root.path("auths").properties()) {
            int length = covers(entry.getKey(), host, repository);
            if (length < 0) {
                continue;
            }
            if (!store.isEmpty()) {
                stored |= length == 0;
                ways.add(new Ranked(length, 1, new Helper(store, entry.getKey())));
            }
            Given given = given(entry.getKey(), entry.getValue());
            if (given.credentials() != null || given.trouble() != null) {
                ways.add(new Ranked(length, 2, given));
            }
        }
        if (!store.isEmpty() && !stored) {
            ways.add(new Ranked(0, 1, new Helper(store, DOCKER_HUB.contains(host) ? DOCKER_HUB_SERVER : host)));
        }
        ways.sort(Comparator.comparingInt((Ranked way) -> -way.pathLength()).thenComparingInt(Ranked::rank));
        return ways.stream().map(Ranked::way).distinct().toList();
    }

    /** How much of the repository's path a key names; -1 when it is for something else. */
    private static int covers(String key, String host, String repository) {
        String bare = key.replaceFirst("^(?i)https?://", "");
        int slash = bare.indexOf('/');
        String keyHost = (slash < 0 ? bare : bare.substring(0, slash)).toLowerCase(Locale.ROOT);
        String path = slash < 0 ? "" : bare.substring(slash + 1).replaceFirst("/+$", "");
        if (path.equals("v1") || path.equals("v2")) {
            // The address of the API, as docker wrote it long ago; no repository.
            path = "";
        }
        boolean same = keyHost.equals(host)
                || keyHost.replaceFirst(":(443|80)$", "").equals(host)
                || (DOCKER_HUB.contains(keyHost) && DOCKER_HUB.contains(host));
        boolean within = path.isEmpty() || repository.equals(path) || repository.startsWith(path + "/");
        return same && within ? path.length() : -1;
    }

    private static Given given(String key, JsonNode entry) {
        try {
            String token = entry.path("identitytoken").asString("");
            if (!token.isEmpty()) {
                return new Given(key, Credentials.refreshToken(token), null);
            }
            String user = entry.path("username").asString("");
            String secret = entry.path("password").asString("");
            String auth = entry.path("auth").asString("");
            if (!auth.isEmpty()) {
                String pair = new String(Base64.getMimeDecoder().decode(auth), StandardCharsets.UTF_8);
                int colon = pair.indexOf(':');
                if (colon <= 0) {
                    return new Given(key, null, "'auth' is not the Base64 of user:password");
                }
                user = pair.substring(0, colon);
                // Docker pads with zeros.
                secret = pair.substring(colon + 1).replaceFirst("\\x00+$", "");
            }
            if (user.isEmpty()) {
                boolean raw = entry.has("registrytoken");
                return new Given(key, null, raw ? "'registrytoken' is not understood, give user and password" : null);
            }
            return new Given(key, new Credentials(user, secret), null);
        } catch (IllegalArgumentException e) {
            return new Given(key, null, "user name or 'auth' is malformed");
        }
    }
}
