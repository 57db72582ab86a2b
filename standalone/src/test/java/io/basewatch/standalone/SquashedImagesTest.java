package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.layerfacts.Expected;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.layerfacts.LayerReader;
import io.basewatch.lineage.Confidence;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.KnownBases;
import io.basewatch.lineage.Lineage;
import io.basewatch.lineage.Member;
import io.basewatch.lineage.Method;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Real images that were made one layer, with an application and without what tells of packages or releases, against the bases that they were made of and against their neighbours. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SquashedImagesTest {

    private static final String TAR = "application/vnd.oci.image.layer.v1.tar";

    /** A file, folder or link of an image. */
    private record Entry(TarArchiveEntry header, byte[] content) {}

    /** One of the corpus' images that others are made of. */
    private record Base(String name, Platform platform, Digest chain, Map<String, Entry> files, Member member) {}

    private final LayerReader reader = new LayerReader(LayerLimits.defaults(), Kinds.all());
    private final List<Base> bases = new ArrayList<>();
    private final Map<String, Map<String, Integer>> results = new TreeMap<>();

    /** What becomes of a base in an image made of it. */
    private static final Map<String, Function<Base, Map<String, Entry>>> MADE = new TreeMap<>(Map.of(
            "1 with an application",
            base -> with(base.files(), "app/file", 300),
            "2 with an application of 5,000 files",
            base -> with(base.files(), "usr/local/lib/node_modules/app/file", 5000),
            "3 without its database",
            base -> without(with(base.files(), "app/file", 300), SquashedImagesTest::isDatabase),
            "4 without database and release",
            base -> without(
                    with(base.files(), "app/file", 300),
                    path -> isDatabase(path) || path.endsWith("os-release") || path.endsWith("alpine-release")),
            "5 without database, with as many files of the system again",
            base -> without(
                    with(base.files(), "usr/lib/more/file", base.files().size()), SquashedImagesTest::isDatabase)));

    private static boolean isDatabase(String path) {
        return path.startsWith("lib/apk/db/") || path.startsWith("var/lib/dpkg/") || path.startsWith("usr/lib/apk/db/");
    }

    private static Map<String, Entry> with(Map<String, Entry> files, String prefix, int count) {
        Map<String, Entry> more = new TreeMap<>(files);
        for (int n = 0; n < count; n++) {
            byte[] content = new byte[n % 200];
            TarArchiveEntry header = new TarArchiveEntry(prefix + n);
            header.setSize(content.length);
            more.put(prefix + n, new Entry(header, content));
        }
        return more;
    }

    private static Map<String, Entry> without(Map<String, Entry> files, Predicate<String> gone) {
        Map<String, Entry> fewer = new TreeMap<>(files);
        fewer.keySet().removeIf(gone);
        return fewer;
    }

    @BeforeAll
    void readBases() throws Exception {
        Path corpus = Path.of(System.getProperty("basewatch.corpus", "missing"));
        assumeTrue(Files.exists(corpus.resolve("truth.json")), "no corpus of images (-Dbasewatch.corpus)");
        JsonNode truth = new JsonMapper().readTree(corpus.resolve("truth.json").toFile());
        for (JsonNode image : truth.get("images")) {
            String repository = image.get("repo").asString();
            if (!repository.matches("(library|wolfi|openwrt|buildroot|tinycore|distroless)/.*|real/alpine-docker")) {
                continue;
            }
            Map<String, Entry> files = new TreeMap<>();
            Digest chain = null;
            for (int n = 0; n < image.get("layers").size(); n++) {
                String hex = image.at("/layers/" + n + "/digest").asString().substring("sha256:".length());
                lay(
                        files,
                        corpus.resolve("registry/docker/registry/v2/blobs/sha256/" + hex.substring(0, 2) + "/" + hex
                                + "/data"));
                Digest diffId = Digest.parse(image.at("/diff_ids/" + n).asString());
                chain = chain == null ? diffId : ImageAnalysis.Chain.id(chain, diffId);
            }
            JsonNode on = image.get("platform");
            Platform platform = Platform.parse("linux/" + on.get("architecture").asString()
                    + (on.path("variant").isString() ? "/" + on.get("variant").asString() : ""));
            JsonNode tags = image.get("tags").isEmpty() ? image.get("via_index_tags") : image.get("tags");
            String name = repository + ":" + tags.get(0).asString() + " " + platform;
            List<Member.Layer> layers = List.of(new Member.Layer(
                    Digest.sha256Of(name.getBytes(StandardCharsets.UTF_8)),
                    Digest.parse(image.at("/diff_ids/0").asString()),
                    false,
                    100));
            assertThat(image.get("layers").size()).as(name).isEqualTo(1);
            bases.add(new Base(
                    name,
                    platform,
                    Objects.requireNonNull(chain),
                    files,
                    member(name, platform, fingerprint(files), layers)));
        }
        assertThat(bases).hasSizeGreaterThan(20);
    }

    /** As a container would see it: whiteouts take away what lies below. */
    private static void lay(Map<String, Entry> files, Path blob) throws IOException {
        try (InputStream stored = Files.newInputStream(blob);
                TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(stored))) {
            for (TarArchiveEntry header = tar.getNextEntry(); header != null; header = tar.getNextEntry()) {
                String path = header.getName().replaceFirst("^(\\./)+", "").replaceFirst("/$", "");
                String name = path.substring(path.lastIndexOf('/') + 1);
                if (name.startsWith(".wh.")) {
                    String gone = path.substring(0, path.length() - name.length()) + name.substring(4);
                    files.keySet().removeIf(each -> each.equals(gone) || each.startsWith(gone + "/"));
                } else if (!path.isEmpty() && !path.equals(".")) {
                    files.put(path, new Entry(header, tar.readAllBytes()));
                }
            }
        }
    }

    private Fingerprint fingerprint(Map<String, Entry> files) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            // Hard links after what they lead to, whose name may come later.
            for (boolean links : new boolean[] {false, true}) {
                for (Map.Entry<String, Entry> each : files.entrySet()) {
                    TarArchiveEntry header = each.getValue().header();
                    if (header.isLink() == links) {
                        tar.putArchiveEntry(entry(each.getKey(), each.getValue()));
                        tar.write(each.getValue().content());
                        tar.closeArchiveEntry();
                    }
                }
            }
        }
        byte[] layer = bytes.toByteArray();
        Digest digest = Digest.sha256Of(layer);
        LayerFacts facts =
                reader.read(new ByteArrayInputStream(layer), new Expected(digest, layer.length, digest, TAR));
        return Fingerprinter.fingerprint(List.of(facts), ImageInputs.NONE).fingerprint();
    }

    private static TarArchiveEntry entry(String path, Entry entry) {
        TarArchiveEntry header = entry.header();
        TarArchiveEntry copy = header.isLink()
                ? new TarArchiveEntry(path, TarConstants.LF_LINK)
                : header.isSymbolicLink()
                        ? new TarArchiveEntry(path, TarConstants.LF_SYMLINK)
                        : new TarArchiveEntry(header.isDirectory() ? path + "/" : path);
        copy.setMode(header.getMode());
        if (header.isLink() || header.isSymbolicLink()) {
            copy.setLinkName(header.getLinkName().replaceFirst("^\\./", ""));
        } else {
            copy.setSize(entry.content().length);
        }
        return copy;
    }

    private static Member member(String name, Platform platform, Fingerprint fingerprint, List<Member.Layer> layers) {
        Distro distro = fingerprint.distro();
        return new Member(
                Digest.sha256Of(("image " + name).getBytes(StandardCharsets.UTF_8)),
                platform,
                AnalysisStatus.COMPLETE,
                layers,
                List.of(),
                distro == null
                        ? null
                        : new Member.Ground(distro.id(), distro.version(), distro.codename(), distro.variant()),
                fingerprint.systemLibc().family(),
                null,
                null,
                null,
                List.of("1"),
                List.of(),
                Map.of(),
                null,
                fingerprint.packages().isEmpty()
                        ? null
                        : fingerprint.packages().get(0).sketch(),
                fingerprint.files(),
                Member.Kept.NOTHING);
    }

    private static Member.Layer layer(String name, long bytes) {
        Digest digest = Digest.sha256Of(name.getBytes(StandardCharsets.UTF_8));
        return new Member.Layer(digest, digest, false, bytes);
    }

    /** A fleet that holds these, and of each an image that stands on it. */
    private static FleetTree fleet(List<Base> held, KnownBases known) {
        FleetTree tree = new FleetTree(known);
        for (Base base : held) {
            tree.replace(repository(base.name()), List.of(base.member()), List.of());
            Member on = base.member();
            List<Member.Layer> layers = new ArrayList<>(on.layers());
            layers.add(layer("application on " + base.name(), 50));
            tree.replace(
                    repository("on " + base.name()),
                    List.of(new Member(
                            Digest.sha256Of(("on " + base.name()).getBytes(StandardCharsets.UTF_8)),
                            on.platform(),
                            on.status(),
                            layers,
                            List.of(),
                            on.ground(),
                            on.libc(),
                            null,
                            null,
                            null,
                            List.of("1"),
                            List.of(),
                            Map.of(),
                            null,
                            on.packages(),
                            on.files(),
                            Member.Kept.NOTHING)),
                    List.of());
        }
        return tree;
    }

    private static Repository repository(String name) {
        return new Repository("registry.example", name.replaceAll("[^a-z0-9/]", "-"));
    }

    private void count(String fleet, String kind, String result) {
        results.computeIfAbsent(fleet + ", " + kind, key -> new TreeMap<>()).merge(result, 1, Integer::sum);
    }

    /** What is found, and whether that is right; nothing may be said for certain. */
    private String judge(FleetTree tree, Member squashed, Digest chain) {
        Lineage lineage = tree.lineage(squashed.digest()).orElseThrow();
        assertThat(lineage.bases()).allSatisfy(base -> {
            assertThat(base.method()).isEqualTo(Method.LIKENESS);
            assertThat(base.confidence()).isEqualTo(Confidence.GUESS);
            assertThat(base.likeness()).isNotNull();
        });
        if (!lineage.bases().isEmpty()) {
            return lineage.bases().get(0).id().key().equals(chain)
                    ? "right"
                    : "wrong " + lineage.bases().get(0).names()
                            + lineage.bases().get(0).likeness();
        }
        return lineage.undecided().isEmpty() && lineage.undecidedKnown().isEmpty() ? "none" : "undecided";
    }

    @Test
    void aSquashedImageIsGuessedToStandOnWhatItWasMadeOfAndOnNothingElse() throws Exception {
        KnownBases shipped = KnownBases.bundled();
        for (Map.Entry<String, Function<Base, Map<String, Entry>>> made : MADE.entrySet()) {
            for (Base base : bases) {
                Member squashed = member(
                        "squashed " + base.name(),
                        base.platform(),
                        fingerprint(made.getValue().apply(base)),
                        // One layer of all, or several that nobody else has.
                        made.getKey().startsWith("1")
                                ? List.of(layer("lower " + base.name(), 500), layer("upper " + base.name(), 500))
                                : List.of(layer("squashed " + base.name() + made.getKey(), 1000)));
                Repository repository = repository("squashed");
                FleetTree all = fleet(bases, KnownBases.none());
                all.replace(repository, List.of(squashed), List.of());
                count("held by the fleet", made.getKey(), judge(all, squashed, base.chain()));
                FleetTree others = fleet(
                        bases.stream()
                                .filter(each -> !each.chain().equals(base.chain()))
                                .toList(),
                        KnownBases.none());
                others.replace(repository, List.of(squashed), List.of());
                count("not held, its neighbours are", made.getKey(), judge(others, squashed, base.chain()));
                if (shipped.all().stream().anyMatch(each -> each.chain().equals(base.chain()))) {
                    FleetTree none = fleet(List.of(), shipped);
                    none.replace(repository, List.of(squashed), List.of());
                    count("well known", made.getKey(), judge(none, squashed, base.chain()));
                }
            }
        }
        results.forEach((kind, counts) -> System.out.println(kind + ": " + counts));
        assertThat(results.values())
                .allSatisfy(counts -> assertThat(counts.keySet()).noneMatch(result -> result.startsWith("wrong")));
        assertThat(share("right", "held by the fleet")).isGreaterThan(0.95);
        assertThat(share("right", "well known")).isGreaterThan(0.95);
        assertThat(share("none", "not held")).isEqualTo(1);
    }

    private double share(String result, String fleet) {
        int all = 0;
        int found = 0;
        for (Map.Entry<String, Map<String, Integer>> each : results.entrySet()) {
            if (each.getKey().startsWith(fleet)) {
                all += each.getValue().values().stream()
                        .mapToInt(Integer::intValue)
                        .sum();
                found += each.getValue().getOrDefault(result, 0);
            }
        }
        return (double) found / all;
    }

    /** The same release, built again with newer versions of a few packages. */
    private static Map<String, Entry> builtAgain(Base base) {
        Map<String, Entry> newer = new TreeMap<>(base.files());
        base.files().forEach((path, entry) -> {
            if (path.matches("(usr/)?lib/.*(libcrypto|libssl|libc)[.-].*|(usr/)?s?bin/(ssl_client|apk|apt|bash)")
                    && entry.content().length > 0) {
                newer.put(path, new Entry(entry.header(), Arrays.copyOf(entry.content(), entry.content().length + 1)));
            }
        });
        return newer;
    }

    @Test
    void ofTwoBuildsOfAReleaseTheOneWhoseFilesAreAllThereIsGuessed() throws Exception {
        int told = 0;
        int right = 0;
        for (Base base : bases) {
            Map<String, Entry> files = builtAgain(base);
            if (files.equals(base.files())) {
                continue;
            }
            Member again = member(
                    "again " + base.name(),
                    base.platform(),
                    fingerprint(files),
                    List.of(layer("again " + base.name(), 100)));
            Base newer = new Base(
                    "again " + base.name(),
                    base.platform(),
                    Objects.requireNonNull(again.layers().get(0).diffId()),
                    files,
                    again);
            for (Base of : List.of(base, newer)) {
                FleetTree tree = fleet(List.of(base, newer), KnownBases.none());
                Member squashed = member(
                        "squashed " + of.name(),
                        of.platform(),
                        fingerprint(without(with(of.files(), "app/file", 300), SquashedImagesTest::isDatabase)),
                        List.of(layer("squashed " + of.name(), 1000)));
                tree.replace(repository("squashed"), List.of(squashed), List.of());
                // Of many files only a sample is compared: the few that differ may not be in it.
                String judged = judge(tree, squashed, of.chain());
                assertThat(judged).as(of.name()).isIn("right", "undecided");
                right += judged.equals("right") ? 1 : 0;
                told++;
            }
        }
        System.out.println(
                "two builds of a release, without database: " + right + " right, " + (told - right) + " undecided");
        assertThat(right).isGreaterThan(told / 2);
    }
}
