package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageInputs.Material;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.ArtifactManifest;
import io.basewatch.ociregistry.Descriptor;
import io.basewatch.ociregistry.ImageConfig;
import io.basewatch.ociregistry.ImageSource;
import io.basewatch.ociregistry.ImageTargets;
import io.basewatch.ociregistry.IndexManifest;
import io.basewatch.ociregistry.Manifest;
import io.basewatch.ociregistry.RegistryException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BuildProvenanceTest {

    private static final String V02 = "https://slsa.dev/provenance/v0.2";
    private static final String V1 = "https://slsa.dev/provenance/v1";
    private static final Digest INDEX = digest("index");
    private static final Digest IMAGE = digest("image");
    private static final Digest ATTESTATION = digest("attestation");
    private static final Digest PYTHON = digest("python");

    private final Shelf shelf = new Shelf();

    private static Digest digest(String text) {
        return Digest.sha256Of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** An index with an attestation, in memory. */
    private static final class Shelf implements ImageSource {

        private final Map<String, Manifest> manifests = new HashMap<>();
        private final Map<Digest, byte[]> blobs = new HashMap<>();

        void attest(String predicate, String statement) {
            attest(
                    predicate,
                    statement.getBytes(StandardCharsets.UTF_8),
                    Digest.sha256Of(statement.getBytes(StandardCharsets.UTF_8)));
        }

        void attest(String predicate, byte[] statement, Digest named) {
            blobs.put(named, statement);
            Descriptor entry = new Descriptor(
                    "application/vnd.oci.image.manifest.v1+json",
                    ATTESTATION,
                    700,
                    null,
                    Map.of(
                            "vnd.docker.reference.type",
                            "attestation-manifest",
                            "vnd.docker.reference.digest",
                            IMAGE.toString()),
                    List.of(),
                    null);
            manifests.put(
                    INDEX.toString(),
                    new IndexManifest(
                            INDEX,
                            "application/vnd.oci.image.index.v1+json",
                            List.of(Descriptor.of("application/vnd.oci.image.manifest.v1+json", IMAGE, 500), entry),
                            List.of(),
                            Map.of()));
            manifests.put(
                    ATTESTATION.toString(),
                    new ArtifactManifest(
                            ATTESTATION,
                            "application/vnd.oci.image.manifest.v1+json",
                            "application/vnd.in-toto+json",
                            List.of(new Descriptor(
                                    "application/vnd.in-toto+json",
                                    named,
                                    statement.length,
                                    null,
                                    Map.of("in-toto.io/predicate-type", predicate),
                                    List.of(),
                                    null))));
        }

        @Override
        public Manifest manifest(String tagOrDigest) throws RegistryException {
            Manifest found = manifests.get(tagOrDigest);
            if (found == null) {
                throw RegistryException.permanent(Reason.Code.MANIFEST_MISSING, "no " + tagOrDigest);
            }
            return found;
        }

        @Override
        public InputStream blob(Descriptor blob) throws RegistryException {
            byte[] bytes = blobs.get(blob.digest());
            if (bytes == null) {
                throw RegistryException.permanent(Reason.Code.BLOB_MISSING, "no " + blob.digest());
            }
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public ImageConfig config(Descriptor config) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String reference(String tagOrDigest) {
            return tagOrDigest;
        }

        @Override
        public ImageTargets resolve(String tagOrDigest) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    private List<Material> builtFrom() {
        return BuildProvenance.builtFrom(shelf, INDEX, IMAGE);
    }

    private static String used(String uri, Digest digest) {
        return "{\"uri\":\"" + uri + "\",\"digest\":{\"sha256\":\"" + digest.hex() + "\"}}";
    }

    private static String statement(Digest subject, String predicate) {
        return "{\"_type\":\"https://in-toto.io/Statement/v0.1\",\"subject\":[{\"name\":\"x\",\"digest\":{\"sha256\":\""
                + subject.hex() + "\"}}],\"predicate\":" + predicate + "}";
    }

    private static String materials(String... uris) {
        return "{\"materials\":["
                + String.join(
                        ",", Arrays.stream(uris).map(uri -> used(uri, PYTHON)).toList())
                + "]}";
    }

    @Test
    void imagesThatABuildUsedAreNamedAsEverywhereAndItsToolsAreNot() {
        shelf.attest(
                V02,
                statement(
                        IMAGE,
                        materials(
                                "pkg:docker/docker/dockerfile@1",
                                "pkg:docker/python@3.11-slim?platform=linux%2Famd64",
                                "https://github.com/team/app.git#refs/heads/main",
                                "pkg:docker/python@3.11-slim?platform=linux%2Famd64")));
        assertThat(builtFrom()).containsExactly(new Material("docker.io/library/python:3.11-slim", PYTHON));
    }

    @Test
    void theLaterFormSaysTheSame() {
        shelf.attest(
                V1,
                statement(
                        IMAGE,
                        "{\"buildDefinition\":{\"resolvedDependencies\":["
                                + used("pkg:docker/registry.example.com:5000/team/base@1.2", PYTHON) + ","
                                + "{\"uri\":\"pkg:docker/golang@1.25\"}]}}"));
        assertThat(builtFrom())
                .containsExactly(
                        new Material("registry.example.com:5000/team/base:1.2", PYTHON),
                        new Material("docker.io/library/golang:1.25", null));
    }

    @ParameterizedTest
    @CsvSource({
        "pkg:docker/python, docker.io/library/python",
        "pkg:docker/bitnami/python@3, docker.io/bitnami/python:3",
        "pkg:docker/localhost/python@3, localhost/python:3",
        "pkg:docker/python@sha256%3A00, docker.io/library/python",
        "pkg:docker/a%2Fb@1, docker.io/a/b:1",
        "pkg:docker/a b@1,",
        "pkg:docker/%zz@1,",
        "pkg:docker/,",
        "pkg:npm/left-pad@1,",
        "docker-image://python,"
    })
    void aNameIsReadAsItsFormSays(String purl, String expected) {
        shelf.attest(V02, statement(IMAGE, materials(purl)));
        assertThat(builtFrom().stream().map(Material::reference).findFirst().orElse(null))
                .isEqualTo(expected);
    }

    @Test
    void whatIsAboutAnotherImageOrOfAnotherKindOrNotWhatItsDigestSaysIsNothing() {
        String good = statement(IMAGE, materials("pkg:docker/python@3"));
        shelf.attest(V02, statement(digest("other"), materials("pkg:docker/python@3")));
        assertThat(builtFrom()).isEmpty();
        shelf.attest("https://spdx.dev/Document", good);
        assertThat(builtFrom()).isEmpty();
        shelf.attest(V02, good.getBytes(StandardCharsets.UTF_8), digest("something else"));
        assertThat(builtFrom()).isEmpty();
        shelf.attest(V02, good);
        assertThat(builtFrom()).hasSize(1);
        shelf.blobs.clear();
        assertThat(builtFrom()).isEmpty();
        shelf.manifests.remove(ATTESTATION.toString());
        assertThat(builtFrom()).isEmpty();
        shelf.manifests.clear();
        assertThat(builtFrom()).isEmpty();
    }

    @Test
    void damageGivesLessAndNothingElse() {
        byte[] good = statement(IMAGE, materials("pkg:docker/python@3", "pkg:docker/golang@1"))
                .getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            shelf.attest(V02, cut, Digest.sha256Of(cut));
            assertThat(builtFrom()).isEmpty();
        }
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            byte[] damaged = good.clone();
            for (int n = 0; n < 3; n++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            shelf.attest(V02, damaged, Digest.sha256Of(damaged));
            assertThat(builtFrom()).as("seed %d", seed).hasSizeLessThanOrEqualTo(2);
        }
        shelf.attest(V02, "[".repeat(100_000) + "]".repeat(100_000));
        assertThat(builtFrom()).isEmpty();
    }
}
