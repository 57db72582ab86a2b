package io.basewatch.fingerprint.distro;

import io.basewatch.layerfacts.ImageFile;
import java.nio.charset.StandardCharsets;

/** The first bytes of a small text file. */
final class Text {

    /** What says a release stands in the first lines. */
    static final int MAX_BYTES = 16 << 10;

    private Text() {}

    /** As {@link #asItStands}, with plain newlines for line ends. */
    static String of(ImageFile file) {
        return asItStands(file).replace("\r\n", "\n");
    }

    /** Empty when nothing was kept of it. A byte order mark is gone. */
    static String asItStands(ImageFile file) {
        byte[] content = file.content();
        if (content == null) {
            return "";
        }
        String text = new String(content, 0, Math.min(content.length, MAX_BYTES), StandardCharsets.UTF_8);
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }
}
