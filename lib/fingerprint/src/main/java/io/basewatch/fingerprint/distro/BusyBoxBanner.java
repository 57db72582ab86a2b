package io.basewatch.fingerprint.distro;

import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.Marker;
import io.basewatch.layerfacts.FileProbe;
import io.basewatch.layerfacts.ImageFile;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks for BusyBox's banner, {@code BusyBox v1.36.1 (2024-06-10 07:11:47 UTC)}, in a program as it streams by. Keeps the banner's text, nothing else. */
final class BusyBoxBanner implements FileProbe {

    static final String KIND = "busybox/1";

    private static final byte[] MARK = "BusyBox v".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_BANNER = 64;
    private static final Pattern VERSION = Pattern.compile("^BusyBox v(\\d+(?:\\.\\d+)*)");

    private final byte[] banner = new byte[MAX_BANNER];
    private int length;
    private boolean complete;

    @Override
    public void accept(byte[] buffer, int offset, int count) {
        for (int i = offset; i < offset + count && !complete; i++) {
            byte next = buffer[i];
            if (length < MARK.length) {
                if (next == MARK[length]) {
                    banner[length++] = next;
                } else {
                    restart(next);
                }
            } else if (length == MAX_BANNER || next < ' ' || next > '~') {
                end();
            } else {
                banner[length++] = next;
            }
        }
    }

    /** A beginning that did not go on: "BusyB" ends in one that may, and so may this byte. */
    private void restart(byte next) {
        boolean afterSecondB = length == 5;
        length = 0;
        if (afterSecondB && next == MARK[1]) {
            banner[length++] = MARK[0];
            banner[length++] = next;
        } else if (next == MARK[0]) {
            banner[length++] = next;
        }
    }

    private void end() {
        if (VERSION.matcher(text()).find()) {
            complete = true;
        } else {
            length = 0;
        }
    }

    private String text() {
        return new String(banner, 0, length, StandardCharsets.US_ASCII);
    }

    @Override
    public byte[] finish() {
        if (!complete) {
            end();
        }
        return complete ? text().getBytes(StandardCharsets.US_ASCII) : new byte[0];
    }

    /** As it was found, in a file that had another name in its layer by what is known of all ELF files; empty when there is none. */
    static java.util.Optional<String> of(ImageFile file, ElfFiles elfFiles) {
        byte[] found = file.facts(KIND);
        if (found != null) {
            return java.util.Optional.of(new String(found, StandardCharsets.US_ASCII));
        }
        return elfFiles.find(file.entry().path())
                .map(elf -> elf.outline().origin().markers().get(Marker.BUSYBOX))
                .map(text -> "BusyBox v" + text);
    }

    /** The version a banner names; empty when it is none. */
    static java.util.Optional<String> version(String banner) {
        Matcher matcher = VERSION.matcher(banner);
        return matcher.find() ? java.util.Optional.of(matcher.group(1)) : java.util.Optional.empty();
    }
}
