package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import io.basewatch.ociregistry.RegistryHttp.Call;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Of what kind a registry is, where it says so itself: by its well-known name, or by what only that kind answers. At most two requests, and no guess: what is not certain is plain
 * distribution, and so is a kind that could not be asked with what is configured.
 */
final class KindDetection {

    private static final int MAX_BYTES = 64 * 1024;

    private final RegistryHttp http;
    private final NamePatterns wanted;

    KindDetection(RegistryHttp http, NamePatterns wanted) {
        this.http = http;
        this.wanted = wanted;
    }

    /**
     * @throws RegistryException when it does not answer: then nothing is known
     */
    RegistryKind kind() throws RegistryException {
        RegistryKind named = byName(http.settings().host());
        RegistryKind found = named != null ? named : byAnswer();
        return canBeAsked(found) ? found : RegistryKind.DISTRIBUTION;
    }

    private static @Nullable RegistryKind byName(String host) {
        if (host.equals(References.DOCKER_HUB)) {
            return RegistryKind.DOCKER_HUB;
        }
        if (host.equals("ghcr.io")) {
            return RegistryKind.GITHUB;
        }
        if (host.equals("registry.gitlab.com")) {
            return RegistryKind.GITLAB;
        }
        if (host.equals("quay.io")) {
            return RegistryKind.QUAY;
        }
        if (host.endsWith(".azurecr.io")) {
            return RegistryKind.ACR;
        }
        if (host.endsWith("-docker.pkg.dev") || host.equals("gcr.io") || host.endsWith(".gcr.io")) {
            return RegistryKind.GOOGLE;
        }
        return EcrHost.of(host).isPresent() ? RegistryKind.ECR : null;
    }

    private RegistryKind byAnswer() throws RegistryException {
        Said said = ask("/api/v2.0/ping").orElse(Said.NOTHING);
        if (said.body().strip().equals("Pong")) {
            return RegistryKind.HARBOR;
        }
        if (said.isArtifactory()) {
            return RegistryKind.ARTIFACTORY;
        }
        return isSearchableZot(ask("/v2/_oci/ext/discover").orElse(Said.NOTHING).body())
                ? RegistryKind.ZOT
                : RegistryKind.DISTRIBUTION;
    }

    /** What came back; the body only of a success. */
    private record Said(String body, boolean isArtifactory) {
        private static final Said NOTHING = new Said("", false);
    }

    /** Empty where it is refused: that is an answer, too. */
    private Optional<Said> ask(String path) throws RegistryException {
        Call call = new Call("GET", http.uri(path), Map.of(), "", "its kind", Reason.Code.UNSUPPORTED_FORMAT);
        try {
            return Optional.of(http.exchange(call, this::said));
        } catch (RegistryException e) {
            if (e.isTemporary()) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private Said said(Answer answer) throws IOException {
        boolean own = http.isOwn(answer.uri());
        boolean artifactory = own && !answer.header("X-JFrog-Version").isEmpty();
        if (answer.status() != 200 || !own) {
            answer.drain();
            return new Said("", artifactory);
        }
        return new Said(new String(http.bytes(answer, MAX_BYTES), StandardCharsets.UTF_8), artifactory);
    }

    private static boolean isSearchableZot(String body) {
        try {
            for (JsonNode extension : LenientJson.object(body.getBytes(StandardCharsets.UTF_8))
                    .path("extensions")
                    .values()) {
                if (LenientJson.texts(extension, "endpoints", MAX_BYTES).contains("/v2/_zot/ext/search")) {
                    return true;
                }
            }
            return false;
        } catch (MalformedException e) {
            return false;
        }
    }

    private boolean canBeAsked(RegistryKind kind) {
        RegistrySettings settings = http.settings();
        if (kind.needsToken() && settings.apiToken() == null && settings.apiTokenFile() == null) {
            return false;
        }
        try {
            return !kind.isByNamespace() || !wanted.namespaces(kind).isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
