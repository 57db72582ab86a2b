package io.basewatch.fleetmodel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes texts of images fit to be kept: what looks like a secret becomes {@value #MASK}. Rather one too many: nothing is concluded from the text of a secret.
 */
public final class Secrets {

    public static final String MASK = "***";

    private static final String NAMES =
            "(?:pass(?:word|wd|phrase|code)?|pwd|secrets?|tokens?|api[_-]?keys?|(?:access|private|secret|signing|encryption|license|auth)[_-]?keys?|credentials?|creds?|authorization|bearer|cookie|salt)";

    /** Each of {@link #NAMES} holds one of these; most texts hold none, which is found out much sooner than by patterns. */
    private static final List<String> NAME_PARTS =
            List.of("pass", "pwd", "secret", "token", "key", "cred", "authorization", "bearer", "cookie", "salt");

    /** A name that is one of a secret, or ends in it. */
    private static final Pattern SECRET_NAME = Pattern.compile(
            "(?:.*[_.\\-/])?" + NAMES + "(?:[_.\\-](?:id|file|value|base64|b64|enc|hash))?", Pattern.CASE_INSENSITIVE);

    private static final Pattern SECRET_NAME_RUN_TOGETHER = Pattern.compile(
            ".*(?:password|passwd|passphrase|secret|apikey|accesskey|privatekey|credential)s?",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern FLAG = Pattern.compile("--?([A-Za-z][A-Za-z0-9_.-]{0,100})");
    private static final Pattern FLAG_WITH_VALUE =
            Pattern.compile("(--?([A-Za-z][A-Za-z0-9_.-]{0,100})=).+", Pattern.DOTALL);

    /** {@code name=value}, {@code name: value}, {@code --name value} within a text. */
    private static final Pattern ASSIGNED = Pattern.compile("(?i)((?:[A-Z0-9_.-]{0,60}[_.-])?" + NAMES
            + "[\"']?\\s{0,3}(?:=|:|\\s)\\s{0,3})(\"[^\"\\n]{1,4000}\"|'[^'\\n]{1,4000}'|[^\\s\"';|&)]{1,4000})");

    /** {@code scheme://user:password@host}. */
    private static final Pattern IN_URL = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]{1,20}://)[^\\s/@\"']{1,500}@");

    /** Shapes by which makers of tokens let them be recognised. */
    private static final Pattern KNOWN =
            Pattern.compile("gh[pousr]_[A-Za-z0-9]{16,255}|github_pat_[A-Za-z0-9_]{20,255}|glpat-[A-Za-z0-9_-]{16,255}"
                    + "|xox[abprs]-[A-Za-z0-9-]{8,255}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,60}|npm_[A-Za-z0-9]{30,60}|dckr_pat_[A-Za-z0-9_-]{16,255}"
                    + "|hv[sb]\\.[A-Za-z0-9_-]{16,255}|sk-[A-Za-z0-9_-]{16,255}|eyJ[A-Za-z0-9_-]{8,4000}\\.[A-Za-z0-9_-]{8,4000}\\.[A-Za-z0-9_-]{0,4000}"
                    + "|-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,8000}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?");

    /** {@link #KNOWN} begins with one of these. */
    private static final List<String> KNOWN_STARTS = List.of(
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
            "github_pat_",
            "glpat-",
            "xox",
            "AKIA",
            "ASIA",
            "AIza",
            "npm_",
            "dckr_pat_",
            "hvs.",
            "hvb.",
            "sk-",
            "eyJ",
            "-----BEGIN ");

    private static final String URL = "://";

    /** Which of {@link #URL}, {@link #KNOWN_STARTS} and {@link #NAME_PARTS} begin with two ASCII characters, by these: most texts hold none of thirty, which one pass tells. */
    private static final byte[] BEGINNINGS = new byte[1 << 14];

    private static final int BEGINS_URL = 1;
    private static final int BEGINS_KNOWN = 2;
    private static final int BEGINS_NAME = 4;
    private static final int BEGINS_ALL = BEGINS_URL | BEGINS_KNOWN | BEGINS_NAME;

    static {
        begin(BEGINS_URL, URL.charAt(0), URL.charAt(1));
        KNOWN_STARTS.forEach(start -> begin(BEGINS_KNOWN, start.charAt(0), start.charAt(1)));
        for (String part : NAME_PARTS) {
            for (char first : new char[] {part.charAt(0), Character.toUpperCase(part.charAt(0))}) {
                begin(BEGINS_NAME, first, part.charAt(1));
                begin(BEGINS_NAME, first, Character.toUpperCase(part.charAt(1)));
            }
        }
    }

    private static void begin(int what, int first, int second) {
        BEGINNINGS[first << 7 | second] |= (byte) what;
    }

    private static final int LONG = 40;
    private static final Pattern LONG_WORD = Pattern.compile("[A-Za-z0-9+_-]{" + LONG + ",4000}={0,2}");
    private static final Pattern HEX = Pattern.compile("[0-9a-f]+|[0-9A-F]+");

    private Secrets() {}

    /** A free text, such as a command or a script. */
    public static String masked(String text) {
        String masked = text;
        int begun = begun(text);
        if ((begun & BEGINS_URL) != 0) {
            masked = IN_URL.matcher(masked).replaceAll("$1" + Matcher.quoteReplacement(MASK) + "@");
        }
        if ((begun & BEGINS_KNOWN) != 0) {
            masked = KNOWN.matcher(masked).replaceAll(Matcher.quoteReplacement(MASK));
        }
        if ((begun & BEGINS_NAME) != 0) {
            masked = withoutAssigned(masked);
        }
        if (!holdsLongWord(masked)) {
            return masked;
        }
        return LONG_WORD
                .matcher(masked)
                .replaceAll(word -> Matcher.quoteReplacement(isRandom(word.group()) ? MASK : word.group()));
    }

    /** Of which kind something begins in a text. What one kind's mask hides never makes another one begin. */
    private static int begun(String text) {
        int begun = 0;
        int first = 0x7f;
        for (int at = 0; at < text.length() && begun != BEGINS_ALL; at++) {
            int second = text.charAt(at);
            int may = (first | second) > 0x7f ? 0 : BEGINNINGS[first << 7 | second] & ~begun;
            if (may != 0) {
                begun |= begunAt(text, at - 1, may);
            }
            first = second;
        }
        return begun;
    }

    private static int begunAt(String text, int at, int may) {
        int begun = (may & BEGINS_URL) != 0 && text.startsWith(URL, at) ? BEGINS_URL : 0;
        if ((may & BEGINS_KNOWN) != 0) {
            for (String start : KNOWN_STARTS) {
                begun |= text.startsWith(start, at) ? BEGINS_KNOWN : 0;
            }
        }
        if ((may & BEGINS_NAME) != 0) {
            for (String part : NAME_PARTS) {
                begun |= text.regionMatches(true, at, part, 0, part.length()) ? BEGINS_NAME : 0;
            }
        }
        return begun;
    }

    /** Whether {@link #LONG_WORD} finds one, looking at one character in as many as that is long at least. */
    private static boolean holdsLongWord(String text) {
        int at = LONG - 1;
        while (at < text.length()) {
            if (!isOfWord(text.charAt(at))) {
                at += LONG;
                continue;
            }
            int start = at;
            while (start > at - LONG + 1 && isOfWord(text.charAt(start - 1))) {
                start--;
            }
            int end = start + LONG;
            while (at + 1 < end && at + 1 < text.length() && isOfWord(text.charAt(at + 1))) {
                at++;
            }
            if (at + 1 == end) {
                return true;
            }
            at += LONG + 1;
        }
        return false;
    }

    private static boolean isOfWord(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '+'
                || c == '_'
                || c == '-';
    }

    /** {@link #ASSIGNED} masked; it is only tried where the name of a secret stands near, as a text is long and the pattern slow. */
    private static String withoutAssigned(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        Matcher assigned = ASSIGNED.matcher(text);
        if (lower.length() != text.length()) {
            return assigned.replaceAll("$1" + Matcher.quoteReplacement(MASK));
        }
        int[] next = new int[NAME_PARTS.size()];
        Arrays.fill(next, -1);
        StringBuilder masked = new StringBuilder();
        int done = 0;
        int tried = 0;
        int part = nearest(lower, next, 0);
        while (part < text.length()) {
            int start = part;
            while (start > tried && isOfName(text.charAt(start - 1))) {
                start--;
            }
            // Where it begins no later than with this part of a name.
            while (start <= part && !assigned.region(start, text.length()).lookingAt()) {
                start++;
            }
            if (start <= part) {
                masked.append(text, done, start).append(assigned.group(1)).append(MASK);
                done = assigned.end();
            }
            tried = Math.max(done, part + 1);
            part = nearest(lower, next, tried);
        }
        return masked.append(text, done, text.length()).toString();
    }

    /**
     * @param next where each of {@link #NAME_PARTS} was seen last; brought up to date
     * @return where the first of them begins at a place or behind; the text's end when none does
     */
    private static int nearest(String lower, int[] next, int from) {
        int nearest = lower.length();
        for (int n = 0; n < next.length; n++) {
            if (next[n] < from) {
                int at = lower.indexOf(NAME_PARTS.get(n), from);
                next[n] = at < 0 ? Integer.MAX_VALUE : at;
            }
            nearest = Math.min(nearest, next[n]);
        }
        return nearest;
    }

    private static boolean isOfName(char c) {
        return isOfWord(c) || c == '.';
    }

    /** The value of a variable, label or key of that name. */
    public static String maskedValue(String name, String value) {
        return isSecretName(name) && !value.isEmpty() ? MASK : masked(value);
    }

    /** A command's words: also the word behind a flag that names a secret. */
    public static List<String> maskedArguments(List<String> command) {
        List<String> masked = new ArrayList<>();
        boolean isSecret = false;
        for (String word : command) {
            Matcher flag = FLAG.matcher(word);
            Matcher withValue = FLAG_WITH_VALUE.matcher(word);
            if (isSecret && !flag.matches()) {
                masked.add(MASK);
            } else if (withValue.matches() && isSecretName(withValue.group(2))) {
                masked.add(withValue.group(1) + MASK);
            } else {
                masked.add(masked(word));
            }
            isSecret = flag.matches() && isSecretName(flag.group(1));
        }
        return masked;
    }

    private static boolean isSecretName(String name) {
        String plain = name.toLowerCase(Locale.ROOT);
        return SECRET_NAME.matcher(plain).matches()
                || SECRET_NAME_RUN_TOGETHER.matcher(plain).matches();
    }

    /** Upper and lower case letters and digits in one long word that is no digest. */
    private static boolean isRandom(String word) {
        return !HEX.matcher(word).matches()
                && word.chars().anyMatch(c -> c >= 'A' && c <= 'Z')
                && word.chars().anyMatch(c -> c >= 'a' && c <= 'z')
                && word.chars().filter(c -> c >= '0' && c <= '9').count() >= 3;
    }
}
