package io.basewatch.registrytestkit;

import io.basewatch.fleetmodel.Digest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Which manifests of a repository name which as their subject, since this registry runs: what its referrers interface answers. */
final class Subjects {

    private static final JsonMapper JSON = new JsonMapper();

    private final Map<String, List<Map<String, Object>>> referrers = new ConcurrentHashMap<>();

    /** Notes a manifest that came in. */
    void note(String repository, Digest digest, String mediaType, byte[] manifest) {
        JsonNode root;
        try {
            root = JSON.readTree(manifest);
        } catch (JacksonException e) {
            return;
        }
        String subject = root.path("subject").path("digest").asString("");
        if (subject.isEmpty()) {
            return;
        }
        Map<String, Object> descriptor = new LinkedHashMap<>();
        descriptor.put("mediaType", mediaType);
        descriptor.put("digest", digest.toString());
        descriptor.put("size", manifest.length);
        String type = root.path("artifactType")
                .asString(root.path("config").path("mediaType").asString(""));
        if (!type.isEmpty()) {
            descriptor.put("artifactType", type);
        }
        referrers
                .computeIfAbsent(repository + "@" + subject, key -> new CopyOnWriteArrayList<>())
                .add(descriptor);
    }

    List<Map<String, Object>> of(String repository, Digest subject) {
        return List.copyOf(referrers.getOrDefault(repository + "@" + subject, List.of()));
    }
}
