package io.basewatch.lineage;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.FileSketch;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.PackageSketch;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Images for tests, told apart by names: a layer {@code "os"} has the same content wherever it is named. */
record Images(Member member) {

    static final Platform AMD64 = Platform.parse("linux/amd64");
    static final Platform ARM64 = Platform.parse("linux/arm64");

    /** The tar of nothing. */
    static final Digest EMPTY = Digest.sha256Of(new byte[1024]);

    static Digest digest(String name) {
        return Digest.sha256Of(name.getBytes(StandardCharsets.UTF_8));
    }

    static Repository repository(String name) {
        return new Repository("registry.example", name);
    }

    static String reference(String name) {
        return "registry.example/" + name;
    }

    /**
     * @param layers bottom-up; {@code ""} is an empty one, {@code "?"} one of which nothing is known, {@code "~name"} one that the config alone tells of
     */
    static Images image(String name, String... layers) {
        List<Member.Layer> all = new ArrayList<>();
        for (String layer : layers) {
            String content = layer.startsWith("~") ? layer.substring(1) : layer;
            all.add(new Member.Layer(
                    digest("blob of " + content),
                    layer.equals("?") ? null : layer.isEmpty() ? EMPTY : digest(content),
                    layer.startsWith("~"),
                    100L + content.length()));
        }
        return new Images(new Member(
                digest("image " + name),
                AMD64,
                AnalysisStatus.COMPLETE,
                all,
                List.of(),
                null,
                Libc.Family.UNKNOWN,
                null,
                null,
                null,
                List.of(),
                List.of(),
                Map.of(),
                null));
    }

    Digest digest() {
        return member.digest();
    }

    private Images with(
            @Nullable Platform platform,
            @Nullable AnalysisStatus status,
            List<Member.Layer> layers,
            List<Long> history,
            Member.@Nullable Ground ground,
            @Nullable BaseClaim claim,
            List<String> tags,
            List<Digest> indexes) {
        return new Images(new Member(
                member.digest(),
                platform,
                status,
                layers,
                history,
                ground,
                member.libc(),
                member.created(),
                member.caveats(),
                claim,
                tags,
                indexes,
                member.labels(),
                member.effort(),
                member.packages(),
                member.files(),
                member.kept()));
    }

    private Images knowing(@Nullable PackageSketch packages, @Nullable FileSketch files, Member.Kept kept) {
        return new Images(new Member(
                member.digest(),
                member.platform(),
                member.status(),
                member.layers(),
                member.history(),
                member.ground(),
                member.libc(),
                member.created(),
                member.caveats(),
                member.claim(),
                member.tags(),
                member.indexes(),
                member.labels(),
                member.effort(),
                packages,
                files,
                kept));
    }

    Images revision(long revision) {
        return knowing(member.packages(), member.files(), new Member.Kept(revision, null, null));
    }

    /** @param packages with the numbers from one to before another, all of one version */
    Images packages(int from, int to) {
        PackageSketch sketch = PackageSketch.of(IntStream.range(from, to)
                .map(n -> PackageSketch.hash("p" + n, "1"))
                .toArray());
        return knowing(sketch, member.files(), member.kept());
    }

    /** @param files with the numbers from one to before another, each of as many bytes */
    Images files(int from, int to) {
        return knowing(member.packages(), sketch(from, to), member.kept());
    }

    static FileSketch sketch(int from, int to) {
        return FileSketch.of(IntStream.range(from, to).map(n -> FileSketch.hash("usr/bin/f" + n, n)));
    }

    Images on(@Nullable Platform platform) {
        return with(
                platform,
                member.status(),
                member.layers(),
                member.history(),
                member.ground(),
                member.claim(),
                member.tags(),
                member.indexes());
    }

    Images status(@Nullable AnalysisStatus status) {
        return with(
                member.platform(),
                status,
                member.layers(),
                member.history(),
                member.ground(),
                member.claim(),
                member.tags(),
                member.indexes());
    }

    /** The same content, kept otherwise. */
    Images recompressed() {
        List<Member.Layer> layers = member.layers().stream()
                .map(layer -> new Member.Layer(
                        digest("zstd of " + layer.digest()), layer.diffId(), layer.claimed(), layer.bytes() - 10))
                .toList();
        return with(
                member.platform(),
                member.status(),
                layers,
                member.history(),
                member.ground(),
                member.claim(),
                member.tags(),
                member.indexes());
    }

    /** Whose manifest says another size of each layer. */
    Images sized(long bytes) {
        return with(
                member.platform(),
                member.status(),
                member.layers().stream()
                        .map(layer -> new Member.Layer(layer.digest(), layer.diffId(), layer.claimed(), bytes))
                        .toList(),
                member.history(),
                member.ground(),
                member.claim(),
                member.tags(),
                member.indexes());
    }

    Images built(Long... history) {
        return with(
                member.platform(),
                member.status(),
                member.layers(),
                List.of(history),
                member.ground(),
                member.claim(),
                member.tags(),
                member.indexes());
    }

    Images ground(String distro, String version) {
        return with(
                member.platform(),
                member.status(),
                member.layers(),
                member.history(),
                new Member.Ground(distro, version, null, null),
                member.claim(),
                member.tags(),
                member.indexes());
    }

    Images claims(@Nullable String reference, @Nullable Digest digest, BaseClaim.Source source) {
        return with(
                member.platform(),
                member.status(),
                member.layers(),
                member.history(),
                member.ground(),
                new BaseClaim(reference, digest, source),
                member.tags(),
                member.indexes());
    }

    Images tagged(String... tags) {
        return with(
                member.platform(),
                member.status(),
                member.layers(),
                member.history(),
                member.ground(),
                member.claim(),
                List.of(tags),
                member.indexes());
    }

    Images through(Digest... indexes) {
        return with(
                member.platform(),
                member.status(),
                member.layers(),
                member.history(),
                member.ground(),
                member.claim(),
                member.tags(),
                List.of(indexes));
    }

    /** ChainID of all layers. */
    static Digest chain(String... layers) {
        Digest chain = null;
        for (String layer : layers) {
            Digest diffId = layer.isEmpty() ? EMPTY : digest(layer);
            chain = chain == null ? diffId : digest(chain + " " + diffId);
        }
        return java.util.Objects.requireNonNull(chain);
    }
}
