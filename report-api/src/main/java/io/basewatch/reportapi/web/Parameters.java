package io.basewatch.reportapi.web;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Query parameters that several questions take, from text to type; each null stays null. */
public final class Parameters {

    /** host[:port], as a regular expression; the description of the API holds the same. */
    public static final String REGISTRY = "[0-9A-Za-z.:_\\[\\]-]{1,255}";

    /** registry/name, as a regular expression. */
    public static final String REPOSITORY = REGISTRY + "/[!-~]{1,255}";

    /** A digest, as a regular expression. */
    public static final String DIGEST = "(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})";

    /** A word or words that images say of themselves, as a regular expression: no control characters, not blank. */
    public static final String WORDS = "[!-~\\u00A1-\\uFFFF][ -~\\u00A1-\\uFFFF]{0,199}";

    /** The id of a caveat, as a regular expression. */
    public static final String CAVEAT = "[a-z0-9][a-z0-9._-]{0,99}";

    /** A day that somebody can mean, as a regular expression; how many a month has, it does not know. */
    public static final String DAY = "(199[0-9]|20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";

    /** What {@code asOf} is, for the description of the API. */
    public static final String AS_OF = "the day that support phases are of; without it today (UTC)";

    /** Before any release that images stand on, and after whatever anybody was promised. */
    private static final LocalDate FIRST_DAY = LocalDate.of(1990, 1, 1);

    private static final LocalDate LAST_DAY = LocalDate.of(2099, 12, 31);

    /** What a base is called by, as a regular expression: ChainID and platform. */
    public static final String BASE = "(claim-)?" + DIGEST + "(~[!-.0-}]{1,100}){0,4}";

    private Parameters() {}

    /**
     * The day that support phases are to be of.
     *
     * @param asOf null for today, in UTC
     * @throws BadParameterException when it is no day, or one that nobody can mean
     */
    public static LocalDate day(@Nullable String asOf, Clock clock) {
        return day("asOf", asOf, LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
    }

    /**
     * @param without what null is
     * @throws BadParameterException when it is no day, or one that nobody can mean
     */
    public static LocalDate day(String parameter, @Nullable String text, LocalDate without) {
        if (text == null) {
            return without;
        }
        if (text.matches(DAY)) {
            try {
                LocalDate day = LocalDate.parse(text);
                if (!day.isBefore(FIRST_DAY) && !day.isAfter(LAST_DAY)) {
                    return day;
                }
            } catch (DateTimeParseException e) {
                // told below
            }
        }
        throw new BadParameterException(
                parameter, text, "a day from " + FIRST_DAY + " to " + LAST_DAY + ", as in 2026-11-21");
    }

    /**
     * @throws BadParameterException when it is not host[:port]
     */
    public static @Nullable String registry(@Nullable String text) {
        if (text != null && !text.matches(REGISTRY)) {
            throw new BadParameterException(
                    "registry", text, "a registry's host, with its port where it has one: registry.example.com:5000");
        }
        return text;
    }

    /**
     * @throws BadParameterException when it cannot be the id of a caveat
     */
    public static @Nullable String caveat(@Nullable String text) {
        if (text != null && !text.matches(CAVEAT)) {
            throw new BadParameterException(
                    "caveat", text, "a caveat's id, as /api/v1/caveats lists them: elf-glibc-interpreter-missing");
        }
        return text;
    }

    /**
     * @throws BadParameterException when it is not registry/name
     */
    public static @Nullable Repository repository(@Nullable String text) {
        if (text == null) {
            return null;
        }
        if (!text.matches(REPOSITORY)) {
            throw new BadParameterException(
                    "repository", text, "registry and name: registry.example.com:5000/team/app");
        }
        return Repository.parse(text);
    }

    /**
     * @throws BadParameterException when it is blank, far too long, or holds what no file says of itself
     */
    public static @Nullable String words(String parameter, @Nullable String text) {
        if (text != null && !text.matches(WORDS)) {
            throw new BadParameterException(parameter, text, "a value of at most 200 characters, or leave it out");
        }
        return text;
    }

    /**
     * @throws BadParameterException when it is not a digest as answers have it
     */
    public static @Nullable Digest digest(String parameter, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            Digest digest = Digest.parse(text);
            if (digest.toString().equals(text)) {
                return digest;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new BadParameterException(parameter, text, "sha256: and 64 lower-case hex digits");
    }

    /**
     * @param allowed the values there are; their {@code toString}, in lower case, is what clients write
     * @throws BadParameterException when it is none of them
     */
    public static <E extends Enum<E>> @Nullable E oneOf(String parameter, @Nullable String text, E[] allowed) {
        if (text == null) {
            return null;
        }
        for (E each : allowed) {
            if (written(each).equals(text)) {
                return each;
            }
        }
        throw new BadParameterException(
                parameter,
                text,
                "one of " + Arrays.stream(allowed).map(Parameters::written).collect(Collectors.joining(", ")));
    }

    private static String written(Enum<?> value) {
        return value.toString().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
