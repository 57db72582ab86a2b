package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.registrytestkit.LocalRegistry;
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
import org.junit.jupiter.params.provider.EnumSource;
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

    /** What a docker with containerd's store saves: a layout and a manifest.json of the same blobs. */
    private static Map<String, byte[]> both(TestImage image, String index) {
        Map<String, byte[]> files = layout(image, "");
        files.put("index.json", bytes(index));
        files.put(
                "manifest.json",
                bytes("[{\"Config\":\"%s\",\"RepoTags\":[\"app:1\"],\"Layers\":[\"%s\"]}]"
                        .formatted(blobPath(image.config()), blobPath(image.layer()))));
        return files;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"schemaVersion\":2,\"manifests\":null}",
                "{\"schemaVersion\":2}",
                "{\"schemaVersion\":2,\"manifests\":[]}",
                "{\"schemaVersion\":2,\"manifests\":[null]}",
                "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:0000000000000000000000000000000000000000000000000000000000000000\",\"size\":1}]}",
                "nonsense",
                ""
            })
    void readsAnArchiveByItsManifestJsonWhateverTheIndexBesideItSays(String index) throws Exception {
        TestImage image = TestImage.of("layer");
        Path archive = tar(both(image, index), false);
        assertReads(ImageSources.open("docker-archive:" + archive), image);
        assertReads(ImageSources.open("docker-archive:" + archive + ":app:1"), image);
    }

    @Test
    void readsAnArchiveByItsIndexWhereManifestJsonIsNoGood() throws Exception {
        TestImage image = TestImage.of("layer");
        for (String broken :
                new String[] {"null", "[]", "{}", "[null]", "[{\"Config\":\"none\",\"Layers\":[]}]", "x"}) {
            Map<String, byte[]> files = layout(image, "");
            files.put("manifest.json", bytes(broken));
            assertReads(ImageSources.open("docker-archive:" + tar(files, false)), image);
        }
    }

    @Test
    void readsKeysInLowerCase() throws Exception {
        TestImage image = TestImage.of("layer");
        Map<String, byte[]> files = saved(image, "abc/layer.tar");
        files.put(
                "manifest.json",
                bytes(new String(files.get("manifest.json"), StandardCharsets.UTF_8)
                        .replace("Config", "config")
                        .replace("RepoTags", "repotags")
                        .replace("Layers", "layers")));
        assertReads(ImageSources.open("docker-archive:" + tar(files, false) + ":app:1"), image);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s.json", "blobs/sha256/%s", "sha256:%s"})
    void tellsThatAConfigIsNotWhatItsNameSays(String name) throws Exception {
        TestImage image = TestImage.of("layer");
        String config = name.formatted("0".repeat(64));
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(config, image.config());
        files.put("layer.tar", image.layer());
        files.put("manifest.json", bytes("[{\"Config\":\"" + config + "\",\"Layers\":[\"layer.tar\"]}]"));
        ImageSources.Located located = ImageSources.open("docker-archive:" + tar(files, false));
        assertReads(located, image);
        assertThat(located.source().remarks(Digest.parse(located.name())))
                .singleElement()
                .satisfies(remark -> assertThat(remark.code()).isEqualTo(Reason.Code.DIGEST_MISMATCH))
                .extracting(Reason::message)
                .asString()
                .contains(config, Hashing.digest(image.config(), "sha256").toString());
        ImageSources.Located right = ImageSources.open("docker-archive:" + tar(saved(image, "layer.tar"), false));
        assertThat(right.source().remarks(Digest.parse(right.name()))).isEmpty();
    }

    @Test
    void oneBadImageOfAnArchiveHidesNoOther() throws Exception {
        TestImage image = TestImage.of("layer");
        Map<String, byte[]> files = saved(image, "abc/layer.tar");
        String good = new String(files.get("manifest.json"), StandardCharsets.UTF_8);
        files.put(
                "manifest.json",
                bytes("[null," + good.substring(1, good.length() - 1)
                        + ",7,{\"Config\":\"none.json\",\"Layers\":[]}]"));
        ImageSources.Located located = ImageSources.open("docker-archive:" + tar(files, false));
        assertReads(located, image);
        assertThat(located.source().resolve(located.name()).skipped())
                .extracting(skipped -> skipped.reason().code())
                .containsExactly(
                        Reason.Code.MANIFEST_INVALID, Reason.Code.MANIFEST_INVALID, Reason.Code.CONFIG_MISSING);
    }

    @Test
    void readsPathsHoweverTheyAreWritten() throws Exception {
        TestImage image = TestImage.of("layer");
        Map<String, byte[]> files = saved(image, "./abc/../abc/layer.tar");
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            TestTar.file(tar, "./" + file.getKey().replace("./abc/../", ""), file.getValue());
        }
        TestTar.end(tar);
        assertReads(ImageSources.open("docker-archive:" + archive(tar.toByteArray(), false)), image);
    }

    @Test
    void followsAFolderOfAnArchiveThatIsALink() throws Exception {
        TestImage image = TestImage.of("layer");
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        for (Map.Entry<String, byte[]> file : saved(image, "old/layer.tar").entrySet()) {
            TestTar.file(tar, file.getKey().replace("old/", "new/"), file.getValue());
        }
        TestTar.link(tar, "old", "./new");
        TestTar.link(tar, "round", "round/x");
        TestTar.end(tar);
        Path archive = archive(tar.toByteArray(), false);
        assertReads(ImageSources.open("docker-archive:" + archive), image);
        assertThat(TarFiles.scan(archive).find("round/x/y")).isEmpty();
    }

    @Test
    void readsAnUnpackedArchive() throws Exception {
        TestImage image = TestImage.of("layer");
        write(saved(image, "def/layer.tar"));
        Files.createDirectory(folder.resolve("abc"));
        Files.createSymbolicLink(folder.resolve("abc/layer.tar"), Path.of("../def/layer.tar"));
        Files.writeString(
                folder.resolve("manifest.json"),
                Files.readString(folder.resolve("manifest.json")).replace("def/", "./abc/"));
        assertReads(ImageSources.open("docker-archive:" + folder + ":app:1"), image);
    }

    @Test
    void doesNotReadWhatIsOutsideOfAnUnpackedArchive(@TempDir Path outside) throws Exception {
        TestImage image = TestImage.of("layer");
        Path secret = Files.write(outside.resolve("layer.tar"), image.layer());
        for (String path : new String[] {"link", "../" + outside.getFileName() + "/layer.tar", secret.toString()}) {
            write(saved(image, "x"));
            Files.deleteIfExists(folder.resolve("link"));
            Files.createSymbolicLink(folder.resolve("link"), secret);
            Files.writeString(
                    folder.resolve("manifest.json"),
                    Files.readString(folder.resolve("manifest.json")).replace("\"x\"", "\"" + path + "\""));
            assertThat(refused("docker-archive:" + folder).reason()).isEqualTo(Reason.Code.BLOB_MISSING);
        }
    }

    private enum Packing {
        NONE,
        GZIP,
        ZSTD
    }

    private Path packed(byte[] tar, Packing packing, String name) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream raw = Files.newOutputStream(file);
                OutputStream out = switch (packing) {
                    case NONE -> raw;
                    case GZIP -> new GZIPOutputStream(raw);
                    case ZSTD -> new ZstdOutputStream(raw);
                }) {
            out.write(tar);
        }
        return file;
    }

    private static byte[] tarOf(Map<String, byte[]> files, String prefix) {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        files.forEach((path, content) -> TestTar.file(tar, prefix + path, content));
        TestTar.end(tar);
        return tar.toByteArray();
    }

    @ParameterizedTest
    @EnumSource(Packing.class)
    void readsALayoutThatIsAnArchive(Packing packing) throws Exception {
        TestImage image = TestImage.of("layer");
        Map<String, byte[]> files =
                layout(image, "\"org.opencontainers.image.ref.name\":\"docker.io/library/app:1.0\"");
        for (String prefix : new String[] {"", "./", "image/"}) {
            Path archive = packed(tarOf(files, prefix), packing, "my:image@1.tar");
            assertReads(ImageSources.open("oci:" + archive), image);
            ImageSources.Located tagged = ImageSources.open("oci:" + archive + ":docker.io/library/app:1.0");
            assertReads(tagged, image);
            assertThat(tagged.reference()).isEqualTo("oci:" + archive + ":docker.io/library/app:1.0");
            ImageSources.Located exact = ImageSources.open("oci:" + archive + "@" + image.digest());
            assertReads(exact, image);
            assertReads(ImageSources.open(exact.reference()), image);
        }
    }

    @ParameterizedTest
    @EnumSource(Packing.class)
    void readsASavedImageHoweverTheArchiveIsPacked(Packing packing) throws Exception {
        TestImage image = TestImage.of("layer");
        for (String prefix : new String[] {"", "./", "image/"}) {
            Path archive = packed(tarOf(saved(image, "abc/layer.tar"), prefix), packing, "saved.tar");
            assertReads(ImageSources.open("docker-archive:" + archive), image);
        }
    }

    @Test
    void saysWhatToTypeForAnArchiveOfTheOtherKind() throws Exception {
        TestImage image = TestImage.of("layer");
        Path saved = tar(saved(image, "abc/layer.tar"), false);
        assertThat(refused("oci:" + saved)).hasMessageContaining("docker-archive:" + saved);
        Path bad = tar(both(image, "{\"manifests\":null}"), false);
        assertThat(refused("oci:" + bad))
                .hasMessageContaining("index.json is invalid")
                .hasMessageContaining("docker-archive:" + bad);
        Path old = tar(Map.of("repositories", bytes("{}"), "0/layer.tar", image.layer()), false);
        assertThat(refused("docker-archive:" + old)).hasMessageContaining("docker load");
    }

    @Test
    void findsASavedImageByAnyFormOfItsName() throws Exception {
        TestImage image = TestImage.of("layer");
        Map<String, byte[]> files = saved(image, "abc/layer.tar");
        files.put(
                "manifest.json",
                bytes(new String(files.get("manifest.json"), StandardCharsets.UTF_8)
                        .replace("app:1", "docker.io/library/app:latest")));
        Path archive = tar(files, false);
        for (String name : new String[] {"app", "app:latest", "library/app", "docker.io/library/app:latest"}) {
            ImageSources.Located located = ImageSources.open("docker-archive:" + archive + ":" + name);
            assertReads(located, image);
            assertThat(located.reference()).isEqualTo("docker-archive:" + archive + ":" + name);
        }
        ImageSources.Located other = ImageSources.open("docker-archive:" + archive + ":app:2");
        assertThatThrownBy(() -> other.source().resolve(other.name()))
                .hasMessageContaining("'app:2'")
                .hasMessageContaining("[docker.io/library/app:latest]");
    }

    @Test
    void saysWhatToTypeForAFileThatIsNamedAlone() throws Exception {
        Path saved = tar(saved(TestImage.of("layer"), "abc/layer.tar"), false);
        assertThatThrownBy(() -> ImageSources.open(saved.toString()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("docker-archive:" + saved)
                .hasMessageContaining("oci:" + saved);
        write(saved(TestImage.of("layer"), "abc/layer.tar"));
        assertThat(refused("oci:" + folder)).hasMessageContaining("docker-archive:" + folder);
    }

    @Test
    void saysHowToUncompressWhatItCannotRead() throws Exception {
        Path xz = Files.write(folder.resolve("a.tar.xz"), new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0, 0, 0});
        Path bzip2 = Files.writeString(folder.resolve("a.tar.bz2"), "BZh91AY");
        for (String kind : new String[] {"oci:", "docker-archive:"}) {
            assertThat(refused(kind + xz)).hasMessageContaining("xz -d");
            assertThat(refused(kind + bzip2)).hasMessageContaining("bzip2 -d");
        }
    }

    @Test
    void tellsTheBadEntriesOfALayout() throws Exception {
        TestImage image = TestImage.of("layer");
        Map<String, byte[]> files = layout(image, "");
        files.put(
                "index.json",
                bytes(new String(files.get("index.json"), StandardCharsets.UTF_8)
                        .replace("\"manifests\":[", "\"manifests\":[null,")
                        .replaceAll(",\"size\":[0-9]+", "")));
        write(files);
        ImageSources.Located located = ImageSources.open("oci:" + folder);
        assertReads(located, image);
        assertThat(located.source().resolve(located.name()).skipped())
                .singleElement()
                .satisfies(skipped -> assertThat(skipped.digest()).isNull())
                .extracting(skipped -> skipped.reason().message())
                .asString()
                .contains("'manifests[0]' is not a descriptor");
    }

    @Test
    void namesTheMediaTypeOfALayerAfterItsBytes() throws Exception {
        TestImage image = TestImage.of("layer");
        byte[] zstd = Zstd.compress(image.layer());
        Map<String, byte[]> files = saved(image, "abc/layer.tar");
        files.put("abc/layer.tar", zstd);
        ImageSources.Located located = ImageSources.open("docker-archive:" + tar(files, false));
        ImageManifest manifest = (ImageManifest) located.source().manifest(located.name());
        assertThat(manifest.layers())
                .extracting(Descriptor::mediaType)
                .containsExactly(MediaTypes.DOCKER_LAYER + ".zstd");
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
