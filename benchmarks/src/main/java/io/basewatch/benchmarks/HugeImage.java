package io.basewatch.benchmarks;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.layeranalyzer.ImageAnalyzer;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.ociregistry.Descriptor;
import io.basewatch.ociregistry.ImageConfig;
import io.basewatch.ociregistry.ImageManifest;
import io.basewatch.ociregistry.ImageSource;
import io.basewatch.ociregistry.ImageTargets;
import io.basewatch.ociregistry.Manifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterInputStream;

/**
 * An image as large as wished that exists nowhere: each time a layer is asked for, its bytes are made anew while they are read. Each layer is a gzip stream
 * (of stored blocks, as of files that are compressed already) over a tar of files of 1 MiB, the lowest one with an os-release on top of them.
 */
final class HugeImage implements ImageSource {

    private static final int FILE = 1 << 20;
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
    private static final Digest DIGEST = Digest.parse("sha256:" + "e".repeat(64));

    private final int megabytes;
    private final List<Descriptor> layers = new ArrayList<>();
    private final List<Digest> diffIds = new ArrayList<>();

    private HugeImage(int count, int megabytes) throws IOException {
        this.megabytes = megabytes;
        byte[] buffer = new byte[1 << 16];
        for (int n = 0; n < count; n++) {
            DigestInputStream tar = new DigestInputStream(new Tar(n, megabytes), sha256());
            DigestInputStream stored = new DigestInputStream(gzip(tar), sha256());
            long size = 0;
            for (int read = stored.read(buffer); read >= 0; read = stored.read(buffer)) {
                size += read;
            }
            layers.add(Descriptor.of(
                    LAYER, Digest.ofSha256(stored.getMessageDigest().digest()), size));
            diffIds.add(Digest.ofSha256(tar.getMessageDigest().digest()));
        }
    }

    /** Prints what analysing such an image took. */
    static void analyze(int count, int megabytes) throws Exception {
        HugeImage image = new HugeImage(count, megabytes);
        long bytes = image.layers.stream().mapToLong(Descriptor::size).sum();
        long start = System.nanoTime();
        ImageAnalysis analysis = ImageAnalyzer.withoutStore(LayerLimits.defaults())
                .analyze(image, DIGEST, null)
                .analysis();
        LayerBenchmark.OUT.printf(
                Locale.ROOT,
                "%d layers, %.2f GB: %s, %s, reasons %s; %.1f s, heap of at most %d MB, peak RSS %.0f MB%n",
                count,
                bytes / 1e9,
                analysis.status(),
                analysis.fingerprint().distro() == null
                        ? "no distro"
                        : analysis.fingerprint().distro().id(),
                analysis.reasons(),
                (System.nanoTime() - start) / 1e9,
                Runtime.getRuntime().maxMemory() >> 20,
                LayerBenchmark.peakMegabytes());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String reference(String tagOrDigest) {
        return "huge@" + tagOrDigest;
    }

    @Override
    public Manifest manifest(String tagOrDigest) {
        Descriptor config = Descriptor.of("application/vnd.oci.image.config.v1+json", DIGEST, 1);
        return new ImageManifest(DIGEST, "application/vnd.oci.image.manifest.v1+json", config, layers, Map.of());
    }

    @Override
    public ImageConfig config(Descriptor config) {
        return new ImageConfig(Platform.parse("linux/amd64"), Instant.EPOCH, diffIds, ImageInputs.NONE);
    }

    @Override
    public InputStream blob(Descriptor blob) {
        return gzip(new Tar(layers.indexOf(blob), megabytes));
    }

    @Override
    public ImageTargets resolve(String tagOrDigest) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}

    /** RFC 1952, made while it is read. */
    @SuppressWarnings("JdkObsolete") // SequenceInputStream takes no Iterator.
    private static InputStream gzip(InputStream tar) {
        CountingCrc content = new CountingCrc(tar);
        byte[] header = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 255};
        InputStream body = new DeflaterInputStream(content, new Deflater(Deflater.NO_COMPRESSION, true), 1 << 16);
        // Opened one after the other: the trailer is known only when the body was read.
        Iterator<Supplier<InputStream>> parts = List.<Supplier<InputStream>>of(
                        () -> new ByteArrayInputStream(header), () -> body, () -> trailer(content))
                .iterator();
        return new SequenceInputStream(new Enumeration<>() {
            @Override
            public boolean hasMoreElements() {
                return parts.hasNext();
            }

            @Override
            public InputStream nextElement() {
                return parts.next().get();
            }
        });
    }

    private static InputStream trailer(CountingCrc content) {
        return new ByteArrayInputStream(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) content.getChecksum().getValue())
                .putInt((int) content.count)
                .array());
    }

    private static final class CountingCrc extends CheckedInputStream {

        private long count;

        CountingCrc(InputStream in) {
            super(in, new CRC32());
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            count += Math.max(0, read);
            return read;
        }
    }

    /** A tar, piece by piece: a header or a file at a time. */
    private static final class Tar extends InputStream {

        private final int layer;
        private final int files;
        private final byte[] content = new byte[FILE];
        private int piece;
        private ByteArrayInputStream now = new ByteArrayInputStream(new byte[0]);

        Tar(int layer, int files) {
            this.layer = layer;
            this.files = files;
            new Random(layer).nextBytes(content);
        }

        /** Header and content of an os-release, then of each file, then the end. */
        private byte[] next() {
            int n = piece++;
            if (layer == 0 && n == 0) {
                byte[] text = "ID=debian\nVERSION_ID=\"12\"\n".getBytes(StandardCharsets.US_ASCII);
                byte[] entry = Arrays.copyOf(header("etc/os-release", text.length), 1024);
                System.arraycopy(text, 0, entry, 512, text.length);
                return entry;
            }
            int file = n - (layer == 0 ? 1 : 0);
            if (file < 2 * files) {
                return file % 2 == 0 ? header("opt/layer" + layer + "/file" + file / 2, FILE) : content;
            }
            return file == 2 * files ? new byte[1024] : new byte[0];
        }

        private static byte[] header(String name, int size) {
            byte[] header = new byte[512];
            put(header, 0, name);
            put(header, 100, "0000755\0");
            put(header, 108, "0000000\0");
            put(header, 116, "0000000\0");
            put(header, 124, String.format(Locale.ROOT, "%011o\0", size));
            put(header, 136, "00000000000\0");
            put(header, 148, "        ");
            put(header, 156, "0");
            put(header, 257, "ustar\0" + "00");
            int sum = 0;
            for (byte each : header) {
                sum += each & 0xff;
            }
            put(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
            return header;
        }

        private static void put(byte[] header, int at, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(bytes, 0, header, at, bytes.length);
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            if (now.available() == 0) {
                byte[] bytes = next();
                if (bytes.length == 0) {
                    return -1;
                }
                now = new ByteArrayInputStream(bytes);
            }
            return now.read(buffer, offset, length);
        }
    }
}
