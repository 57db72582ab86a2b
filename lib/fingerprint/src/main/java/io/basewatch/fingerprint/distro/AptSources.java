package io.basewatch.fingerprint.distro;

import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The suites that apt installs from, which alone tell Debian testing from sid: their os-release files are the same. Both formats: one line for each
 * source, and deb822. Source: sources.list(5).
 */
final class AptSources {

    private static final String LIST = "etc/apt/sources.list";
    private static final String DIRECTORY = "etc/apt/sources.list.d";

    private static final Pattern LINE =
            Pattern.compile("(?m)^[ \t]*deb(?:-src)?[ \t]+(?:\\[[^\\]\n]*\\][ \t]*)?\\S+[ \t]+(\\S+)");
    private static final Pattern DEB822 = Pattern.compile("(?m)^Suites:[ \t]*(.+)$");

    private AptSources() {}

    static boolean isSourceFile(String path) {
        return path.equals(LIST)
                || (path.startsWith(DIRECTORY + "/") && (path.endsWith(".list") || path.endsWith(".sources")));
    }

    /** With {@code -updates}, {@code -security} and the like taken off, in order of the files. */
    static List<String> suites(ImageView image) {
        return Stream.concat(image.find(LIST).stream(), image.list(DIRECTORY))
                .limit(50)
                .flatMap(AptSources::suites)
                .map(suite -> suite.replaceFirst("[-/].*$", ""))
                .distinct()
                .toList();
    }

    private static Stream<String> suites(ImageFile file) {
        String text = Text.of(file);
        return Stream.concat(
                LINE.matcher(text).results().map(found -> found.group(1)),
                DEB822.matcher(text).results().map(found -> found.group(1)).flatMap(AptSources::words));
    }

    private static Stream<String> words(String suites) {
        return Arrays.stream(suites.strip().split("\\s+"));
    }
}
