package io.basewatch.layerfacts;

import com.github.luben.zstd.Zstd;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageInputs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Layers made in memory. {@code TestLayers.tar().file("etc/os-release", "ID=alpine\n").view(detectors)} is an image of one layer;
 * {@code TestLayers.view(detectors, lower, upper)} one of several.
 */
public final class TestLayers {

    private TestLayers() {}

    public static Tar tar() {
        return new Tar();
    }

    /** Keeps the whole content of each file, for tests that look at what was laid. */
    public static final FactsKind KEEPS_ALL = keeping((entry, head) -> true);

    public static FactsKind keeping(BiPredicate<FileEntry, byte[]> wanted) {
        return kind(
                "keeping", (entry, head) -> wanted.test(entry, head) ? Want.content(Integer.MAX_VALUE) : Want.NOTHING);
    }

    public static FactsKind kind(String name, Interest interest) {
        return new FactsKind(name, 1, 1, List.of(interest));
    }

    /** Parts with the same bytes in the same order. */
    public static boolean areSame(List<FactsPart> some, List<FactsPart> others) {
        boolean same = some.size() == others.size();
        for (int i = 0; same && i < some.size(); i++) {
            FactsPart one = some.get(i);
            FactsPart other = others.get(i);
            same = one.kind().equals(other.kind())
                    && one.version() == other.version()
                    && Arrays.equals(one.bytes(), other.bytes());
        }
        return same;
    }

    public static ImageView view(List<FactsKind> detectors, Tar... bottomUp) {
        return SquashedImage.of(
                Arrays.stream(bottomUp).map(tar -> tar.facts(detectors)).toList(), ImageInputs.NONE);
    }

    public static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    public static byte[] zstd(byte[] bytes) {
        return Zstd.compress(bytes);
    }

    public static Digest sha256(byte[] bytes) {
        try {
            return Digest.ofSha256(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Facts of stored bytes that must be readable. */
    public static LayerFacts facts(byte[] stored, List<FactsKind> detectors) {
        try {
            return new LayerReader(LayerLimits.defaults(), detectors)
                    .read(new ByteArrayInputStream(stored), Expected.NOTHING);
        } catch (LayerException | IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Writes entries in the order of the calls; names are written as they are given. */
    public static final class Tar {

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final TarArchiveOutputStream tar = new TarArchiveOutputStream(out, "UTF-8");

        private Tar() {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        }

        public Tar gnuLongNames() {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
            return this;
        }

        public Tar file(String path, String content) {
            return file(path, content.getBytes(StandardCharsets.UTF_8), 0644);
        }

        public Tar file(String path, byte[] content, int mode) {
            TarArchiveEntry entry = new TarArchiveEntry(path, true);
            entry.setSize(content.length);
            entry.setMode(mode);
            return put(entry, content);
        }

        public Tar directory(String path) {
            return put(new TarArchiveEntry(path.endsWith("/") ? path : path + "/", true), new byte[0]);
        }

        public Tar symlink(String path, String target) {
            return link(path, target, TarConstants.LF_SYMLINK);
        }

        public Tar hardLink(String path, String target) {
            return link(path, target, TarConstants.LF_LINK);
        }

        /** {@code whiteout("etc/os-release")} hides that path. */
        public Tar whiteout(String path) {
            int slash = path.lastIndexOf('/') + 1;
            return file(path.substring(0, slash) + ".wh." + path.substring(slash), "");
        }

        public Tar opaque(String directory) {
            return file(directory + "/.wh..wh..opq", "");
        }

        public Tar other(String path, byte type) {
            return put(new TarArchiveEntry(path, type), new byte[0]);
        }

        private Tar link(String path, String target, byte type) {
            TarArchiveEntry entry = new TarArchiveEntry(path, type);
            entry.setName(path);
            entry.setLinkName(target);
            return put(entry, new byte[0]);
        }

        public Tar put(TarArchiveEntry entry, byte[] content) {
            entry.setModTime(0);
            try {
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return this;
        }

        /** Ends the tar. */
        public byte[] bytes() {
            try {
                tar.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return out.toByteArray();
        }

        public LayerFacts facts(List<FactsKind> detectors) {
            return TestLayers.facts(bytes(), detectors);
        }

        public ImageView view(List<FactsKind> detectors) {
            return TestLayers.view(detectors, this);
        }
    }

    /** The paths of all files, with a symlink's target behind an arrow. */
    public static List<String> listing(ImageView image) {
        List<String> listing = new ArrayList<>();
        image.files()
                .forEach(file -> listing.add(
                        file.entry().linkTarget() == null
                                ? file.entry().path()
                                : file.entry().path() + " -> " + file.entry().linkTarget()));
        return listing;
    }

    public static String text(ImageView image, String path) {
        return image.find(path)
                .map(file -> file.content() == null ? "not kept" : new String(file.content(), StandardCharsets.UTF_8))
                .orElse("missing");
    }
}
