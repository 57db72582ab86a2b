package io.basewatch.layerfacts;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipEncodingHelper;

/**
 * Writes layers with a table of contents, by the formats' descriptions: {@code new TableLayers().file("etc/os-release", …).stargz()}. What the table says can
 * be changed on its way, its digest then is that of what was changed.
 */
public final class TableLayers {

    private static final int CHUNK_BYTES = 40_000;

    private record Item(String name, String type, byte[] content, int mode, String link) {}

    private final List<Item> items = new ArrayList<>();
    private UnaryOperator<String> json = text -> text;
    private UnaryOperator<byte[]> stored = bytes -> bytes;
    private int chunkBytes = CHUNK_BYTES;

    /** A layer's stored bytes, and what the manifest says of it. */
    public record Made(byte[] bytes, Map<String, String> annotations) {

        public Expected expected() {
            return new Expected(TestLayers.sha256(bytes), bytes.length, null, "");
        }

        /** What a registry would give of it; counts what was asked for. */
        Source source() {
            return new Source(bytes);
        }

        LazyLayerReader.Outcome read(LazyLayerReader reader) {
            return reader.read(source(), expected(), annotations);
        }
    }

    /** Never lets anybody ask for what is not there. */
    static final class Source implements LayerRanges {

        private final byte[] bytes;
        long given;
        int requests;

        Source(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public Optional<InputStream> open(long offset, long length) {
            if (offset < 0 || length <= 0 || offset > bytes.length - length) {
                throw new AssertionError("asked for " + length + " bytes at " + offset + " of " + bytes.length);
            }
            requests++;
            return Optional.of(new ByteArrayInputStream(bytes, (int) offset, (int) length) {
                @Override
                public synchronized int read(byte[] into, int at, int most) {
                    // A network gives what it has.
                    int count = super.read(into, at, Math.min(most, 1_000));
                    given += Math.max(0, count);
                    return count;
                }

                @Override
                public synchronized long skip(long count) {
                    long skipped = super.skip(count);
                    given += skipped;
                    return skipped;
                }
            });
        }
    }

    public TableLayers file(String name, byte[] content, int mode) {
        items.add(new Item(name, "reg", content, mode, ""));
        return this;
    }

    public TableLayers file(String name, String content) {
        return file(name, content.getBytes(StandardCharsets.UTF_8), 0644);
    }

    TableLayers file(String name, String content, int mode) {
        return file(name, content.getBytes(StandardCharsets.UTF_8), mode);
    }

    public TableLayers other(String name, String type, String link) {
        items.add(new Item(name, type, new byte[0], 0755, link));
        return this;
    }

    public TableLayers changingJson(UnaryOperator<String> change) {
        json = change;
        return this;
    }

    /** Changes the table as it is stored; of zstd:chunked, whose digest is that of the stored table, unseen. */
    public TableLayers changingStored(UnaryOperator<byte[]> change) {
        stored = change;
        return this;
    }

    public TableLayers chunksOf(int bytes) {
        chunkBytes = bytes;
        return this;
    }

    public Made stargz() {
        return write(true);
    }

    public Made chunked() {
        return write(false);
    }

    private Made write(boolean gzip) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        List<String> entries = new ArrayList<>();
        for (Item item : items) {
            stream.writeBytes(header(item));
            String common = "{\"name\":" + quoted(item.name) + ",\"type\":\"" + item.type + "\",\"mode\":" + item.mode
                    + ",\"linkName\":" + quoted(item.link)
                    + ",\"modtime\":\"2020-01-01T00:00:00Z\",\"xattrs\":{\"a\":\"b\"}";
            if (item.content.length == 0) {
                entries.add(common + "}");
                continue;
            }
            int length = item.content.length;
            List<String> chunks = new ArrayList<>();
            for (int at = 0; at < length; at += chunkBytes) {
                byte[] chunk = Arrays.copyOfRange(item.content, at, Math.min(length, at + chunkBytes));
                flush(stream, out, gzip);
                boolean last = at + chunk.length == length;
                chunks.add((at == 0
                                ? common + ",\"size\":" + length
                                : "{\"name\":" + quoted(item.name) + ",\"type\":\"chunk\"")
                        + ",\"offset\":" + out.size() + ",\"chunkOffset\":" + at
                        + (last && gzip ? "" : ",\"chunkSize\":" + chunk.length)
                        + ",\"chunkDigest\":\"" + TestLayers.sha256(chunk) + "\"");
                stream.writeBytes(chunk);
            }
            if (!gzip) {
                flush(stream, out, false);
                chunks.set(0, chunks.get(0) + ",\"endOffset\":" + out.size());
            }
            stream.writeBytes(new byte[-length & 511]);
            chunks.forEach(chunk -> entries.add(chunk + "}"));
        }
        if (!gzip) {
            stream.writeBytes(new byte[1024]);
        }
        flush(stream, out, gzip);
        String table =
                json.apply("{\"version\":1,\"entries\":[" + String.join(",\n", entries) + "],\"extra\":{\"a\":[1]}}");
        byte[] bytes = table.getBytes(StandardCharsets.UTF_8);
        return gzip ? endStargz(out, bytes) : endChunked(out, bytes);
    }

