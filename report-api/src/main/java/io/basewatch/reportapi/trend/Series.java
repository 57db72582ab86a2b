package io.basewatch.reportapi.trend;

import java.util.Locale;

/** What is kept of each day. In answers and in the store each has its name in lower case with hyphens. */
enum Series {
    /** Images by distribution and release. */
    DISTRO("images"),
    /** Images by distribution. */
    DISTRIBUTION("images"),
    /** Images by the system's libc. */
    LIBC("images"),
    /** Images by support phase as of that day. */
    PHASE("images"),
    /** Images with any caveat of a kind: an image may be in several lines. */
    CAVEAT("images"),
    /** Entries that stand, and that stood and went. */
    BACKLOG("entries"),
    /** Images that the entries that stand are about. */
    BACKLOG_IMAGES("images"),
    /** Images by registry: one that is in several is in several lines. */
    REGISTRY("images"),
    /** Images by owner, likewise. */
    OWNER("images");

    private final String unit;

    Series(String unit) {
        this.unit = unit;
    }

    String unit() {
        return unit;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
