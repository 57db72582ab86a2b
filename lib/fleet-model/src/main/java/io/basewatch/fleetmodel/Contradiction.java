package io.basewatch.fleetmodel;

import java.util.List;

/**
 * Two findings that cannot both hold, and what was made of them.
 *
 * @param about what they disagree on: {@code distro}, {@code libc}, {@code packages}
 * @param message for people: both sides, and the reason for the choice taken
 */
public record Contradiction(String about, String message, List<Evidence> evidence) {

    public Contradiction {
        evidence = List.copyOf(evidence);
    }
}
