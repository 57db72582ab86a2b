package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.server.LocalRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageSourcesTest {

    @TempDir
    Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String blobPath(byte[] content) {
        return "blobs/sha256/" + Hashing.digest(content, "sha256").hex();
    }

    /** The files of a layout with one tagged image. */
    private static Map<String, byte[]> layout(TestImage image, String annotations) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        String entry = TestImage.descriptor(MediaTypes.OCI_MANIFEST, image.manifest());
        files.put("oci-layout", bytes("{\"imageLayoutVersion\":\"1.0.0\"}"));
        files.put(
                "index.json",
                bytes("{\"schemaVersion\":2,\"manifests\":[" + entry.substring(0, entry.length() - 1)
                        + ",\"annotations\":{" + annotations + "}}]}"));
        files.put(blobPath(image.manifest()), image.manifest());
        files.put(blobPath(image.config()), image.config());
        files.put(blobPath(image.layer()), image.layer());
        return files;
    }

    private Path write(Map<String, byte[]> files) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
        return folder;
    }

    private Path tar(Map<String, byte[]> files, boolean gzip) throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            TestTar.file(tar, file.getKey(), file.getValue());
        }
        TestTar.end(tar);
        return archive(tar.toByteArray(), gzip);
    }

    private Path archive(byte[] tar, boolean gzip) throws IOException {
        Path file = folder.resolve("image.tar");
        try (OutputStream out =
                gzip ? new GZIPOutputStream(Files.newOutputStream(file)) : Files.newOutputStream(file)) {
            out.write(tar);
        }
        return file;
    }

    private static void assertReads(ImageSources.Located located, TestImage image) throws IOException {
        ImageTargets targets = located.source().resolve(located.name());
        assertThat(targets.images()).hasSize(1);
        ImageManifest manifest = (ImageManifest)
                located.source().manifest(targets.images().get(0).digest().toString());
        assertThat(located.source().config(manifest.config()).platform()).isEqualTo(Platform.parse("linux/amd64"));
        try (InputStream in = located.source().blob(manifest.layers().get(0))) {
            assertThat(in.readAllBytes()).isEqualTo(image.layer());
        }
    }

    private static RegistryException refused(String text) {
        RegistryException e = catchThrowableOfType(RegistryException.class, () -> ImageSources.open(text));
        assertThat(e).isNotNull();
        assertThat(e.isTemporary()).isFalse();
        return e;
    }

    // --- OCI layout

    @Test
    void readsALayoutByTagAndWithout() throws Exception {
        TestImage image = TestImage.of("layer");
        write(layout(image, "\"org.opencontainers.image.ref.name\":\"1.0\""));
        ImageSources.Located tagged = ImageSources.open("oci:" + folder + ":1.0");
        assertReads(tagged, image);
        assertThat(tagged.reference()).isEqualTo("oci:" + folder + ":1.0");
        assertReads(ImageSources.open("oci:" + folder), image);
    }

    @Test
    void givesNoPartsOfFilesWhichAreReadWholeForNothing() throws Exception {
        TestImage image = TestImage.of("layer");
        write(layout(image, ""));
        ImageSource source = ImageSources.open("oci:" + folder).source();
        assertThat(source.range(image.layerDescriptor(), 0, 1)).isEmpty();
    }

    @Test
    void saysWhichTagsALayoutHas() throws Exception {
        write(layout(TestImage.of("layer"), "\"org.opencontainers.image.ref.name\":\"1.0\""));
        ImageSources.Located other = ImageSources.open("oci:" + folder + ":2.0");
        assertThatThrownBy(() -> other.source().manifest(other.name()))
                .hasMessageContaining("'2.0'")
                .hasMessageContaining("[1.0]");
    }

    @Test
    void leavesOutThePlatformsThatALayoutDoesNotHold() throws Exception {
        TestImage here = TestImage.of("here");
        Map<Digest, String> platforms = new LinkedHashMap<>();
        platforms.put(here.digest(), "linux/amd64");
        platforms.put(TestImage.of("elsewhere").digest(), "linux/arm64");
        Map<String, byte[]> files = layout(here, "");
        files.put("index.json", TestImage.index(platforms));
        write(files);
        ImageSources.Located located = ImageSources.open("oci:" + folder);
        ImageTargets targets = located.source().resolve(located.name());
        assertThat(targets.images()).extracting(ImageTargets.Target::digest).containsExactly(here.digest());
        assertThat(targets.skipped())
                .extracting(skipped -> skipped.reason().code())
                .containsExactly(Reason.Code.MANIFEST_MISSING);
    }

    @Test
    void doesNotBelieveAFileThatIsNotItsDigest() throws Exception {
        TestImage image = TestImage.of("layer");
        Map<String, byte[]> files = layout(image, "");
        files.put(blobPath(image.manifest()), TestImage.of("other").manifest());
        write(files);
        ImageSources.Located located = ImageSources.open("oci:" + folder);
        assertThatThrownBy(() -> located.source().manifest(located.name())).hasMessageContaining("digest");
    }

    @Test
    void saysWhatIsNoLayout() throws Exception {
        assertThat(refused("oci:" + folder)).hasMessageContaining("is this an OCI image layout?");
        assertThat(refused("oci:" + folder + "/none")).hasMessageContaining("no such folder");
        Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"9.0\"}");
        assertThat(refused("oci:" + folder).reason()).isEqualTo(Reason.Code.UNSUPPORTED_FORMAT);
    }

    // --- docker archive

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsAnArchiveThatIsALayout(boolean gzip) throws Exception {
        TestImage image = TestImage.of("layer");
        assertReads(ImageSources.open("docker-archive:" + tar(layout(image, ""), gzip)), image);
    }

    private static Map<String, byte[]> saved(TestImage image, String layerPath) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        String config = Hashing.digest(image.config(), "sha256").hex() + ".json";
        files.put(config, image.config());
        files.put(layerPath, image.layer());
        files.put(
                "manifest.json",
                bytes("[{\"Config\":\"%s\",\"RepoTags\":[\"app:1\"],\"Layers\":[\"%s\"]}]"
                        .formatted(config, layerPath)));
        return files;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsAnArchiveOfTheOldForm(boolean gzip) throws Exception {
        TestImage image = TestImage.of("layer");
        Path archive = tar(saved(image, "abc/layer.tar"), gzip);
        ImageSources.Located located = ImageSources.open("docker-archive:" + archive);
        assertReads(located, image);
        assertThat(located.source().manifest("app:1").digest())
                .isEqualTo(located.source().manifest(located.name()).digest());
    }

    @Test
    void followsTheLinksOfAnArchive() throws Exception {
        TestImage image = TestImage.of("layer");
        Map<String, byte[]> files = saved(image, "abc/layer.tar");
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            if (file.getKey().equals("abc/layer.tar")) {
                TestTar.file(tar, "./def/layer.tar", file.getValue());
                TestTar.link(tar, "abc/layer.tar", "../def/layer.tar");
            } else {
                TestTar.file(tar, file.getKey(), file.getValue());
            }
        }
        TestTar.end(tar);
        assertReads(ImageSources.open("docker-archive:" + archive(tar.toByteArray(), false)), image);
    }

    @Test
    void doesNotFollowLinksInACircleOrOutOfTheArchive() throws Exception {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        TestTar.link(tar, "a", "b");
        TestTar.link(tar, "b", "a");
        TestTar.link(tar, "out", "../../etc/passwd");
        TestTar.end(tar);
        TarFiles files = TarFiles.scan(archive(tar.toByteArray(), false));
        assertThat(files.find("a")).isEmpty();
        assertThat(files.find("out")).isEmpty();
        assertThat(files.find("../../etc/passwd")).isEmpty();
    }

    @Test
    void resolvesAllImagesOfAnArchiveThatHasSeveral() throws Exception {
        TestImage one = TestImage.of("one");
        TestImage two = TestImage.of("two");
        Map<String, byte[]> files = saved(one, "1/layer.tar");
        String first = new String(files.get("manifest.json"), StandardCharsets.UTF_8);
        files.putAll(saved(two, "2/layer.tar"));
        String second = new String(files.get("manifest.json"), StandardCharsets.UTF_8);
        files.put(
                "manifest.json",
                bytes(first.substring(0, first.length() - 1) + ","
                        + second.substring(1).replace("app:1", "app:2")));
        ImageSources.Located located = ImageSources.open("docker-archive:" + tar(files, false));
        assertThat(located.source().resolve(located.name()).images()).hasSize(2);
        assertThat(located.source().resolve("app:2").images()).hasSize(1);
    }

    @Test
    void saysWhatIsNoArchive() throws Exception {
        Path file = Files.writeString(folder.resolve("x"), "no tar");
        assertThat(refused("docker-archive:" + file)).hasMessageContaining("not a readable tar");
        assertThat(refused("docker-archive:" + folder)).hasMessageContaining("no such file");
        assertThat(refused("docker-archive:" + tar(Map.of("a", new byte[1]), false)))
                .hasMessageContaining("is this the output of docker save?");
    }

    @Test
    void survivesArchivesThatAreCutOrMutated() throws Exception {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        for (Map.Entry<String, byte[]> file :
                saved(TestImage.of("layer"), "abc/layer.tar").entrySet()) {
            TestTar.file(tar, file.getKey(), file.getValue());
        }
        TestTar.pax(tar, "path", "a".repeat(200));
        TestTar.file(tar, "short", new byte[3]);
        TestTar.end(tar);
        byte[] whole = tar.toByteArray();
        Random random = new Random(44);
        for (int i = 0; i < 600; i++) {
            byte[] bytes = whole.clone();
            if (i % 3 == 0) {
                bytes = Arrays.copyOf(whole, random.nextInt(whole.length));
            } else {
                int at = random.nextInt(bytes.length);
                bytes[at] = (byte) random.nextInt(256);
                if (i % 3 == 1) {
                    // With a right checksum, so that the change is looked at.
                    TestTar.checksum(bytes, at / 512 * 512);
                }
            }
            try (ImageSources.Located located = ImageSources.open("docker-archive:" + archive(bytes, i % 5 == 0))) {
                located.source().resolve(located.name());
            } catch (RegistryException e) {
                assertThat(e.getMessage()).matches("[^\\p{Cntrl}]*");
            }
        }
    }

    // --- registries

    @Test
    void readsARegistryByPlainHttpOnlyWhenItIsToldSo() throws Exception {
        TestImage image = TestImage.of("layer");
        try (LocalRegistry local = LocalRegistry.start()) {
            local.pushBlob(image.config());
            local.pushBlob(image.layer());
            local.push("team/app", "1", MediaTypes.OCI_MANIFEST, image.manifest());
            ImageSources.Located plain = ImageSources.open("http://" + local.host() + "/team/app:1", s -> s);
            assertThat(plain.reference()).isEqualTo(local.host() + "/team/app:1");
            assertReads(plain, image);
            ImageSources.Located tls = ImageSources.open(
                    local.host() + "/team/app:1",
                    settings -> TestSettings.of(settings.url())
                            .withTimeouts(java.time.Duration.ofMillis(500), java.time.Duration.ofMillis(500))
                            .withRetries(1, java.time.Duration.ZERO, java.time.Duration.ZERO));
            assertThatThrownBy(() -> tls.source().manifest(tls.name())).isInstanceOf(RegistryException.class);
            assertThat(local.traffic().requests()).allMatch(request -> request.status() == 200);
        }
    }
}
