package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Foreign bytes become records, or an error that names the field; never anything else. */
class ParsersTest {

    private static final Digest ANY = new Digest("sha256", "0".repeat(64));
    private static final String D = "sha256:" + "1".repeat(64);

    private static final String OCI = """
            {"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%1$s","size":7,"data":"eA=="},
             "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+zstd","digest":"%1$s","size":9,"annotations":{"k":"v","n":1}}],
             "subject":{"mediaType":"x","digest":"%1$s","size":1},"annotations":{"org.opencontainers.image.base.name":"alpine:3"}}""".formatted(D);

    private static final String INDEX = """
            {"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":3,"artifactType":"a/b",
             "platform":{"os":"linux","architecture":"arm","variant":"v7","os.version":"1","os.features":["x"]}}]}""".formatted(D);

    private static final String CONFIG = """
            {"os":"linux","architecture":"amd64","created":"2024-05-06T07:08:09.123456789+02:00",
             "config":{"Entrypoint":["/app"],"Cmd":null,"Env":["PATH=/bin","TOKEN=s3cret"],"Labels":{"a":"b"}},
             "rootfs":{"type":"layers","diff_ids":["%s"]},"history":[{"created_by":"x"}]}""".formatted(D);

    private static Manifest manifest(String json) throws MalformedException {
        return ManifestParser.parse(json.getBytes(StandardCharsets.UTF_8), ANY, "");
    }

