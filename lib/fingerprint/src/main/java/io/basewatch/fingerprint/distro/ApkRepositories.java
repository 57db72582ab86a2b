package io.basewatch.fingerprint.distro;

import io.basewatch.layerfacts.ImageView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The release that apk installs from: {@code .../alpine/v3.20/main}. A cross-check, and the release where its files are gone. */
final class ApkRepositories {

    static final String PATH = "etc/apk/repositories";

    private static final Pattern ALPINE =
            Pattern.compile("(?m)^[ \t]*(?:@\\S+[ \t]+)?(?!#)\\S*/(?:v(\\d+\\.\\d+)|(edge))/\\S+");
    private static final Pattern WOLFI = Pattern.compile("(?m)^[ \t]*(?!#)\\S*packages\\.wolfi\\.dev/\\S*");
    private static final Pattern CHAINGUARD = Pattern.compile("(?m)^[ \t]*(?!#)\\S*(?:packages|apk)\\.cgr\\.dev/\\S*");

    /** In order: Wolfi's images may install from Chainguard's repositories, too. */
    private static final List<Map.Entry<String, Pattern>> WITHOUT_RELEASES =
            List.of(Map.entry("wolfi", WOLFI), Map.entry("chainguard", CHAINGUARD));

    private ApkRepositories() {}

    /** One claim for each release that is named, in order; {@code edge} stands for the version there. */
    static List<Claim> claims(ImageView image) {
        return image.find(PATH).stream()
                .flatMap(file -> {
                    String text = Text.of(file);
                    for (Map.Entry<String, Pattern> one : WITHOUT_RELEASES) {
                        Matcher found = one.getValue().matcher(text);
                        if (found.find()) {
                            return Stream.of(claim(
                                    one.getKey(),
                                    null,
                                    DistroDetector.evidence(file, found.group().strip())));
                        }
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
