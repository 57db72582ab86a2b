package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A small made-up fleet. */
final class Fleet {

    static final Repository SHOP = Repository.parse("registry.example.com:5000/team/shop");
    static final Repository CART = Repository.parse("registry.example.com:5000/team/cart");
    static final Repository OTHER = Repository.parse("other.example.com/shop");
    static final Platform AMD64 = Platform.parse("linux/amd64");
    static final Platform ARM64 = Platform.parse("linux/arm64");
    static final Instant NOON = Instant.parse("2026-11-01T12:00:00.123456Z");
    static final String V1 = "1.2026-10-01+aaa";
    static final String V2 = "2.2026-10-01+bbb";

    private Fleet() {}

    static Digest digest(int n) {
        return Digest.parse("sha256:" + String.format("%064x", n));
    }

    static ImagePushed pushed(Repository repository, String tag, Digest image, long revision) {
        return new ImagePushed(repository, tag, image, image, AMD64, revision, NOON);
    }

    static ImagePushed pushed(
            Repository repository, String tag, Digest index, Digest image, Platform platform, long revision) {
        return new ImagePushed(repository, tag, index, image, platform, revision, NOON);
    }

    static TagMoved moved(Repository repository, String tag, Digest from, Digest to, long revision) {
        return new TagMoved(repository, tag, from, to, revision, NOON);
    }

    static TagRemoved removed(Repository repository, String tag, Digest last, long revision) {
        return new TagRemoved(repository, tag, last, revision, NOON);
    }

    static ImageAnalysis complete(Digest image, Distro distro, Libc.Family libc, String version, Instant at) {
        Evidence evidence =
                new Evidence("etc/os-release", digest(77), "ID=" + (distro == null ? "" : distro.id()), "os-release/1");
        Libc system = new Libc(libc, "1.2.4", Libc.Linkage.DYNAMIC, null, null, List.of(evidence));
        Fingerprint fingerprint = new Fingerprint(
                distro,
                List.of(system),
                List.of(new PackageDatabase("apk", 15, List.of(evidence))),
                List.of(new LanguageRuntime(
                        "go", "1.22", Map.of("go.module/$path", "example.com/a.b"), List.of(evidence))),
                List.of());
        return new ImageAnalysis(
                image,
                AMD64,
                AnalysisStatus.COMPLETE,
                List.of(),
                fingerprint,
                List.of(new ImageAnalysis.Layer(
                        digest(77), digest(78), "application/vnd.oci.image.layer.v1.tar+gzip", 1000, 3000L)),
                Instant.parse("2025-01-02T03:04:05Z"),
                version,
                at);
    }

    static ImageAnalysis alpine(Digest image) {
        return complete(image, distro("alpine", "3.18.9", null), Libc.Family.MUSL, V1, NOON);
    }

    static ImageAnalysis debian(Digest image) {
        return complete(image, distro("debian", "12", "bookworm"), Libc.Family.GLIBC, V1, NOON);
    }

    static ImageAnalysis failed(Digest image, Reason.Code code, String version, Instant at) {
        return new ImageAnalysis(
                image,
                AMD64,
                AnalysisStatus.UNSCANNABLE,
                List.of(new Reason(code, "layer 1 of 1: " + code)),
                Fingerprint.unknown(),
                List.of(),
                null,
                version,
                at);
    }

    static Distro distro(String id, String version, String codename) {
        return new Distro(
                id,
                version,
                codename,
                id,
                null,
                List.of(),
                List.of(new Evidence("etc/os-release", null, "ID=" + id, "os-release/1")));
    }
}