    private static ImageConfig config(String json) throws MalformedException {
        return ConfigParser.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsAManifestWithFieldsOfTodaysBuilders() throws Exception {
        ImageManifest image = (ImageManifest) manifest(OCI);
        assertThat(image.mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
        assertThat(image.config().size()).isEqualTo(7);
        assertThat(image.layers()).extracting(Descriptor::mediaType).containsExactly(MediaTypes.OCI_LAYER + "+zstd");
        assertThat(image.layers().get(0).annotations()).isEqualTo(Map.of("k", "v"));
        assertThat(image.annotations()).containsEntry("org.opencontainers.image.base.name", "alpine:3");
    }

    @Test
    void readsAnIndexEntryWithArtifactTypeAndPlatform() throws Exception {
        Descriptor entry = ((IndexManifest) manifest(INDEX)).manifests().get(0);
        assertThat(entry.artifactType()).isEqualTo("a/b");
        assertThat(entry.platform()).isEqualTo(Platform.parse("linux/arm/v7"));
    }

    @Test
    void readsAConfigAndKeepsItsEnvironmentOutOfToString() throws Exception {
        ImageConfig config = config(CONFIG);
        assertThat(config.platform()).isEqualTo(Platform.parse("linux/amd64"));
        assertThat(config.created()).isEqualTo(Instant.parse("2024-05-06T05:08:09.123456789Z"));
        assertThat(config.diffIds()).hasSize(1);
        assertThat(config.inputs().entrypoint()).containsExactly("/app");
        assertThat(config.inputs().cmd()).isEmpty();
        assertThat(config.inputs().env()).containsExactly("PATH=/bin", "TOKEN=s3cret");
        assertThat(config.inputs().labels()).isEqualTo(Map.of("a", "b"));
        assertThat(config).asString().doesNotContain("s3cret");
    }

    @Test
    void doesNotKnowThePlatformOfAConfigThatDoesNotSay() throws Exception {
        ImageConfig config = config("{\"created\":\"yesterday\",\"os\":\"\"}");
        assertThat(config.platform()).isNull();
        assertThat(config.created()).isNull();
        assertThat(config.diffIds()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"schemaVersion\":1,\"fsLayers\":[]} | schema 1 is not supported, re-push with a current client",
                "{\"schemaVersion\":2} | neither 'config' nor 'manifests'",
                "{\"manifests\":[],\"layers\":[]} | an index and an image at once",
                "{\"manifests\":[],\"config\":{}} | an index and an image at once",
                "{\"config\":{\"digest\":\"sha256:1111111111111111111111111111111111111111111111111111111111111111\"},\"layers\":[{\"digest\":\"md5:1\",\"size\":1}]} | 'layers[0]': field 'digest': 'md5:1'",
                "{\"config\":{\"digest\":\"sha256:1111111111111111111111111111111111111111111111111111111111111111\"},\"layers\":[{\"size\":1}]} | 'layers[0]': field 'digest' is missing",
                "{\"config\":{\"digest\":\"sha256:1111111111111111111111111111111111111111111111111111111111111111\"},\"layers\":[{\"digest\":\"sha256:1111111111111111111111111111111111111111111111111111111111111111\",\"size\":-1}]} | 'layers[0]': field 'size'",
                "{\"config\":{\"digest\":\"sha256:1111111111111111111111111111111111111111111111111111111111111111\"},\"layers\":[{\"digest\":\"sha256:1111111111111111111111111111111111111111111111111111111111111111\",\"size\":1e99}]} | 'layers[0]': field 'size'",
                "{\"config\":{\"digest\":\"sha256:1111111111111111111111111111111111111111111111111111111111111111\"},\"layers\":[7]} | 'layers[0]' is not a descriptor",
                "[] | not a JSON object",
                "{ | not JSON",
            })
    void refusesAManifestAndNamesTheField(String json, String said) {
        assertThatThrownBy(() -> manifest(json))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(said);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "null | 'manifests[1]' is not a descriptor",
                "7 | 'manifests[1]' is not a descriptor",
                "[] | 'manifests[1]' is not a descriptor",
                "{\"digest\":\"md5:1\",\"size\":1} | 'manifests[1]': field 'digest': 'md5:1'",
                "{\"digest\":7,\"size\":1} | 'manifests[1]': field 'digest' is not a text",
                "{\"size\":1} | 'manifests[1]': field 'digest' is missing",
                "{\"digest\":\"sha256:1111111111111111111111111111111111111111111111111111111111111111\",\"size\":-1} | 'manifests[1]': field 'size'",
                "{\"digest\":\"sha256:1111111111111111111111111111111111111111111111111111111111111111\",\"size\":1e99} | 'manifests[1]': field 'size'",
                "{\"digest\":\"sha256:1111111111111111111111111111111111111111111111111111111111111111\",\"size\":1,\"urls\":[7]} | 'manifests[1]': field 'urls'",
            })
    void oneBadEntryOfAnIndexHidesNoOtherAndIsNamed(String entry, String said) throws Exception {
        String good = "{\"digest\":\"" + D + "\",\"size\":1}";
        IndexManifest index = (IndexManifest) manifest("{\"manifests\":[" + good + "," + entry + "," + good + "]}");
        assertThat(index.manifests()).extracting(Descriptor::digest).hasSize(2).containsOnly(Digest.parse(D));
        assertThat(index.passedOver()).singleElement().asString().contains(said);
    }

    @Test
    void tellsOfVeryManyBadEntriesHowManyThereAre() throws Exception {
        IndexManifest index = (IndexManifest) manifest("{\"manifests\":[" + "null,".repeat(9_999) + "null]}");
        assertThat(index.manifests()).isEmpty();
        assertThat(index.passedOver()).hasSize(100).last().isEqualTo("9901 more entries of 'manifests' are bad");
    }

    @Test
    void aDescriptorMayLeaveItsSizeOut() throws Exception {
        ImageManifest image =
                (ImageManifest) manifest(OCI.replace("\"size\":7,", "").replace("\"size\":9", "\"size\":null"));
        assertThat(image.config().hasSize()).isFalse();
        assertThat(image.layers()).extracting(Descriptor::size).containsExactly(Descriptor.UNKNOWN_SIZE);
        assertThat(((IndexManifest) manifest(INDEX.replace("\"size\":3,", ""))).manifests())
                .hasSize(1);
    }

    @Test
    void understandsAPlatformInCapitals() throws Exception {
        assertThat(config("{\"os\":\"Linux\",\"architecture\":\"AMD64\"}").platform())
                .isEqualTo(Platform.parse("linux/amd64"));
        assertThat(((IndexManifest) manifest(INDEX.replace("\"linux\"", "\"Linux\"")))
                        .manifests()
                        .get(0)
                        .platform())
                .isEqualTo(Platform.parse("linux/arm/v7"));
    }

    @Test
    void refusesMoreLayersThanAnyEngineStacks() {
        String layer = "{\"digest\":\"" + D + "\",\"size\":1}";
        String json = "{\"config\":" + layer + ",\"layers\":[" + (layer + ",").repeat(2000) + layer + "]}";
        assertThatThrownBy(() -> manifest(json)).hasMessageContaining("'layers' has 2001 entries");
    }

    @Test
    void refusesJsonThatIsNestedTooDeep() {
        assertThatThrownBy(() -> manifest("{\"a\":" + "[".repeat(100_000))).isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/vnd.oci.empty.v1+json",
                "application/vnd.cncf.helm.config.v1+json",
                "application/vnd.docker.plugin.v1+json"
            })
    void takesAnotherConfigForAnArtifact(String mediaType) throws Exception {
        assertThat(manifest(OCI.replace(MediaTypes.OCI_CONFIG, mediaType))).isInstanceOf(ArtifactManifest.class);
    }

