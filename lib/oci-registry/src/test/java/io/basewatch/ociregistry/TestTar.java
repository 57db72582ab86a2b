package io.basewatch.ociregistry;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes tar entries byte by byte, also such as no tool would write. */
final class TestTar {

    private TestTar() {}

    static void file(ByteArrayOutputStream tar, String path, byte[] content) {
        entry(tar, path, '0', "", content);
    }

    static void link(ByteArrayOutputStream tar, String path, String target) {
        entry(tar, path, '2', target, new byte[0]);
    }

    /** An extended header for the next entry. */
    static void pax(ByteArrayOutputStream tar, String key, String value) {
        String record = " " + key + "=" + value + "\n";
        int length = record.length() + 3;
        entry(tar, "pax", 'x', "", (length + record).getBytes(StandardCharsets.UTF_8));
    }

    static void end(ByteArrayOutputStream tar) {
        tar.writeBytes(new byte[1024]);
    }

    private static void entry(ByteArrayOutputStream tar, String path, char type, String link, byte[] content) {
        byte[] header = new byte[512];
        put(header, 0, path);
        put(header, 100, "0000644\0");
        put(header, 124, "%011o\0".formatted(content.length));
        header[156] = (byte) type;
        put(header, 157, link);
        put(header, 257, "ustar\00000");
        checksum(header, 0);
        tar.writeBytes(header);
        tar.writeBytes(content);
        tar.writeBytes(new byte[(512 - content.length % 512) % 512]);
    }

    static void checksum(byte[] bytes, int header) {
        put(bytes, header + 148, "        ");
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += bytes[header + i] & 0xff;
        }
        put(bytes, header + 148, "%06o\0 ".formatted(sum));
    }

    private static void put(byte[] bytes, int at, String text) {
        byte[] ascii = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(ascii, 0, bytes, at, ascii.length);
    }
}
