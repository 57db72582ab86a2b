package io.basewatch.reportapi.page;

import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.lineage.Member;
import io.basewatch.reportapi.image.ImageItem;
import io.basewatch.reportapi.lineage.Release;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.util.UriUtils;

/** How numbers, days and states are written on all pages, and which of four meanings a state has: ended, soon, fine, unknown. */
@Component
final class Words {

    static final String UNKNOWN = "unknown";

    /** What ends within so many days ends soon. */
    static final int SOON_DAYS = 180;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);
    private static final Pattern TIME_IN_PROSE =
            Pattern.compile("\\b[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9]{2}:[0-9]{2} UTC)?\\b");
    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("MMM yyyy", Locale.ENGLISH);
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

    private final Clock clock;

    Words(Clock clock) {
        this.clock = clock;
    }

    public LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    /** With thousands set apart. */
    public String number(@Nullable Number number) {
        return number == null ? UNKNOWN : String.format(Locale.ENGLISH, "%,d", number.longValue());
    }

    /** {@code 1 image}, {@code 2,000 images}. */
    public String count(long number, String noun) {
        return number(number) + " " + noun(number, noun);
    }

    /** One or many of them. */
    public String noun(long number, String noun) {
        if (number == 1) {
            return noun;
        }
        return noun.endsWith("y") && !noun.endsWith("ay") ? noun.substring(0, noun.length() - 1) + "ies" : noun + "s";
    }

    public String points(double points) {
        return String.format(Locale.ENGLISH, "%,.1f", points);
    }

    /** Never a 0 or 100 that is none. */
    public String percent(long part, long whole) {
        if (whole == 0) {
            return "–";
        }
        double share = 100.0 * part / whole;
        if (part > 0 && share < 1) {
            return "< 1 %";
        }
        if (part < whole && share > 99) {
            return "> 99 %";
        }
        return Math.round(share) + " %";
    }

    public String bytes(@Nullable Long bytes) {
        if (bytes == null) {
            return UNKNOWN;
        }
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ENGLISH, unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, UNITS[unit]);
    }

    public String time(@Nullable Instant time) {
        return time == null ? UNKNOWN : TIME.format(time.atZone(ZoneOffset.UTC)) + " UTC";
    }

    /**
     * A piece of a sentence.
     *
     * @param isTime whether it is a day or a time, which is not to be broken at its hyphens
     */
    public record Piece(String text, boolean isTime) {}

    /** A sentence in pieces, which are all of it; none of null. */
    public List<Piece> prose(@Nullable String text) {
        List<Piece> pieces = new ArrayList<>();
        String all = text == null ? "" : text;
        Matcher times = TIME_IN_PROSE.matcher(all);
        int done = 0;
        while (times.find()) {
            if (times.start() > done) {
                pieces.add(new Piece(all.substring(done, times.start()), false));
            }
            pieces.add(new Piece(times.group(), true));
            done = times.end();
        }
        if (done < all.length()) {
            pieces.add(new Piece(all.substring(done), false));
        }
        return pieces;
    }

    /** How long ago, roughly. */
    public String age(@Nullable Instant time) {
        if (time == null) {
            return UNKNOWN;
        }
        Duration age = Duration.between(time, clock.instant());
        if (age.compareTo(Duration.ofMinutes(1)) < 0) {
            return "just now";
        }
        if (age.compareTo(Duration.ofHours(2)) < 0) {
            return count(age.toMinutes(), "minute") + " ago";
        }
        if (age.compareTo(Duration.ofDays(2)) < 0) {
            return count(age.toHours(), "hour") + " ago";
        }
        return age.toDays() < 730 ? count(age.toDays(), "day") + " ago" : count(age.toDays() / 365, "year") + " ago";
    }

    public String month(String month) {
        return MONTH.format(YearMonth.parse(month));
    }

    /** As far as people tell digests apart; the whole one stands beside or behind. */
    public String digest(Digest digest) {
        String text = digest.toString();
        int colon = text.indexOf(':');
        return text.substring(0, Math.min(text.length(), colon + 13));
    }

    /** Of all platforms but the usual one, too. */
    public String orUnknown(@Nullable Object value) {
        return value == null ? UNKNOWN : value.toString();
    }

    public String release(ImageItem.@Nullable Release release) {
        return release == null
                ? UNKNOWN
                : release(release.id(), release.version(), release.codename(), release.variant());
    }

    public String release(@Nullable Release release) {
        return release == null
                ? UNKNOWN
                : release(release.id(), release.version(), release.codename(), release.variant());
    }

    public String ground(Member.@Nullable Ground ground) {
        return ground == null
                ? UNKNOWN
                : release(ground.distro(), ground.version(), ground.codename(), ground.variant());
    }

    private static String release(
            String id, @Nullable String version, @Nullable String codename, @Nullable String variant) {
        String release = version != null ? " " + version : codename != null ? " (" + codename + ")" : "";
        return id + release + (variant == null ? "" : " " + variant);
    }

    public String phaseMeaning(SupportPhase phase) {
        return switch (phase) {
            case STANDARD, LTS, ROLLING -> "fine";
            case EXTENDED, ENDED -> "ended";
            case UNRELEASED, UNKNOWN -> UNKNOWN;
        };
    }

    public String meaning(@Nullable Support support) {
        if (support == null) {
            return UNKNOWN;
        }
        if (support.pastSupport()) {
            return "ended";
        }
        if (support.phase() == SupportPhase.UNKNOWN || support.phase() == SupportPhase.UNRELEASED) {
            return UNKNOWN;
        }
        LocalDate until = support.supportedUntil();
        return until != null && daysTo(until, support) <= SOON_DAYS ? "soon" : "fine";
    }

    /** {@code support ended since 2020-12-01}, {@code supported until 2026-12-31}, {@code rolling release}, {@code support unknown}. */
    public String support(@Nullable Support support) {
        LocalDate day = supportDay(support);
        return supportWords(support) + (day == null ? "" : " " + day);
    }

    /** What {@link #support} says before its day, which pages keep in one piece. */
    public String supportWords(@Nullable Support support) {
        if (support == null) {
            return "support unknown";
        }
        boolean hasDay = supportDay(support) != null;
        if (support.pastSupport()) {
            String past = support.phase() == SupportPhase.EXTENDED ? "paid fixes only" : "support ended";
            return hasDay ? past + " since" : past;
        }
        return switch (support.phase()) {
            case ROLLING -> "rolling release";
            case UNKNOWN -> "support unknown";
            case UNRELEASED -> "not released yet";
            case STANDARD, LTS, EXTENDED, ENDED -> hasDay ? "supported until" : "supported";
        };
    }

    /** The first day without support, or the last with it; null where neither is told. */
    public @Nullable LocalDate supportDay(@Nullable Support support) {
        LocalDate until = support == null ? null : support.supportedUntil();
        if (support == null || until == null) {
            return null;
        }
        if (support.pastSupport()) {
            return until.plusDays(1);
        }
        return switch (support.phase()) {
            case ROLLING, UNKNOWN, UNRELEASED -> null;
            case STANDARD, LTS, EXTENDED, ENDED -> until;
        };
    }

    private long daysTo(LocalDate until, Support support) {
        LocalDate day = support.day();
        return ChronoUnit.DAYS.between(day == null ? today() : day, until);
    }

    public String phase(SupportPhase phase) {
        return switch (phase) {
            case UNRELEASED -> "not released yet";
            case STANDARD -> "full support";
            case LTS -> "free security fixes";
            case EXTENDED -> "paid fixes only";
            case ENDED -> "support ended";
            case ROLLING -> "rolling release";
            case UNKNOWN -> "support unknown";
        };
    }

    /** Of an analysis, or pending. */
    public String statusMeaning(Object status) {
        return switch (status.toString()) {
            case "complete" -> "fine";
            case "partial" -> "soon";
            case "unscannable" -> "ended";
            default -> UNKNOWN;
        };
    }

    public String status(Object status) {
        return switch (status.toString()) {
            case "complete" -> "read wholly";
            case "partial" -> "read in part";
            case "unscannable" -> "could not be read";
            case "skipped" -> "nothing to read";
            case "pending" -> "not analysed yet";
            default -> status.toString();
        };
    }

    /** Of a caveat. */
    public String kindMeaning(Object kind) {
        return switch (kind.toString()) {
            case "certain" -> "ended";
            case "risk" -> "soon";
            default -> UNKNOWN;
        };
    }

    public String why(Object why) {
        return switch (why.toString()) {
            case "past-support" -> "past support";
            case "ending" -> "support ends soon";
            case "certain" -> "fails for certain";
            case "risk" -> "may fail";
            case "musl" -> "on musl";
            case "unknown" -> "support unknown";
            default -> why.toString();
        };
    }

    /** Of images by how sure a caveat is of them. */
    public long ofKind(Map<Caveat.Kind, Long> images, String kind) {
        return images.getOrDefault(Caveat.Kind.parse(kind), 0L);
    }

    /** Of a repository's page. */
    public String path(Object repository) {
        return "/repositories/"
                + UriUtils.encodePath(repository.toString(), StandardCharsets.UTF_8)
                        .replace(";", "%3B");
    }

    public String whyMeaning(Object why) {
        return switch (why.toString()) {
            case "past-support", "certain" -> "ended";
            case "ending", "risk" -> "soon";
            case "musl" -> "plain";
            default -> UNKNOWN;
        };
    }
}