    @Test
    void survivesTruncationAtEveryByte() throws Exception {
        for (String json : List.of(OCI, INDEX, CONFIG)) {
            byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
            for (int length = 0; length < bytes.length; length++) {
                byte[] cut = java.util.Arrays.copyOf(bytes, length);
                assertThatThrownBy(() -> ManifestParser.parse(cut, ANY, "")).isInstanceOf(MalformedException.class);
                assertThatThrownBy(() -> ConfigParser.parse(cut)).isInstanceOf(MalformedException.class);
            }
        }
    }

    @Test
    void survivesMutation() {
        Random random = new Random(42);
        for (int i = 0; i < 6_000; i++) {
            byte[] bytes = List.of(OCI, INDEX, CONFIG).get(i % 3).getBytes(StandardCharsets.UTF_8);
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                int at = random.nextInt(bytes.length);
                bytes[at] = random.nextBoolean()
                        ? (byte) random.nextInt(256)
                        : (byte) "{}[]\",:0-9eEnulltrue\\".charAt(random.nextInt(20));
            }
            try {
                ManifestParser.parse(bytes, ANY, "");
                ConfigParser.parse(bytes);
            } catch (MalformedException e) {
                assertThat(e.getMessage()).isNotBlank().matches("[^\\p{Cntrl}]*");
            }
        }
    }

    // --- WWW-Authenticate

    @Test
    void readsABearerChallenge() {
        assertThat(
                        Challenge.parse(
                                List.of(
                                        "Bearer realm=\"https://auth.example/token?a=b,c\",service=\"r.example\",scope=\"repository:a/b:pull,push\"")))
                .containsExactly(new Challenge(
                        "bearer",
                        Map.of(
                                "realm", "https://auth.example/token?a=b,c",
                                "service", "r.example",
                                "scope", "repository:a/b:pull,push")));
    }

    @Test
    void readsSeveralChallengesOfOneHeaderAndOfSeveral() {
        assertThat(Challenge.parse(List.of(
                        "Negotiate, NTLM abc==, Basic realm = \"a \\\"b\\\"\" , charset=UTF-8",
                        "BEARER Realm=https://x/t")))
                .extracting(Challenge::scheme)
                .containsExactly("negotiate", "ntlm", "basic", "bearer");
        assertThat(Challenge.parse(List.of("Basic realm = \"a \\\"b\\\"\" , charset=UTF-8"))
                        .get(0)
                        .parameters())
                .isEqualTo(Map.of("realm", "a \"b\"", "charset", "UTF-8"));
        assertThat(Challenge.parse(List.of("BEARER Realm=https://x/t")).get(0).parameter("realm"))
                .isEqualTo("https://x/t");
    }

    @Test
    void doesNotBelieveAQuotedValueWithoutItsEnd() {
        assertThat(Challenge.parse(List.of("Bearer realm=\"https://auth.exam"))
                        .get(0)
                        .parameter("realm"))
                .isEmpty();
    }

    // --- Link

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "</v2/_catalog?last=a&n=2>; rel=\"next\" | /v2/_catalog?last=a&n=2",
                "<a>; rel=next | a",
                "<a>; rel=\"prev\", <b,c>; title=\"x, <y>; rel=next\"; rel=\"last next\" | b,c",
                "<a>;REL=Next | a",
                "<a>; rel=\"prev\" | ``",
                "<a; rel=next | ``",
                "a; rel=next | a",
                "a,b; rel=next | a,b",
                "a; rel=prev, /b?last=x,y; title=\"c\"; rel=next; type=d, e | /b?last=x,y",
                "<a>; title=\"x; rel=next\"; rel=prev | ``",
                "<a>; rel='next' | a",
                "<a> ; title=\"b\" ; rel = next | a",
                "<a>; rel=prev; rel=next | ``",
                "</v2/_catalog?last=a> | /v2/_catalog?last=a",
                "https://inner:5000/v2/_catalog?last=a | https://inner:5000/v2/_catalog?last=a",
                "</v2/_catalog?last=a>, <b>; rel=next | b",
                "?last=a | ?last=a",
                "<https://example.com/documentation> | ``",
                "<>; rel=next | ``",
            })
    void findsTheNextPage(String header, String expected) {
        assertThat(LinkHeader.next(List.of(header), "/v2/_catalog").orElse("")).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "/v2/a/tags/list?last=x ~ /v2/a/tags/list?last=x",
                "?n=2&last=x ~ /v2/a/tags/list?n=2&last=x",
                "list?last=x:y ~ /v2/a/tags/list?last=x:y",
                "./list?last=x ~ /v2/a/tags/list?last=x",
                "../tags/list?last=x ~ /v2/a/tags/list?last=x",
                "v2/a/tags/list?last=x ~ /v2/a/tags/list?last=x",
                "/v2/a/tags/list?last=x y\"{1}|é%2F ~ /v2/a/tags/list?last=x%20y%22%7B1%7D%7C%C3%A9%2F",
                "http://registry:5000/v2/a/tags/list?last=x ~ /v2/a/tags/list?last=x",
                "HTTPS://registry/inner/path/v2/a/tags/list?last=x ~ /v2/a/tags/list?last=x",
                "//registry/v2/a/tags/list?last=x ~ /v2/a/tags/list?last=x",
                "http://registry/other/place?t=1 ~ /other/place?t=1",
                "http://registry//evil.example/x ~ /evil.example/x",
            })
    void staysOnItsOwnHostWhereverTheNextPageIsSaidToBe(String link, String expected) {
        assertThat(NextPage.of(link, "/v2/a/tags/list", URI.create("https://own.example/v2/a/tags/list?n=2")))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://x/y", "mailto:x@y", "http://[bad", "javascript:1"})
    void followsNoLinkThatLeadsNowhere(String link) {
        assertThat(NextPage.of(link, "/v2/a/tags/list", URI.create("https://own.example/v2/a/tags/list")))
                .isNull();
    }

    @Test
    void survivesHeadersOfAnyKind() {
        Random random = new Random(43);
        String alphabet = "<>;,=\"\\ \tabBearerBasicrelnextrealm/:?%\u0001é";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder header = new StringBuilder(i % 2 == 0 ? "Bearer realm=\"x\"" : "</a>; rel=\"next\"");
            for (int changes = random.nextInt(30); changes > 0; changes--) {
                header.insert(random.nextInt(header.length() + 1), alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String text = header.substring(0, random.nextInt(header.length() + 1));
            Challenge.parse(List.of(text));
            LinkHeader.next(List.of(text), "/v2/_catalog");
            NextPage.of(text, "/v2/_catalog", URI.create("http://x/v2/_catalog"));
            RetryAfter.parse(text, Instant.now());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7 | 7",
                "0 | 0",
                "-5 | 0",
                "soon | 0",
                "99999999999999999999 | 0",
                "999999999 | 86400",
                "Wed, 21 Oct 1992 07:28:00 GMT | 0",
                // The three forms of RFC 9110, §5.6.7, for one moment.
                "Sun, 06 Nov 1994 08:49:37 GMT | 37",
                "Sunday, 06-Nov-94 08:49:37 GMT | 37",
                "Sun Nov  6 08:49:37 1994 | 37",
                "Sun Nov 16 08:49:37 1994 | 86400",
                "Sun, 6 Nov 1994 08:49:37 GMT | 37",
                "sun, 06 nov 1994 08:49:37 gmt | 37",
                "Sun, 06 Nov 1994 08:49:37 UTC | 37",
                "Monday, 06-Nov-94 08:49:37 GMT | 37",
                "Sunday, 06-Nov-93 08:49:37 GMT | 0",
                "Sunday, 06-Nov-45 08:49:37 GMT | 0",
                "Sunday, 06-Nov-44 08:49:37 GMT | 86400",
                "Sun, 06 Nov 2994 08:49:37 GMT | 86400",
                "Sun, 06 Nov 999999999 08:49:37 GMT | 0",
                "Sun, 36 Nov 1994 08:49:37 GMT | 0",
                "Sun, 06 Nov 1994 | 0",
                ", | 0",
            })
    void readsRetryAfter(String value, long seconds) {
        assertThat(RetryAfter.parse(value, Instant.parse("1994-11-06T08:49:00Z")))
                .hasSeconds(seconds);
    }
}
