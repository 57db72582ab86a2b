package io.basewatch.registrywatcher;

import java.time.Duration;
import java.time.Instant;

/**
 * What keeps a registry that suddenly denies its tags from emptying the fleet. Few removals pass at once; more than that only when a second
 * sweep agrees, or when somebody says so.
 *
 * @param maxShare of the registry's known tags, 0 to 1
 * @param maxNumber of tags
 * @param agreement how long after a sweep another one begins at least whose word counts
 */
record RemovalBrake(double maxShare, int maxNumber, Duration agreement) {

    /** So few are never held, whatever their share: in a registry of three tags one is a third. */
    private static final int FEW = 2;

    RemovalBrake {
        if (!(maxShare >= 0 && maxShare <= 1)) {
            throw new IllegalArgumentException(
                    "basewatch.watcher.removals.max-share is " + maxShare + ", not a share from 0 to 1");
        }
        if (maxNumber < 0) {
            throw new IllegalArgumentException(
                    "basewatch.watcher.removals.max-number is " + maxNumber + ", not 0 or more");
        }
    }

    /**
     * @param missing tags that nobody has agreed to yet
     * @param known of the registry, the missing ones with them
     */
    boolean holds(long missing, long known) {
        return missing > FEW && (missing > maxNumber || missing > maxShare * known);
    }

    /** Whether a sweep that begins now confirms what another one saw first. */
    boolean isAgreement(Instant firstSweep, Instant thisSweep) {
        return !firstSweep.plus(agreement).isAfter(thisSweep);
    }
}
