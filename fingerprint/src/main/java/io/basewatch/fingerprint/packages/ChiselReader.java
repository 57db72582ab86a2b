package io.basewatch.fingerprint.packages;

import com.github.luben.zstd.ZstdInputStream;
import io.basewatch.fingerprint.FileEntry;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.ImageFile;
import io.basewatch.fingerprint.ImageView;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fingerprint.Want;
import io.basewatch.fleetmodel.ModelJson;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The manifest that Chisel leaves in a chiselled Ubuntu: JSON lines in zstd, of which those of kind "package" list the Ubuntu packages that slices were
 * taken from. Source: canonical/chisel, docs "Chisel manifest" (schema 1.0).
 */
final class ChiselReader implements PackageReader {

    private static final String PATH = "var/lib/chisel/manifest.wall";
    private static final int MAX_BYTES = 4 << 20;
    private static final int MAX_TEXT_BYTES = 64 << 20;

    /** 8 MiB of window; Chisel writes with zstd's default level, which needs 2. */
    private static final int MAX_WINDOW_LOG = 23;

    private static final int MAX_LINE = 64 << 10;

    /** One line; the first has no kind. */
    private record Line(
            @Nullable String kind,
            @Nullable String name,
            @Nullable String version,
            @Nullable String arch,
            @Nullable String sha256) {}

    @Override
    public Want wants(FileEntry file) {
        return file.path().equals(PATH) ? Want.content(MAX_BYTES) : Want.NOTHING;
    }

    @Override
    public Optional<Database> read(ImageView image, Findings findings) {
        ImageFile file = image.find(PATH).orElse(null);
        byte[] content = file == null ? null : file.content();
        if (file == null || content == null) {
            return Optional.empty();
        }
        PackageList packages = new PackageList();
        parse(content, packages).ifPresent(problem -> {
            packages.markIncomplete();
            findings.invalid(file.entry().path(), problem);
        });
        return Optional.of(new Database(
                "chisel",
                packages.isIncomplete() ? null : packages.size(),
                packages.packages(),
                List.of(PackagesDetector.evidence(file, packages.size() + " packages"))));
    }

    /**
     * @return what is wrong with the manifest; the packages before that place are listed all the same
     */
    static Optional<String> parse(byte[] content, PackageList packages) {
        try (ZstdInputStream text = new ZstdInputStream(new ByteArrayInputStream(content))) {
            text.setLongMax(MAX_WINDOW_LOG);
            return readLines(text, packages);
        } catch (IOException e) {
            return Optional.of("is no zstd text: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            return Optional.of("has a line that is no JSON");
        }
    }

    private static Optional<String> readLines(ZstdInputStream text, PackageList packages) throws IOException {
        byte[] buffer = new byte[64 << 10];
        byte[] line = new byte[MAX_LINE];
        int length = 0;
        long total = 0;
        for (int read = text.read(buffer); read >= 0; read = text.read(buffer)) {
            total += read;
            if (total > MAX_TEXT_BYTES) {
                return Optional.of("longer than " + MAX_TEXT_BYTES + " bytes");
            }
            for (int i = 0; i < read; i++) {
                if (buffer[i] == '\n') {
                    readLine(new String(line, 0, length, StandardCharsets.UTF_8), packages);
                    length = 0;
                } else if (length == MAX_LINE) {
                    return Optional.of("has a line longer than " + MAX_LINE + " bytes");
                } else {
                    line[length++] = buffer[i];
                }
            }
        }
        readLine(new String(line, 0, length, StandardCharsets.UTF_8), packages);
        return Optional.empty();
    }

    private static void readLine(String json, PackageList packages) {
        // Most lines are paths and slices: only those that can be a package's are taken apart.
        if (!json.contains("\"package\"")) {
            return;
        }
        Line line = ModelJson.read(json, Line.class);
        if ("package".equals(line.kind()) && line.name() != null && line.version() != null) {
            packages.add(new InstalledPackage(
                    "chisel", line.name(), line.version(), line.arch(), null, null, null, 0, List.of()));
        }
    }
}
