package io.basewatch.backlog;

import org.jspecify.annotations.Nullable;

/**
 * What to move to.
 *
 * @param image as a Dockerfile names it; {@code <version>} stands for what is not known
 * @param describes the description of a base by which the loader's verdict on it can be told; null where there is none
 * @param suite of Debian, whose packages it takes; null for others
 * @param sameFamily whether it is a newer release of the same distribution
 * @param why for people
 */
public record Target(
        String image, @Nullable String describes, @Nullable String suite, boolean sameFamily, String why) {

    Target because(String reason) {
        return new Target(image, describes, suite, sameFamily, reason + "; " + why);
    }
}
