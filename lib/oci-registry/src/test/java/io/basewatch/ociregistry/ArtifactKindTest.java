package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.registrytestkit.LocalRegistry;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArtifactKindTest {

    @ParameterizedTest
    @CsvSource({
        "application/vnd.dev.cosign.simplesigning.v1+json, SIGNATURE",
        "application/vnd.dev.cosign.artifact.sig.v1+json, SIGNATURE",
        "application/vnd.cncf.notary.signature, SIGNATURE",
        "application/vnd.dev.sigstore.bundle.v0.3+json, SIGNATURE",
        "application/vnd.in-toto+json, ATTESTATION",
        "application/vnd.dsse.envelope.v1+json, ATTESTATION",
        "attestation-manifest, ATTESTATION",
        "application/spdx+json, SBOM",
        "application/vnd.cyclonedx+json, SBOM",
        "application/vnd.dev.cosign.artifact.sbom.v1+json, SBOM",
        "text/spdx, SBOM",
        "application/vnd.cncf.helm.config.v1+json, CHART",
        "application/vnd.buildkit.cacheconfig.v0, CACHE",
        "application/vnd.wasm.config.v0+json, WASM",
        "application/vnd.example.thing, OTHER",
        "unknown, OTHER"
    })
    void isKnownByItsType(String type, ArtifactKind kind) {
        assertThat(ArtifactKind.of(type)).isEqualTo(kind);
    }

    /** As registries without the referrers API keep what refers to an image: OCI distribution-spec 1.1, "Referrers Tag Schema". */
    @Test
    void whatRefersToAnImageIsCountedByKindAndNeverTakenForAnImage() throws Exception {
        try (LocalRegistry local = LocalRegistry.start()) {
            String subject = "a".repeat(64);
            String index = "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"manifests\":["
                    + entry("b", "application/vnd.dev.cosign.artifact.sig.v1+json") + ","
                    + entry("c", "application/spdx+json") + ","
                    + entry("d", "application/vnd.in-toto+json") + "]}";
            local.push("team/app", "sha256-" + subject, MediaTypes.OCI_INDEX, index.getBytes(StandardCharsets.UTF_8));

            ImageTargets targets = Registry.connect(TestSettings.of(local.url()))
                    .repository("team/app")
                    .resolve("sha256-" + subject);

            assertThat(targets.images()).isEmpty();
            assertThat(targets.skipped())
                    .extracting(ImageTargets.Skipped::artifact)
                    .containsExactly(ArtifactKind.SIGNATURE, ArtifactKind.SBOM, ArtifactKind.ATTESTATION);
        }
    }

    private static String entry(String digit, String type) {
        return "{\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"digest\":\"sha256:" + digit.repeat(64)
                + "\",\"size\":7,\"artifactType\":\"" + type + "\"}";
    }
}
