package io.basewatch.reportapi;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageAnalysis.Layer;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.Judgement;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.ImageArchive;
import io.basewatch.fleetstore.JudgementArchive;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A small fleet in two registries, told and analysed as the services do it. */
final class TestFleet {

    static final String ONE = "one.example:5000";
    static final String TWO = "two.example";
    static final Instant PUSHED = Instant.parse("2026-11-20T08:00:00Z");

    private final ImageArchive archive;
    private final JudgementArchive judgements;

    TestFleet(ImageArchive archive, JudgementArchive judgements) {
        this.archive = archive;
        this.judgements = judgements;
    }

    void fill() {
        image(ONE, "team/alpine-app", List.of("1", "2", "latest"), "alpine", "3.18.9", null, null, Libc.Family.MUSL);
        image(ONE, "team/alpine-old", List.of("1"), "alpine", "3.18.2", null, null, Libc.Family.MUSL);
        image(TWO, "team/alpine-app", List.of("1"), "alpine", "3.23.0", null, null, Libc.Family.MUSL);
        image(ONE, "team/debian", List.of("bookworm"), "debian", "12", "bookworm", null, Libc.Family.GLIBC);
        image(ONE, "team/debian", List.of("bullseye"), "debian", "11", "bullseye", null, Libc.Family.GLIBC);
        image(ONE, "team/debian", List.of("sid"), "debian", null, "forky", "sid", Libc.Family.GLIBC);
        image(ONE, "team/java", List.of("8"), "centos", "7", null, null, Libc.Family.GLIBC);
        image(TWO, "team/future", List.of("1"), "alpine", "3.99.1", null, null, Libc.Family.MUSL);
        image(TWO, "team/mint", List.of("1"), "linuxmint", "22.1", null, null, Libc.Family.GLIBC);
        save(broken("team/broken"));
        judge(
                image(ONE, "team/alpine-app", "1"),
                caveat(GLIBC_PROGRAM, Kind.CERTAIN, Severity.CRITICAL),
                caveat(NO_TCP, Kind.RISK, Severity.HIGH));
        judge(
                image(ONE, "team/alpine-old", "1"),
                caveat(GLIBC_PROGRAM, Kind.RISK, Severity.LOW),
                caveat(NO_TCP, Kind.RISK, Severity.HIGH));
        judge(image(ONE, "team/debian", "bookworm"));
        push(ONE, "team/pending", "1", digest("pending"), new Platform("linux", "arm64", null));
    }

    static final String GLIBC_PROGRAM = "elf-glibc-interpreter-missing";
    static final String NO_TCP = "dns-no-tcp-fallback";

    private void judge(Digest image, Caveat... caveats) {
        ImageAnalysis analysis = archive.find(image).orElseThrow();
        judgements.save(new Judgement(
                image,
                "1[a/1]",
                analysis.analyzerVersion(),
                analysis.analyzedAt(),
                true,
                List.of(),
                List.of(caveats),
                null));
    }

    private static Caveat caveat(String id, Kind kind, Severity severity) {
        Evidence evidence = new Evidence("usr/local/bin/app", digest("layer"), "/lib64/ld-linux-x86-64.so.2", "elf/1");
        return new Caveat(id, kind, severity, "it does not start", List.of(evidence), 1, null);
    }

    static final Digest PENDING = digest("pending");

    static Digest image(String registry, String repository, String tag) {
        return digest(registry + repository + tag);
    }

    private void image(
            String registry,
            String repository,
            List<String> tags,
            String distro,
            @Nullable String version,
            @Nullable String codename,
            @Nullable String variant,
            Libc.Family libc) {
        Digest digest = image(registry, repository, tags.get(0));
        for (String tag : tags) {
            push(registry, repository, tag, digest, new Platform("linux", "amd64", null));
        }
        save(analysis(digest, distro, version, codename, variant, libc));
    }

    private void push(String registry, String repository, String tag, Digest digest, Platform platform) {
        archive.apply(new ImagePushed(new Repository(registry, repository), tag, digest, digest, platform, 1, PUSHED));
    }

    private void save(ImageAnalysis analysis) {
        archive.save(analysis);
    }

    private ImageAnalysis broken(String repository) {
        Digest digest = image(TWO, repository, "1");
        push(TWO, repository, "1", digest, new Platform("linux", "amd64", null));
        return new ImageAnalysis(
                digest,
                new Platform("linux", "amd64", null),
                AnalysisStatus.UNSCANNABLE,
                List.of(new Reason(
                        Reason.Code.BLOB_MISSING, "layer sha256:0123 is not in the registry: push it again")),
                Fingerprint.unknown(),
                List.of(),
                null,
                "facts-1",
                PUSHED.plusSeconds(60));
    }

    private static ImageAnalysis analysis(
            Digest digest,
            String distro,
            @Nullable String version,
            @Nullable String codename,
            @Nullable String variant,
            Libc.Family libc) {
        Digest diffId = digest("diff" + digest);
        Evidence osRelease =
                new Evidence("etc/os-release", diffId, "ID=" + distro + " VERSION_ID=" + version, "os-release/1");
        boolean musl = libc == Libc.Family.MUSL;
        Evidence loader =
                new Evidence(musl ? "lib/ld-musl-x86_64.so.1" : "lib64/ld-linux-x86-64.so.2", diffId, null, "libc/1");
        return new ImageAnalysis(
                digest,
                new Platform("linux", "amd64", null),
                AnalysisStatus.COMPLETE,
                List.of(),
                new Fingerprint(
                        new Distro(
                                distro,
                                version,
                                codename,
                                distro + " " + version,
                                variant,
                                List.of(),
                                List.of(osRelease)),
                        List.of(new Libc(
                                libc, musl ? "1.2.4" : "2.36", Libc.Linkage.DYNAMIC, null, null, List.of(loader))),
                        List.of(new PackageDatabase(
                                musl ? "apk" : "dpkg",
                                15,
                                List.of(new Evidence("lib/apk/db/installed", diffId, null, "packages/1")))),
                        List.of(new LanguageRuntime(
                                "python",
                                "3.11.8",
                                Map.of("vendor", distro),
                                List.of(new Evidence("usr/bin/python3.11", diffId, null, "python/1")))),
                        List.of()),
                List.of(new Layer(
                        digest("layer" + digest),
                        diffId,
                        "application/vnd.oci.image.layer.v1.tar+gzip",
                        3_400_000,
                        7_700_000L)),
                Instant.parse("2024-09-06T12:00:00Z"),
                "facts-1",
                PUSHED.plusSeconds(60));
    }

    static Digest digest(String seed) {
        try {
            return Digest.ofSha256(MessageDigest.getInstance("SHA-256").digest(seed.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