    private static void flush(ByteArrayOutputStream stream, ByteArrayOutputStream out, boolean gzip) {
        if (stream.size() > 0) {
            out.writeBytes(gzip ? TestLayers.gzip(stream.toByteArray()) : TestLayers.zstd(stream.toByteArray()));
            stream.reset();
        }
    }

    private Made endStargz(ByteArrayOutputStream out, byte[] table) {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        tar.writeBytes(header(new Item("stargz.index.json", "reg", table, 0444, "")));
        tar.writeBytes(table);
        tar.writeBytes(new byte[(-table.length & 511) + 1024]);
        int offset = out.size();
        out.writeBytes(stored.apply(TestLayers.gzip(tar.toByteArray())));
        out.writeBytes(footer(offset));
        return new Made(
                out.toByteArray(),
                Map.of(
                        "containerd.io/snapshot/stargz/toc.digest",
                        TestLayers.sha256(table).toString()));
    }

    /** An empty gzip member with the table's place in its extra field. */
    static byte[] footer(long offset) {
        ByteBuffer footer = ByteBuffer.allocate(51).order(ByteOrder.LITTLE_ENDIAN);
        footer.put(new byte[] {0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, (byte) 0xff});
        footer.putShort((short) 26).put((byte) 'S').put((byte) 'G').putShort((short) 22);
        footer.put(String.format("%016xSTARGZ", offset).getBytes(StandardCharsets.US_ASCII));
        footer.put(new byte[] {1, 0, 0, (byte) 0xff, (byte) 0xff}).put(new byte[8]);
        return footer.array();
    }

    private Made endChunked(ByteArrayOutputStream out, byte[] table) {
        byte[] compressed = stored.apply(Zstd.compress(table));
        int offset = out.size() + 8;
        out.writeBytes(skippable(compressed));
        out.writeBytes(skippable(new byte[64]));
        return new Made(
                out.toByteArray(),
                Map.of(
                        "io.github.containers.zstd-chunked.manifest-checksum",
                        TestLayers.sha256(compressed).toString(),
                        "io.github.containers.zstd-chunked.manifest-position",
                        offset + ":" + compressed.length + ":" + table.length + ":1"));
    }

    private static byte[] skippable(byte[] content) {
        return ByteBuffer.allocate(8 + content.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0x184d2a50)
                .putInt(content.length)
                .put(content)
                .array();
    }

    /** Of the tar that eStargz wraps its table in. */
    static byte[] tableHeader(long size) {
        return header(new Item("stargz.index.json", "reg", new byte[0], 0444, ""), size);
    }

    private static byte[] header(Item item) {
        return header(item, item.content.length);
    }

    private static byte[] header(Item item, long size) {
        byte type = switch (item.type) {
            case "dir" -> '5';
            case "symlink" -> '2';
            case "hardlink" -> '1';
            case "char" -> '3';
            case "fifo" -> '6';
            default -> '0';
        };
        TarArchiveEntry entry = new TarArchiveEntry(item.name, type);
        entry.setName(item.name);
        entry.setLinkName(item.link);
        entry.setSize(size);
        entry.setMode(item.mode);
        entry.setModTime(0);
        byte[] header = new byte[512];
        try {
            entry.writeEntryHeader(header, ZipEncodingHelper.getZipEncoding("UTF-8"), false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return header;
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
