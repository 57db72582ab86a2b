package io.basewatch.fingerprint.distro;

import io.basewatch.fingerprint.ImageFile;
import java.nio.charset.StandardCharsets;

/** The first bytes of a small text file. */
final class Text {

    /** What says a release stands in the first lines. */
    static final int MAX_BYTES = 16 << 10;

    private Text() {}

    /** Empty when nothing was kept of it. Line ends are plain newlines; a byte order mark is gone. */
    static String of(ImageFile file) {
        byte[] content = file.content();
        if (content == null) {
            return "";
        }
        String text = new String(content, 0, Math.min(content.length, MAX_BYTES), StandardCharsets.UTF_8);
        return (text.startsWith("\uFEFF") ? text.substring(1) : text).replace("\r\n", "\n");
    }
}
