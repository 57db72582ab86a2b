package io.basewatch.fingerprint.settings;

import io.basewatch.fleetmodel.Secrets;
import io.basewatch.layerfacts.FileProbe;
import io.basewatch.layerfacts.Want;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/** Keeps the first bytes of a text, made fit to be kept: an image's texts may hold secrets, which the store must not have. */
final class TextProbe implements FileProbe {

    private final byte[] start;
    private final UnaryOperator<String> fit;
    private int used;

    private TextProbe(int maxBytes, UnaryOperator<String> fit) {
        this.start = new byte[maxBytes];
        this.fit = fit;
    }

    /** The text with what looks like a secret masked. */
    static Want masked(int maxBytes) {
        return Want.probe(Settings.TEXT, () -> new TextProbe(maxBytes, Secrets::masked));
    }

    /** What is made of the text, all else forgotten. */
    static Want of(int maxBytes, UnaryOperator<String> fit) {
        return Want.probe(Settings.TEXT, () -> new TextProbe(maxBytes, fit));
    }

    @Override
    public void accept(byte[] buffer, int offset, int length) {
        int part = Math.min(length, start.length - used);
        System.arraycopy(buffer, offset, start, used, part);
        used += part;
    }

    @Override
    public byte[] finish() {
        // Latin 1 gives each byte back as it was, whatever the text's encoding.
        String text = new String(Arrays.copyOf(start, used), StandardCharsets.ISO_8859_1);
        return fit.apply(text).getBytes(StandardCharsets.ISO_8859_1);
    }
}
