package io.basewatch.standalone;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a command's words go: whether somebody looks at them there, in colours or not, and how many columns he sees. */
final class Terminal {

    /** When there are colours. */
    enum Colors {
        AUTO,
        ALWAYS,
        NEVER;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a colour means. */
    enum Tone {
        HEAD("1"),
        FAINT("2"),
        BAD("31"),
        GOOD("32"),
        WARN("33");

        private final String code;

        Tone(String code) {
            this.code = code;
        }
    }

    /** A text that is shown in a tone where there are colours, and is that text everywhere else. */
    record Toned(String text, @Nullable Tone tone) {
        @Override
        public String toString() {
            return text;
        }
    }

    /** What a file or a pipe gets: everything, in no colour. */
    static final Terminal PLAIN = new Terminal(false, false, Integer.MAX_VALUE);

    private static final int USUAL_WIDTH = 80;
    private static final int LEAST_WIDTH = 20;

    private final boolean isWatched;
    private final boolean isColored;
    private final int width;

    private Terminal(boolean isWatched, boolean isColored, int width) {
        this.isWatched = isWatched;
        this.isColored = isColored;
        this.width = width;
    }

    /** This process' standard output. */
    static Terminal ofOut(Colors wanted) {
        return of(Boolean.getBoolean("basewatch.terminal.out"), wanted, System.getenv());
    }

    /** This process' standard error. */
    static Terminal ofErr(Colors wanted) {
        return of(Boolean.getBoolean("basewatch.terminal"), wanted, System.getenv());
    }

    /**
     * What is said on the command line wins, then {@code NO_COLOR}, then {@code CLICOLOR_FORCE}, then what the stream is.
     *
     * @param isWatched whether it is a terminal
     */
    static Terminal of(boolean isWatched, Colors wanted, Map<String, String> environment) {
        boolean isColored = wanted == Colors.ALWAYS || (wanted == Colors.AUTO && isColored(isWatched, environment));
        return new Terminal(isWatched, isColored, isWatched ? width(environment) : Integer.MAX_VALUE);
    }

    private static boolean isColored(boolean isWatched, Map<String, String> environment) {
        if (!environment.getOrDefault("NO_COLOR", "").isEmpty()) {
            return false;
        }
        String forced = environment.getOrDefault("CLICOLOR_FORCE", "");
        if (!forced.isEmpty() && !forced.equals("0")) {
            return true;
        }
        String kind = environment.getOrDefault("TERM", "");
        return isWatched
                && !kind.isEmpty()
                && !kind.equals("dumb")
                && !environment.getOrDefault("CLICOLOR", "").equals("0");
    }

    private static int width(Map<String, String> environment) {
        for (String told : new String[] {environment.get("COLUMNS"), System.getProperty("basewatch.columns")}) {
            if (told != null && told.matches("[1-9][0-9]{0,4}")) {
                return Math.max(LEAST_WIDTH, Integer.parseInt(told));
            }
        }
        return USUAL_WIDTH;
    }

    /** Whether a person looks at it while it is written. */
    boolean isWatched() {
        return isWatched;
    }

    /** Columns of a line; without end where nobody looks. */
    int width() {
        return width;
    }

    String paint(@Nullable Tone tone, String text) {
        return tone == null || !isColored || text.isEmpty() ? text : "\u001b[" + tone.code + "m" + text + "\u001b[0m";
    }

    /** By how a phase of support begins, as texts tell it: {@code ended 2024-06-30}. Null for what is neither good nor bad. */
    static @Nullable Tone ofPhase(String phase) {
        String lower = phase.toLowerCase(Locale.ROOT);
        if (lower.startsWith("ended")) {
            return Tone.BAD;
        }
        if (lower.startsWith("extended") || lower.startsWith("paid only")) {
            return Tone.WARN;
        }
        return lower.startsWith("standard") || lower.startsWith("lts") || lower.startsWith("rolling")
                ? Tone.GOOD
                : null;
    }
}
