package io.basewatch.fingerprint.packages;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageView;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The manifest that Chisel leaves in a chiselled Ubuntu: JSON lines in zstd, of which those of kind "package" list the Ubuntu packages that slices were
 * taken from, and those of kind "content" the paths of each slice. Source: canonical/chisel, docs "Chisel manifest" (schema 1.0).
 */
final class ChiselReader extends OneFileReader {

    private static final String PATH = "var/lib/chisel/manifest.wall";
    private static final int MAX_BYTES = 4 << 20;
    private static final int MAX_TEXT_BYTES = 64 << 20;

    /** 8 MiB of window; Chisel writes with zstd's default level, which needs 2. */
    private static final int MAX_WINDOW_LOG = 23;

    private static final int MAX_LINE = 64 << 10;

    /** One line; the first has no kind, and the count of all lines. */
    private record Line(
            @Nullable Integer count,
            @Nullable String kind,
            @Nullable String name,
            @Nullable String version,
            @Nullable String arch,
            @Nullable String slice,
            @Nullable String path) {}

    ChiselReader() {
        super("chisel", MAX_BYTES, List.of(PATH));
    }

    @Override
    boolean isTarget(FileEntry file, byte[] head) {
        return hasItsName(file);
    }

    @Override
    void parse(byte[] content, ImageView image, PackageList packages) {
        parse(content, packages);
    }

    /** The packages before the first broken place are listed, whatever follows. */
    static void parse(byte[] content, PackageList packages) {
        Manifest manifest = new Manifest(packages);
        try (ZstdInputStreamNoFinalizer text = new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(content))) {
            text.setLongMax(MAX_WINDOW_LOG);
            manifest.read(text);
        } catch (IOException e) {
            packages.lost("is no whole zstd text: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            packages.lost("has a line that is no JSON");
        }
        manifest.end();
    }

    /** One manifest while it is read. Its lines are sorted, so that paths come before the packages that own them. */
    private static final class Manifest {

        private final PackageList packages;
        private final Map<String, List<String>> paths = new HashMap<>();
        private final List<Line> listed = new ArrayList<>();
        private int lines;
        private @Nullable Integer promised;

        Manifest(PackageList packages) {
            this.packages = packages;
        }

        void read(InputStream text) throws IOException {
            byte[] buffer = new byte[64 << 10];
            byte[] line = new byte[MAX_LINE];
            int length = 0;
            long total = 0;
            for (int read = text.read(buffer); read >= 0; read = text.read(buffer)) {
                total += read;
                if (total > MAX_TEXT_BYTES) {
                    packages.lostPastLimit("longer than " + MAX_TEXT_BYTES + " bytes");
                    return;
                }
                for (int i = 0; i < read; i++) {
                    if (buffer[i] == '\n') {
                        readLine(new String(line, 0, length, StandardCharsets.UTF_8));
                        length = 0;
                    } else if (length == MAX_LINE) {
                        packages.lostPastLimit("has a line longer than " + MAX_LINE + " bytes");
                        return;
                    } else {
                        line[length++] = buffer[i];
                    }
                }
            }
            if (total == 0 || length > 0) {
                packages.lost(total == 0 ? "is empty" : "breaks off within a line");
            } else if (promised == null || promised != lines) {
                packages.lost("says it has " + promised + " lines, and has " + lines);
            }
        }

        private void readLine(String json) {
            lines++;
            if (lines == 1) {
                promised = ModelJson.read(json, Line.class).count();
                return;
            }
            // Most lines are of other kinds: only those that can be of use are taken apart.
            if (!json.contains("\"package\"") && !json.contains("\"content\"")) {
                return;
            }
            Line line = ModelJson.read(json, Line.class);
            if ("package".equals(line.kind())) {
                if (line.name() == null || line.version() == null) {
                    packages.lost("has a package without a name or a version");
                } else if (listed.size() <= PackageList.MAX_PACKAGES) {
                    listed.add(line);
                }
            } else if ("content".equals(line.kind()) && line.slice() != null && line.path() != null) {
                addPath(line.slice(), line.path());
            }
        }

        /** A slice is named {@code package_slice}; the paths of directories end with a slash. */
        private void addPath(String slice, String path) {
            int end = slice.indexOf('_');
            if (end > 0 && path.startsWith("/") && !path.endsWith("/") && packages.hasRoomForFile(path.length())) {
                paths.computeIfAbsent(slice.substring(0, end), key -> new ArrayList<>())
                        .add(path.substring(1));
            }
        }

        void end() {
            for (Line line : listed) {
                if (line.name() != null && line.version() != null) {
                    packages.add(new InstalledPackage(
                            "chisel",
                            line.name(),
                            line.version(),
                            line.arch(),
                            null,
                            null,
                            null,
                            0,
                            paths.getOrDefault(line.name(), List.of()).stream()
                                    .distinct()
                                    .toList()));
                }
            }
        }
    }
}
