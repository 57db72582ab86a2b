package io.basewatch.lifecycle;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where another dataset comes from, and what makes it believed.
 *
 * @param url null for a file
 * @param file null for a URL
 * @param sha256 64 hex digits that the dataset's digest must be; null when it is not pinned
 * @param key that the dataset must be signed with; null when it need not be
 * @param signature where the signature lies; null for beside the dataset, with {@code .sig} behind its name
 * @param poll about how long between two looks at it
 * @param timeout of one answer, from the first byte sent to the last one read
 * @param folder where the last good one is kept over restarts; null for nowhere
 */
public record FeedSettings(
        @Nullable URI url,
        @Nullable Path file,
        @Nullable String sha256,
        @Nullable PublicKey key,
        @Nullable String signature,
        Duration poll,
        Duration timeout,
        @Nullable Path folder) {

    private static final String PREFIX = "basewatch.lifecycle.";

    private static final Pattern SHA_256 = Pattern.compile("(?:sha256:)?([0-9a-f]{64})");

    /** As for registries: what never leaves this machine may go in plain text. */
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[::1\\]");

    /**
     * From what is configured; blank is as absent.
     *
     * @param source a file's path, or an https URL
     * @throws IllegalArgumentException naming key, value and what would do
     */
    public static FeedSettings of(
            String source,
            @Nullable String sha256,
            @Nullable String publicKey,
            @Nullable String signature,
            Duration poll,
            Duration timeout,
            @Nullable Path folder) {
        boolean isUrl = source.matches("(?s)[A-Za-z][A-Za-z0-9+.-]+://.*");
        URI url = isUrl ? url("source", source) : null;
        String digest = isBlank(sha256) ? null : digest(sha256);
        PublicKey key = isBlank(publicKey) ? null : key(publicKey);
        if (isUrl && digest == null && key == null) {
            throw new IllegalArgumentException(
                    PREFIX + "source is a URL: give " + PREFIX
                            + "sha256 (the dataset's digest) or " + PREFIX
                            + "public-key (an Ed25519 key it is signed with), so that nobody else can change what counts as supported");
        }
        if (!isBlank(signature) && key == null) {
            throw new IllegalArgumentException(
                    PREFIX + "signature is given without " + PREFIX + "public-key: give the key, or leave both out");
        }
        if (signature != null && !signature.isBlank() && isUrl) {
            url("signature", signature);
        }
        if (poll.compareTo(Duration.ofMinutes(1)) < 0) {
            throw new IllegalArgumentException(PREFIX + "poll is " + poll + ": give 1m or more");
        }
        if (timeout.compareTo(Duration.ofSeconds(1)) < 0 || timeout.compareTo(Duration.ofMinutes(10)) > 0) {
            throw new IllegalArgumentException(PREFIX + "timeout is " + timeout + ": give 1s to 10m");
        }
        return new FeedSettings(
                url,
                isUrl ? null : file(source),
                digest,
                key,
                isBlank(signature) ? null : signature,
                poll,
                timeout,
                folder);
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }

    /** Never with what may be a secret in it. */
    private static URI url(String name, String text) {
        URI url;
        try {
            url = new URI(text.strip());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    PREFIX + name + " is no URL (" + e.getReason() + "): give https://host/path", e);
        }
        String host = url.getHost();
        if (host == null) {
            throw new IllegalArgumentException(PREFIX + name + " is a URL without a host: give https://host/path");
        }
        if (url.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    PREFIX + name + " has a user in its URL: leave it out, a URL is no place for credentials");
        }
        String scheme = url.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("https")
                && !(scheme.equals("http") && LOOPBACK.matcher(host).matches())) {
            throw new IllegalArgumentException(
                    PREFIX + name + " is '" + shown(url) + "': give an https URL, or a file");
        }
        return url;
    }

    private static Path file(String source) {
        try {
            return Path.of(source.strip());
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    PREFIX + "source is '" + source + "', neither a file nor an https URL: " + e.getReason(), e);
        }
    }

    private static String digest(@Nullable String text) {
        String asked = String.valueOf(text).strip().toLowerCase(Locale.ROOT);
        var matcher = SHA_256.matcher(asked);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    PREFIX + "sha256 is '" + text + "': give 64 hex digits, as sha256sum prints them");
        }
        return matcher.group(1);
    }

    private static PublicKey key(@Nullable String text) {
        try {
            return Signatures.key(String.valueOf(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(PREFIX + "public-key " + e.getMessage(), e);
        }
    }

    /** The source, for people; without a URL's query, which may hold a secret. */
    public String shown() {
        return url == null ? String.valueOf(file) : shown(url);
    }

    private static String shown(URI url) {
        return url.getScheme() + "://" + url.getRawAuthority() + url.getRawPath()
                + (url.getRawQuery() == null ? "" : "?…");
    }
}
