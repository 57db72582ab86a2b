package io.basewatch.fingerprint.distro;

import io.basewatch.fleetmodel.Evidence;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one file or package says of the distribution.
 *
 * @param id in lower case
 * @param version null when this source does not say
 * @param like as this source says; the families that are known anyway are not in it
 */
record Claim(
        Source source,
        String id,
        @Nullable String version,
        @Nullable String codename,
        @Nullable String name,
        List<String> like,
        Evidence evidence) {

    /** Where a claim comes from, the most trusted first. */
    enum Source {
        OS_RELEASE("os-release is what the distribution itself declares"),
        RELEASE_FILE("a release file is written by the distribution's own package"),
        REPOSITORIES("the package repositories say what can be installed, not what is"),
        PACKAGES("installed packages can be older or newer than the release they are used on"),
        DELETED("an os-release that a higher layer deleted speaks for what was there before"),
        BANNER("a program's banner names the program, not the distribution"),
        /** People edit it; it speaks only where nothing else does. */
        ISSUE("the text before a login is for people");

        private final String why;

        Source(String why) {
            this.why = why;
        }

        /** Half a sentence for a report: why this source is believed as far as it is. */
        String why() {
            return why;
        }
    }

    Claim {
        like = List.copyOf(like);
    }

    String label() {
        return id + (version != null ? " " + version : codename != null ? " (" + codename + ")" : "");
    }
}
