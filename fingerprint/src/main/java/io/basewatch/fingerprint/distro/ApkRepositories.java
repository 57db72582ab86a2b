package io.basewatch.fingerprint.distro;

import io.basewatch.fingerprint.ImageView;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The release that apk installs from: {@code .../alpine/v3.20/main}. A cross-check, and the release where its files are gone. */
final class ApkRepositories {

    static final String PATH = "etc/apk/repositories";

    private static final Pattern ALPINE =
            Pattern.compile("(?m)^[ \t]*(?:@\\S+[ \t]+)?(?!#)\\S*/(?:v(\\d+\\.\\d+)|(edge))/\\S+");
    private static final Pattern WOLFI = Pattern.compile("(?m)^[ \t]*(?!#)\\S*packages\\.wolfi\\.dev/");
    private static final Pattern CHAINGUARD = Pattern.compile("(?m)^[ \t]*(?!#)\\S*(?:packages|apk)\\.cgr\\.dev/");

    private ApkRepositories() {}

    /** One claim for each release that is named, in order; {@code edge} stands for the version there. */
    static List<Claim> claims(ImageView image) {
        return image.find(PATH).stream()
                .flatMap(file -> {
                    String text = Text.of(file);
                    if (WOLFI.matcher(text).find() || CHAINGUARD.matcher(text).find()) {
                        String id = WOLFI.matcher(text).find() ? "wolfi" : "chainguard";
                        return java.util.stream.Stream.of(claim(id, null, DistroDetector.evidence(file, text.strip())));
                    }
                    return ALPINE.matcher(text).results().map(found -> {
                        String version = Optional.ofNullable(found.group(1)).orElse(found.group(2));
                        return claim(
                                "alpine",
                                version,
                                DistroDetector.evidence(file, found.group().strip()));
                    });
                })
                .limit(20)
                .toList();
    }

    private static Claim claim(
            String id, @org.jspecify.annotations.Nullable String version, io.basewatch.fleetmodel.Evidence evidence) {
        return new Claim(Claim.Source.REPOSITORIES, id, version, null, null, List.of(), evidence);
    }
}
