package io.basewatch.fingerprint.settings;

import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.Interest;
import io.basewatch.layerfacts.Want;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Scripts: of each the line that names its interpreter, and of shell scripts that an image's owner is likely to have written, as those that start it, the text. Kept
 * under the same name as {@link Settings#TEXT}, masked.
 */
public final class Scripts implements Interest {

    public static final FactsKind KIND = new FactsKind("scripts", 1, 1, List.of(new Scripts()));

    private static final int FIRST_LINE = 256;
    private static final int TEXT = 16 << 10;

    /** Where distributions put theirs; hundreds of them, and nobody's entrypoint. */
    private static final Pattern DISTRIBUTIONS = Pattern.compile(
            "(?:usr/)?(?:s?bin|lib(?:32|64|x32|exec)?)/.*|usr/share/.*|etc/(?:init|rc[0-9S]?|cron|X11|kernel|initramfs-tools|network|update-motd|ca-certificates|ppp|dhcp)[^/]*/.*|var/lib/.*");

    private static final Pattern STARTS = Pattern.compile(
            "(?:.*/)?(?:[^/]*(?:entrypoint|entry-point|bootstrap)[^/]*|(?:start|run|init|launch|cmd|boot|serve)[^/.]*(?:\\.(?:sh|bash))?)");

    private static final Pattern SHELL =
            Pattern.compile("#!\\s*(?:\\S*/)?(?:env\\s+(?:-S\\s+)?)?(?:[a-z]*sh|busybox\\s+[a-z]*sh)\\b");

    @Override
    public Hints hints() {
        return Hints.NONE.beginning("#!");
    }

    @Override
    public Want wants(FileEntry file, byte[] head) {
        if (head.length < 4 || head[0] != '#' || head[1] != '!') {
            return Want.NOTHING;
        }
        if (!file.isExecutable() && !STARTS.matcher(file.path()).matches()) {
            return Want.NOTHING;
        }
        boolean isShell =
                SHELL.matcher(new String(head, StandardCharsets.ISO_8859_1)).lookingAt();
        boolean isOwn =
                !DISTRIBUTIONS.matcher(file.path()).matches() || file.name().contains("entrypoint");
        return TextProbe.masked(isShell && isOwn ? TEXT : FIRST_LINE);
    }
}
