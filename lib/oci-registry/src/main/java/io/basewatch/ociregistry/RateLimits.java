package io.basewatch.ociregistry;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;

/**
 * What an answer says of how much may still be asked. Source of the headers: draft-polli-ratelimit-headers ({@code RateLimit-Remaining}, {@code RateLimit-Reset}), and with {@code X-}
 * before them as GitHub and GitLab have them, where the reset may be a point in time. Docker Hub's {@code ratelimit-remaining: 76;w=21600} counts pulls, not requests, and names no reset:
 * it stops nothing here, a pull that is one too many is refused with 429.
 */
final class RateLimits {

    private static final Duration LONGEST = Duration.ofDays(1);

    /** Nothing that counts seconds from now is as large: the year 2001. */
    private static final long POINT_IN_TIME = 1_000_000_000L;

    private RateLimits() {}

    /** How long nothing more may be asked; zero when something may, or nothing is said. At most a day. */
    static Duration spentFor(HttpHeaders headers, Instant now) {
        for (String prefix : new String[] {"RateLimit-", "X-RateLimit-"}) {
            OptionalLong remaining = number(headers, prefix + "Remaining");
            OptionalLong reset = number(headers, prefix + "Reset");
            if (remaining.isPresent() && remaining.getAsLong() == 0 && reset.isPresent()) {
                long seconds = reset.getAsLong() < POINT_IN_TIME
                        ? reset.getAsLong()
                        : reset.getAsLong() - now.getEpochSecond();
                return Duration.ofSeconds(Math.max(0, Math.min(seconds, LONGEST.toSeconds())));
            }
        }
        return Duration.ZERO;
    }

    /** How much may still be asked, or of Docker Hub pulled; empty when nothing is said. */
    static OptionalLong remaining(HttpHeaders headers) {
        for (String name : new String[] {"RateLimit-Remaining", "X-RateLimit-Remaining"}) {
            String text =
                    headers.firstValue(name).orElse("").replaceFirst(";.*", "").trim();
            if (text.matches("[0-9]{1,15}")) {
                return OptionalLong.of(Long.parseLong(text));
            }
        }
        return OptionalLong.empty();
    }

    private static OptionalLong number(HttpHeaders headers, String name) {
        String text = headers.firstValue(name).orElse("").trim();
        return text.matches("[0-9]{1,15}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }
}
