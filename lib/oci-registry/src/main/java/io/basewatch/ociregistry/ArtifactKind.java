package io.basewatch.ociregistry;

import java.util.List;
import java.util.Locale;

/** What an artifact is that is no container image, by its type or by the media types that stand in for one. */
public enum ArtifactKind {
    /** Of cosign, Sigstore or Notary. */
    SIGNATURE,
    /** Somebody says something of an image, and signs it: provenance, test results. */
    ATTESTATION,
    SBOM,
    /** Of Helm. */
    CHART,
    /** What a builder keeps for its next build. */
    CACHE,
    WASM,
    /** Of a type that is known to whoever pushed it. */
    OTHER;

    private record Words(ArtifactKind kind, List<String> words) {}

    /** The first that fits: a signed SBOM is one. */
    private static final List<Words> WORDS = List.of(
            new Words(SBOM, List.of("spdx", "cyclonedx", "syft", "sbom")),
            new Words(ATTESTATION, List.of("in-toto", "attestation", "dsse", "provenance", "slsa", "artifact.att.")),
            new Words(SIGNATURE, List.of("simplesigning", "signature", "artifact.sig.", "sigstore.bundle")),
            new Words(CHART, List.of("cncf.helm.")),
            new Words(CACHE, List.of("buildkit.cacheconfig")),
            new Words(WASM, List.of("wasm")));

    /**
     * @param type artifact type, or media type of config or layer, as the registry has it
     */
    static ArtifactKind of(String type) {
        String name = type.toLowerCase(Locale.ROOT);
        return WORDS.stream()
                .filter(each -> each.words().stream().anyMatch(name::contains))
                .map(Words::kind)
                .findFirst()
                .orElse(OTHER);
    }

    /** As a label has it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
