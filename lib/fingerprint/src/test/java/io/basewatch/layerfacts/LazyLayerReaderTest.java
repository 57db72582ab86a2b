package io.basewatch.layerfacts;

import static io.basewatch.layerfacts.TestLayers.KEEPS_ALL;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.LazyLayerReader.Outcome;
import io.basewatch.layerfacts.TableLayers.Made;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LazyLayerReaderTest {

    private static final LayerLimits LIMITS =
            new LayerLimits(32 << 20, 250, 10_000, 4096, 512, 16 << 20, Duration.ofMinutes(1), 4 << 20);

    /** As it is for everybody, but for layers that are too small to be worth anything. */
    private static final LazyLayerReader LAZY = new LazyLayerReader(LIMITS, Kinds.all(), 0, 0.2);

    /** Fetches all, so that all is compared. */
    private static final LazyLayerReader KEEPING = new LazyLayerReader(LIMITS, List.of(KEEPS_ALL), 0, -1);

    static Stream<Path> madeByOthers() throws IOException, URISyntaxException {
        Path tables = Path.of(LazyLayerReaderTest.class.getResource("tables").toURI());
        return Files.list(tables).filter(Files::isDirectory).sorted();
    }

    private static Made made(Path folder) throws IOException {
        Map<String, String> annotations = new HashMap<>();
        for (String line : Files.readAllLines(folder.resolve("annotations.txt"))) {
            annotations.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
        }
        return new Made(Files.readAllBytes(folder.resolve("layer")), annotations);
    }

    private static TableLayers sample() {
        byte[] noise = new byte[100_000];
        new Random(1).nextBytes(noise);
        TableLayers layer = new TableLayers()
                .other("etc/", "dir", "")
                .file("etc/os-release", "ID=alpine\nVERSION_ID=3.20.3\n")
                .file("etc/empty", "")
                .file("./lib/noise", noise, 0755)
                .other("lib/again", "hardlink", "./lib/noise")
                .other("lib/link", "symlink", "../etc/os-release")
                .other("dev/null", "char", "")
                .file("etc/.wh.motd", "")
                .file("var/.wh..wh..opq", "");
        for (int i = 0; i < 5; i++) {
            byte[] text = new byte[60_000];
            new Random(i + 2).nextBytes(text);
            layer.file("usr/lib/app/" + i + ".py", text, 0644);
        }
        return layer.file("usr/lib/app/last.so", noise, 0644);
    }

    private static LayerFacts wholly(Made layer, List<FactsKind> detectors) throws Exception {
        return new LayerReader(LIMITS, detectors).read(new ByteArrayInputStream(layer.bytes()), layer.expected());
    }

    private static LayerFacts lazily(LazyLayerReader reader, Made layer) {
        Outcome outcome = layer.read(reader);
        assertThat(outcome.declined()).isEmpty();
        assertThat(outcome.facts()).isNotNull();
        return LayerFacts.decode(outcome.facts().encode());
    }

    /** All that a layer's facts say of each path; without what is there for those who read tables. */
    private static Map<String, String> content(LayerFacts facts) {
        Map<String, String> content = new TreeMap<>();
        ImageView view = SquashedImage.of(List.of(facts), ImageInputs.NONE);
        view.files()
                .filter(file -> !file.entry().path().matches("stargz.index.json|\\.(no\\.)?prefetch\\.landmark"))
                .forEach(file -> content.put(
                        file.entry().path(),
                        file.entry() + " " + Arrays.hashCode(file.content()) + " " + file.isCut() + " "
                                + Arrays.hashCode(file.facts("elf"))));
        EntryLog.Reader entry = new EntryLog.Reader(facts);
        while (entry.next()) {
            if (entry.kind == EntryLog.Kind.WHITEOUT || entry.kind == EntryLog.Kind.OPAQUE) {
                content.put(new String(entry.path, 0, entry.pathLength, StandardCharsets.UTF_8), "" + entry.kind);
            }
        }
        return content;
    }

    private static void assertDeclined(LazyLayerReader reader, Made layer, String why) {
        Outcome outcome = layer.read(reader);
        assertThat(outcome.facts()).isNull();
        assertThat(outcome.declined()).contains(why);
    }

    // ---- the same as a full pass

    @ParameterizedTest
    @MethodSource("madeByOthers")
    void readsLayersThatOtherToolsMade(Path folder) throws Exception {
        Made layer = made(folder);
        assertThat(content(lazily(KEEPING, layer)))
                .hasSizeGreaterThan(20)
                .isEqualTo(content(wholly(layer, List.of(KEEPS_ALL))));

        LayerFacts lazy = lazily(new LazyLayerReader(LIMITS, Kinds.all(), 0, -1), layer);
        LayerFacts whole = wholly(layer, Kinds.all());
        assertThat(content(lazy)).isEqualTo(content(whole));
        boolean shared = folder.getFileName().toString().contains("shared");
        assertThat(lazy.storedBytes()).isLessThan(shared ? whole.storedBytes() : whole.storedBytes() * 8 / 10);
        assertThat(Fingerprinter.fingerprint(List.of(lazy), ImageInputs.NONE)
                        .fingerprint()
                        .distro())
                .usingRecursiveComparison()
                .ignoringFieldsOfTypes(Evidence.class)
                .ignoringFieldsMatchingRegexes(".*evidence.*")
                .isEqualTo(Fingerprinter.fingerprint(List.of(whole), ImageInputs.NONE)
                        .fingerprint()
                        .distro());
    }

    @Test
    void readsWhatItWritesItselfLikeAFullPass() throws Exception {
        for (Made layer : List.of(sample().stargz(), sample().chunked())) {
            assertThat(content(lazily(KEEPING, layer)))
                    .containsKeys("lib/noise", "lib/again", "etc/motd", "var", "usr/lib/app/0.py")
                    .isEqualTo(content(wholly(layer, List.of(KEEPS_ALL))));
            assertThat(content(lazily(LAZY, layer))).isEqualTo(content(wholly(layer, Kinds.all())));
        }
    }

    @Test
    void asksOnlyForWhatIsWantedAndSaysHowMuchThatIs() {
        Made layer = sample().stargz();
        TableLayers.Source source = layer.source();
        LayerFacts facts =
                LAZY.read(source, layer.expected(), layer.annotations()).facts();
        assertThat(facts.isLazy()).isTrue();
        assertThat(facts.isComplete()).isTrue();
        assertThat(facts.digest()).isEqualTo(layer.expected().digest());
        assertThat(facts.diffId()).isNull();
        assertThat(facts.storedBytes()).isEqualTo(source.given).isBetween(80_000L, 83_000L);
        assertThat(source.requests).isEqualTo(4);
        assertThat(facts.notes())
                .containsExactly(new Reason(
                        Reason.Code.READ_BY_TABLE,
                        "layer " + layer.expected().digest() + " was read by its table of contents: " + source.given
                                + " of " + layer.bytes().length + " bytes"));
        assertThat(LayerFacts.decode(facts.encode()).name())
                .isEqualTo(FactsName.promised(layer.expected().digest(), layer.annotations())
                        .orElseThrow());
    }

    @Test
    void evidenceNamesTheStoredDigestAsTheTarsIsNotKnown() {
        Made layer = sample().chunked();
        ImageView view = SquashedImage.of(List.of(lazily(LAZY, layer)), ImageInputs.NONE);
        assertThat(view.find("etc/os-release").orElseThrow().layer())
                .isEqualTo(layer.expected().digest());
    }

    @Test
    void factsAreKeptByLayerAndTable() {
        Digest one = Digest.parse("sha256:" + "1".repeat(64));
        Digest two = Digest.parse("sha256:" + "2".repeat(64));
        assertThat(List.of(
                        FactsName.byTable(one, two),
                        FactsName.byTable(two, one),
                        FactsName.byTable(one, one),
                        FactsName.whole(one),
                        FactsName.whole(two)))
                .doesNotHaveDuplicates();
        assertThat(FactsName.byTable(one, two)).isEqualTo(FactsName.byTable(one, two));
    }

    @Test
    void readsNeighboursInOneRequest() {
        Made layer = sample().stargz();
        TableLayers.Source source = layer.source();
        LazyLayerReader patient = new LazyLayerReader(LIMITS, Kinds.all(), 70_000, -1);
        // What lies between is more than one request costs, so two it is; nothing to be gained is no reason here.
        patient.read(source, layer.expected(), layer.annotations());
        assertThat(source.requests).isLessThanOrEqualTo(4);
        WantedParts parts = new WantedParts(10);
        parts.add(100, 200);
        parts.add(210, 300);
        parts.add(311, 400);
        parts.settle();
        assertThat(parts.requests()).isEqualTo(2);
        assertThat(parts.bytes()).isEqualTo(200 + 89);
        assertThat(parts.endOfRun(0)).isEqualTo(300);
    }

    @Test
    void asksForNoMoreThanADecentNumberOfParts() {
        WantedParts parts = new WantedParts(10);
        for (int i = 0; i < 10_000; i++) {
            parts.add(i * 1_000L, i * 1_000L + 100 + i % 7);
        }
        parts.settle();
        assertThat(parts.requests()).isLessThanOrEqualTo(64);
        assertThat(parts.bytes()).isLessThanOrEqualTo(10_000_000);
    }

    @Test
    void doesNotReadOnInAFileThatNobodyWantsAfterItsFirstChunk() {
        byte[] noise = new byte[4 << 20];
        new Random(1).nextBytes(noise);
        Made layer = new TableLayers()
                .file("etc/os-release", "ID=alpine\n")
                .file("data/model", noise, 0644)
                .file("etc/alpine-release", "3.20.3\n")
                .stargz();
        TableLayers.Source source = layer.source();
        LayerFacts facts = new LazyLayerReader(LIMITS, Kinds.all(), 0, -1)
                .read(source, layer.expected(), layer.annotations())
                .facts();
        assertThat(TestLayers.text(SquashedImage.of(List.of(facts), ImageInputs.NONE), "etc/alpine-release"))
                .isEqualTo("3.20.3\n");
        assertThat(source.given).isLessThan(100_000);
    }

    @Test
    void readsFilesThatShareAStream() {
        Made layer = sample().chunksOf(1_000_000).changingJson(text -> text).stargz();
        assertThat(lazily(LAZY, layer).entries()).isEqualTo(15);
    }

    // ---- reasons to read the whole

    @Test
    void declinesWithoutAPromiseThatTheManifestMakes() {
        Made layer = sample().stargz();
        assertThat(FactsName.promised(layer.expected().digest(), layer.annotations()))
                .isPresent();
        assertThat(FactsName.promised(
                        layer.expected().digest(), sample().chunked().annotations()))
                .isPresent();
        for (Map<String, String> none : List.of(
                Map.<String, String>of(),
                Map.of("containerd.io/snapshot/stargz/toc.digest", "sha256:abc"),
                Map.of("io.github.containers.zstd-chunked.manifest-position", "1:2:3:1"),
                Map.of(
                        "io.github.containers.zstd-chunked.manifest-position",
                        "1:2:3:2",
                        "io.github.containers.zstd-chunked.manifest-checksum",
                        "sha256:" + "0".repeat(64)),
                Map.of(
                        "io.github.containers.zstd-chunked.manifest-position",
                        "1:2:-3:1",
                        "io.github.containers.zstd-chunked.manifest-checksum",
                        "sha256:" + "0".repeat(64)))) {
            assertThat(FactsName.promised(layer.expected().digest(), none)).isEmpty();
            assertThat(LAZY.read(layer.source(), layer.expected(), none).facts())
                    .isNull();
        }
        assertThat(LAZY.read(layer.source(), Expected.NOTHING, layer.annotations())
                        .facts())
                .isNull();
    }

    @Test
    void declinesWhenTheRegistryGivesNoPartsOrBreaks() {
        Made layer = sample().stargz();
        Outcome none = LAZY.read((offset, length) -> Optional.empty(), layer.expected(), layer.annotations());
        assertThat(none.facts()).isNull();
        assertThat(none.declined()).contains("no parts");
        TableLayers.Source good = layer.source();
        for (int works = 0; works < 4; works++) {
            int[] left = {works};
            Outcome broken = LAZY.read(
                    (offset, length) -> {
                        if (left[0]-- == 0) {
                            throw new IOException("connection lost");
                        }
                        return good.open(offset, length);
                    },
                    layer.expected(),
                    layer.annotations());
            assertThat(broken).isEqualTo(new Outcome(null, "connection lost"));
        }
    }

    @Test
    void declinesAPartThatEndsEarly() {
        for (Made layer : List.of(sample().stargz(), sample().chunked())) {
            TableLayers.Source good = layer.source();
            for (int whole = 0; whole < 3; whole++) {
                int[] left = {whole};
                Outcome cut = LAZY.read(
                        (offset, length) -> left[0]-- > 0
                                ? good.open(offset, length)
                                : Optional.of(new ByteArrayInputStream(
                                        good.open(offset, length).orElseThrow().readNBytes((int) length / 5))),
                        layer.expected(),
                        layer.annotations());
                assertThat(cut.facts()).isNull();
            }
        }
    }

    @Test
    void declinesWhenLittleWouldBeSaved() {
        Made layer = sample().stargz();
        assertDeclined(new LazyLayerReader(LIMITS, Kinds.all(), 0, 0.7), layer, "would be saved");
        assertDeclined(new LazyLayerReader(LIMITS, Kinds.all()), layer, "would be saved");
        assertDeclined(new LazyLayerReader(LIMITS, List.of(KEEPS_ALL), 0, 0.01), layer, "would be saved");
    }

    @Test
    void declinesAMediaTypeThatDoesNotFit() {
        Made layer = sample().chunked();
        for (String type : List.of(
                "application/vnd.oci.image.layer.v1.tar+gzip",
                "application/vnd.oci.image.layer.v1.tar+zstd+encrypted")) {
            Expected expected = new Expected(layer.expected().digest(), layer.bytes().length, null, type);
            assertThat(LAZY.read(layer.source(), expected, layer.annotations()).declined())
                    .contains("media type");
        }
        Expected fits = new Expected(
                layer.expected().digest(), layer.bytes().length, null, "application/vnd.oci.image.layer.v1.tar+zstd");
        assertThat(LAZY.read(layer.source(), fits, layer.annotations()).facts()).isNotNull();
    }

    @Test
    void declinesATableThatIsNotThePromisedOne() {
        String digest = "sha256:" + "ab".repeat(32);
        Made stargz = sample().stargz();
        assertDeclined(
                LAZY,
                new Made(stargz.bytes(), Map.of("containerd.io/snapshot/stargz/toc.digest", digest)),
                "not " + digest);
        Made chunked = sample().chunked();
        Map<String, String> annotations = new HashMap<>(chunked.annotations());
        annotations.put("io.github.containers.zstd-chunked.manifest-checksum", digest);
        assertDeclined(LAZY, new Made(chunked.bytes(), annotations), "not " + digest);
    }

    @Test
    void declinesWhenAnyByteThatItLookedAtIsAnother() throws Exception {
        for (Made layer : List.of(sample().stargz(), sample().chunked())) {
            Map<String, String> good = content(lazily(LAZY, layer));
            int declined = 0;
            Random random = new Random(5);
            for (int i = 0; i < 400; i++) {
                byte[] damaged = layer.bytes().clone();
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
                LayerFacts facts =
                        new Made(damaged, layer.annotations()).read(LAZY).facts();
                declined += facts == null ? 1 : 0;
                // Where the damage was not looked at, or was in no content: the same as ever.
                if (facts != null) {
                    assertThat(content(facts)).isEqualTo(good);
                }
            }
            assertThat(declined).isBetween(40, 200);
        }
    }

    @Test
    void declinesATableThatIsCutAnywhere() {
        TableLayers small =
                new TableLayers().file("etc/os-release", "ID=alpine\n").file("a.py", "x".repeat(2_000));
        int[] length = new int[2];
        small.changingJson(text -> {
                    length[0] = text.length();
                    return text;
                })
                .stargz();
        for (int i = 0; i < length[0]; i++) {
            int end = i;
            small.changingJson(text -> text.substring(0, end));
            assertThat(small.stargz().read(KEEPING).facts()).isNull();
            assertThat(small.chunked().read(KEEPING).facts()).isNull();
        }
        small.changingJson(text -> text);
        small.changingStored(bytes -> {
                    length[1] = bytes.length;
                    return bytes;
                })
                .chunked();
        for (int i = 0; i < length[1]; i++) {
            int end = i;
            assertThat(small.changingStored(bytes -> Arrays.copyOf(bytes, end))
                            .chunked()
                            .read(KEEPING)
                            .facts())
                    .isNull();
        }
    }

    /** Each is a table whose digest is right. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"version\":1 -> \"version\":2",
                "\"version\":1, -> ",
                "\"entries\":[ -> \"entries\":[],\"entries\":[",
                "\"entries\":[ -> \"others\":[",
                "\"size\":100000 -> \"size\":99999",
                "\"size\":100000 -> \"size\":100001",
                "\"size\":100000 -> \"size\":-1",
                "\"size\":100000 -> \"size\":9223372036854775807",
                "\"size\":100000 -> \"size\":9223372036854775808",
                "\"size\":100000 -> \"size\":1e5",
                "\"size\":100000 -> \"size\":\"100000\"",
                "\"chunkOffset\":40000 -> \"chunkOffset\":39999",
                "\"chunkOffset\":40000 -> \"chunkOffset\":0",
                "\"chunkSize\":40000 -> \"chunkSize\":39999",
                "\"chunkSize\":40000 -> \"chunkSize\":9223372036854775807",
                "\"chunkDigest\":\"sha256: -> \"chunkDigest\":\"md5:",
                "\"chunkDigest\":\"sha256: -> \"other\":\"sha256:",
                "\"type\":\"chunk\" -> \"type\":\"lump\"",
                "\"type\":\"dir\" -> \"type\":\"chunk\"",
                "\"type\":\"dir\" -> \"type\":\"\"",
                "\"name\":\"etc/os-release\" -> \"name\":\"a\\ud800\"",
                "\"name\":\"etc/os-release\" -> \"name\":\"a\ufffd\"",
                "\"name\":\"etc/os-release\" -> \"name\":\"a\\u0000\"",
                "\"name\":\"etc/os-release\", -> ",
                "\"name\":\"etc/os-release\" -> \"name\":7",
                "\"name\":\"./lib/noise\",\"type\":\"chunk\" -> \"name\":\"lib/other\",\"type\":\"chunk\"",
                "\"offset\": -> \"offset\":1",
                "\"offset\": -> \"offset\":-",
                "\"offset\": -> \"innerOffset\":1,\"offset\":",
                "\"offset\": -> \"innerOffset\":99999999999,\"offset\":",
                "\"offset\": -> \"offset\":0,\"unknown\":",
                "\"offset\": -> \"offset\":5,\"unknown\":",
            })
    void declinesTablesThatCannotBe(String change) throws Exception {
        String[] parts = (change + " ").split(" -> ");
        UnaryOperator<String> json = text -> {
            assertThat(text).contains(parts[0]);
            return text.replace(parts[0], parts[1].stripTrailing());
        };
        for (Made layer : List.of(
                sample().changingJson(json).stargz(),
                sample().changingJson(json).chunked())) {
            assertThat(layer.read(KEEPING).facts()).as(change).isNull();
            assertThat(wholly(layer, Kinds.all()).isComplete()).isTrue();
        }
    }

    @Test
    void readsTablesWithFieldsOfTheFuture() {
        for (String change : List.of("\"version\":1,\"new\":{\"a\":[{}]}", "\"new\":null,\"version\":1")) {
            Made layer = sample().changingJson(text -> text.replace("\"version\":1", change)
                            .replace(
                                    "\"type\":\"reg\"",
                                    "\"type\":\"reg\",\"uid\":-1,\"more\":[[1.5e300]],\"size\":null"))
                    .chunked();
            assertThat(lazily(LAZY, layer).entries()).isEqualTo(15);
        }
    }

    @Test
    void passesNoLimit() {
        Made layer = sample().stargz();
        LayerLimits d = LIMITS;
        for (LayerLimits tight : List.of(
                new LayerLimits(150_000, 250, 10_000, 4096, 512, 16 << 20, d.maxTime(), 4 << 20),
                new LayerLimits(32 << 20, 250, 14, 4096, 512, 16 << 20, d.maxTime(), 4 << 20),
                new LayerLimits(32 << 20, 250, 10_000, 15, 512, 16 << 20, d.maxTime(), 4 << 20),
                new LayerLimits(32 << 20, 250, 10_000, 4096, 3, 16 << 20, d.maxTime(), 4 << 20),
                new LayerLimits(32 << 20, 250, 10_000, 4096, 512, 99_999, d.maxTime(), 4 << 20),
                new LayerLimits(32 << 20, 250, 10_000, 4096, 512, 16 << 20, Duration.ofNanos(1), 4 << 20),
                new LayerLimits(32 << 20, 250, 10_000, 4096, 512, 16 << 20, d.maxTime(), 50_000))) {
            Outcome outcome = layer.read(new LazyLayerReader(tight, List.of(KEEPS_ALL), 0, -1));
            assertThat(outcome.facts()).isNull();
            assertThat(outcome.declined()).contains("limit");
        }
    }

    @Test
    void doesNotHoldATableOfAnySize() {
        Made chunked = sample().chunked();
        for (String position : List.of("8:8388609:100:1", "8:100:134217729:1", "8:999999999999999999:9:1")) {
            Map<String, String> annotations = new HashMap<>(chunked.annotations());
            annotations.put("io.github.containers.zstd-chunked.manifest-position", position);
            Expected large = new Expected(chunked.expected().digest(), 1L << 40, null, "");
            LayerRanges mustNotBeAsked = (offset, length) -> {
                throw new AssertionError("asked for " + length);
            };
            assertThat(LAZY.read(mustNotBeAsked, large, annotations).facts()).isNull();
        }
        Made stargz = sample().stargz();
        Expected large = new Expected(stargz.expected().digest(), 1L << 40, null, "");
        Outcome outcome = LAZY.read(
                (offset, length) -> {
                    assertThat(length).isEqualTo(51);
                    return Optional.of(new ByteArrayInputStream(TableLayers.footer(5)));
                },
                large,
                stargz.annotations());
        assertThat(outcome.declined()).contains("limit");
    }

    @Test
    void aBombInATableIsNotGoneThrough() {
        Made stargz = sample().changingStored(bytes -> TestLayers.gzip(TableLayers.tableHeader(200L << 20)))
                .stargz();
        assertDeclined(LAZY, stargz, "limit");
        Made chunked = sample().changingStored(bytes -> TestLayers.zstd(new byte[20 << 20]))
                .chunked();
        assertDeclined(LAZY, chunked, "no valid JSON");
    }

    @Test
    void aBombInAChunkIsHeldAgainstTheLimits() {
        byte[] zeros = new byte[12 << 20];
        Made layer = new TableLayers()
                .file("bin/zeros", zeros, 0755)
                .file("bin/zeros2", zeros, 0755)
                .file("bin/zeros3", zeros, 0755)
                .stargz();
        assertDeclined(KEEPING, layer, "limit");
        Made claimed = new TableLayers()
                .file("bin/zeros", new byte[1_000], 0755)
                .changingJson(text -> text.replace("\"size\":1000", "\"chunkType\":\"zeros\",\"size\":9000000000000"))
                .chunked();
        assertDeclined(KEEPING, claimed, "limit");
    }

    @Test
    void footersThatLieAreDeclined() {
        Made layer = sample().stargz();
        for (int at = 0; at < 51; at++) {
            for (int value : new int[] {0, 'f', 0xff, 'z', '7'}) {
                byte[] bytes = layer.bytes().clone();
                bytes[bytes.length - 51 + at] = (byte) value;
                LayerFacts facts =
                        new Made(bytes, layer.annotations()).read(LAZY).facts();
                assertThat(facts == null || content(facts).containsKey("etc/os-release"))
                        .isTrue();
            }
        }
        byte[] tiny = Arrays.copyOfRange(layer.bytes(), layer.bytes().length - 51, layer.bytes().length);
        assertThat(new Made(tiny, layer.annotations()).read(LAZY).facts()).isNull();
    }

    @Test
    void readsTheFooterOfStargzBeforeItWasExtended() {
        Made layer = sample().stargz();
        int end = layer.bytes().length - 51;
        byte[] old = Arrays.copyOf(layer.bytes(), end + 47);
        System.arraycopy(layer.bytes(), end, old, end, 10);
        old[end + 10] = 22;
        old[end + 11] = 0;
        System.arraycopy(layer.bytes(), end + 16, old, end + 12, 22);
        System.arraycopy(layer.bytes(), end + 38, old, end + 34, 13);
        assertThat(content(lazily(LAZY, new Made(old, layer.annotations())))).isEqualTo(content(lazily(LAZY, layer)));
    }

    @Test
    void mutatedTablesNeverEscape() {
        String[] values = {
            "0", "-1", "1", "9223372036854775807", "2147483648", "null", "\"\"", "[]", "{}", "true", "1e9"
        };
        int read = 0;
        for (int seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            UnaryOperator<String> mutate = text -> {
                StringBuilder json = new StringBuilder(text);
                for (int i = random.nextInt(4); i >= 0; i--) {
                    int at = random.nextInt(json.length());
                    switch (random.nextInt(4)) {
                        case 0 -> json.setCharAt(at, "{}[]\",:0123456789abcrz\\".charAt(random.nextInt(23)));
                        case 1 -> {
                            int colon = json.indexOf("\":", at);
                            int comma = colon < 0 ? -1 : json.indexOf(",", colon);
                            if (comma > 0) {
                                json.replace(colon + 2, comma, values[random.nextInt(values.length)]);
                            }
                        }
                        case 2 -> {
                            int to = Math.min(json.length(), at + random.nextInt(200));
                            json.insert(random.nextInt(json.length()), json.substring(at, to));
                        }
                        default -> json.delete(at, Math.min(json.length(), at + random.nextInt(60)));
                    }
                }
                return json.toString();
            };
            TableLayers layer = new TableLayers()
                    .file("etc/os-release", "ID=alpine\n")
                    .file("bin/a", "x".repeat(700), 0755)
                    .other("bin/b", "hardlink", "bin/a")
                    .file("a.py", "y".repeat(300))
                    .chunksOf(300)
                    .changingJson(mutate);
            Made made = random.nextBoolean() ? layer.stargz() : layer.chunked();
            LayerFacts facts = made.read(KEEPING).facts();
            if (facts != null) {
                read++;
                LayerFacts decoded = LayerFacts.decode(facts.encode());
                Fingerprinter.fingerprint(List.of(decoded, decoded), ImageInputs.NONE);
            }
        }
        assertThat(read).isBetween(100, 2_500);
    }

    @Test
    void mutatedStoredTablesNeverEscape() {
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            Made layer = new TableLayers()
                    .file("etc/os-release", "ID=alpine\n")
                    .file("a.py", "y".repeat(300))
                    .changingStored(bytes -> {
                        byte[] changed = bytes.clone();
                        changed[random.nextInt(changed.length)] = (byte) random.nextInt();
                        return changed;
                    })
                    .chunked();
            LayerFacts facts = layer.read(KEEPING).facts();
            if (facts != null) {
                content(facts);
            }
        }
    }

    @Test
    void namesThatClimbOutAreRefusedAndLinksInACircleEndNowhere() {
        Made layer = new TableLayers()
                .file("../etc/os-release", "ID=evil\n")
                .file("/etc/../../os-release", "ID=evil\n")
                .other("a", "symlink", "b")
                .other("b", "symlink", "a")
                .other("c", "hardlink", "c")
                .other("d", "hardlink", "../../etc/shadow")
                .file("etc/os-release", "ID=alpine\n")
                .file("etc/os-release", "ID=debian\n")
                .stargz();
        LayerFacts facts = lazily(KEEPING, layer);
        assertThat(facts.notes()).extracting(Reason::code).contains(Reason.Code.LAYER_CORRUPT);
        ImageView view = SquashedImage.of(List.of(facts), ImageInputs.NONE);
        assertThat(view.find("a")).isEmpty();
        assertThat(view.find("c")).isEmpty();
        assertThat(TestLayers.text(view, "etc/os-release")).isEqualTo("ID=debian\n");
    }
}
