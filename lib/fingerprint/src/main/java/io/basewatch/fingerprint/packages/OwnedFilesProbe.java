package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.OwnedFiles;
import io.basewatch.layerfacts.FileProbe;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.Want;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps of a package's list of files just the files' paths, one a line and relative to the root: checksums and directories are left out. A list that is longer
 * than {@value #MAX_BYTES} bytes is kept so far.
 */
final class OwnedFilesProbe implements FileProbe {

    private static final String KIND = "owned-files/1";

    /** Ten times what the largest known packages have. */
    private static final int MAX_BYTES = 8 << 20;

    private static final int MAX_LINE = 4096;

    private final Function<String, @Nullable String> pathOf;
    private final ByteArrayOutputStream paths = new ByteArrayOutputStream();
    private final byte[] line = new byte[MAX_LINE];
    private int length;
    private String last = "";

    private OwnedFilesProbe(Function<String, @Nullable String> pathOf) {
        this.pathOf = pathOf;
    }

    /** dpkg's {@code info/NAME.list}: absolute paths, directories among them. */
    static Want ofDpkg() {
        return want(() -> line -> line);
    }

    /** {@code NAME.md5sums}: the sum, two blanks, the path. */
    static Want ofMd5sums() {
        return want(() -> line -> line.length() > 34 ? line.substring(34) : null);
    }

    /** pacman's {@code files}: paths below {@code %FILES%}, those of directories with a slash at the end. */
    static Want ofPacman() {
        return want(() -> new Function<>() {
            private boolean inFiles;

            @Override
            public @Nullable String apply(String line) {
                if (line.startsWith("%") && line.endsWith("%")) {
                    inFiles = line.equals("%FILES%");
                    return null;
                }
                return inFiles ? line : null;
            }
        });
    }

    /** Slackware's entry of a package: its description, then the paths below {@code FILE LIST:}, those of directories with a slash at the end. */
    static Want ofSlackware() {
        return want(() -> new Function<>() {
            private boolean inFiles;

            @Override
            public @Nullable String apply(String line) {
                String path = inFiles ? line : null;
                inFiles |= line.equals("FILE LIST:");
                return path;
            }
        });
    }

    /** xbps' {@code .NAME-files.plist}: arrays {@code files}, {@code conf_files}, {@code links}, {@code dirs} of dictionaries with a {@code file}. */
    static Want ofXbps() {
        return want(() -> new Function<>() {
            private boolean inDirectories;
            private String key = "";

            @Override
            public @Nullable String apply(String line) {
                String element = line.strip();
                if (element.startsWith("<key>")) {
                    key = content(element);
                    if (key.equals("dirs") || key.endsWith("files") || key.equals("links")) {
                        inDirectories = key.equals("dirs");
                    }
                    return null;
                }
                return key.equals("file") && element.startsWith("<string>") && !inDirectories ? content(element) : null;
            }
        });
    }

    private static String content(String element) {
        int start = element.indexOf('>') + 1;
        int end = element.indexOf("</", start);
        return element.substring(start, Math.max(start, end))
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&");
    }

    private static Want want(Supplier<Function<String, @Nullable String>> pathOf) {
        return Want.probe(KIND, () -> new OwnedFilesProbe(pathOf.get()));
    }

    @Override
    public void accept(byte[] buffer, int offset, int count) {
        for (int i = offset; i < offset + count; i++) {
            if (buffer[i] == '\n') {
                endLine();
            } else if (length < MAX_LINE) {
                line[length++] = buffer[i];
            }
        }
    }

    private void endLine() {
        String path = length == MAX_LINE ? null : pathOf.apply(new String(line, 0, length, StandardCharsets.UTF_8));
        length = 0;
        if (path != null) {
            int start = 0;
            while (start < path.length() && path.charAt(start) == '/') {
                start++;
            }
            String relative = path.substring(start);
            // A directory comes before what is in it.
            if (!relative.startsWith(last + "/")) {
                write(last);
            }
            last = relative;
        }
    }

    private void write(String path) {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        if (!path.isEmpty() && !path.endsWith("/") && !path.equals(".") && paths.size() + bytes.length < MAX_BYTES) {
            paths.writeBytes(bytes);
            paths.write('\n');
        }
    }

    /** A last line without an end was cut and is not kept. */
    @Override
    public byte[] finish() {
        write(last);
        return paths.toByteArray();
    }

    /** What was kept of a list; nothing when there is no list. */
    static OwnedFiles files(@Nullable ImageFile list) {
        return list == null ? OwnedFiles.NONE : OwnedFiles.readWhenAsked(() -> parse(list.facts(KIND)));
    }

    private static List<String> parse(byte @Nullable [] facts) {
        // Not by lines(): a path may hold a carriage return.
        return facts == null || facts.length == 0
                ? List.of()
                : List.of(new String(facts, StandardCharsets.UTF_8).split("\n"));
    }
}
