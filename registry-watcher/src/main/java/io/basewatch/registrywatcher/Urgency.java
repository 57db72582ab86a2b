package io.basewatch.registrywatcher;

/** Which topic an event goes to. */
enum Urgency {
    /** What changed just now. */
    LIVE,
    /** What was there already when a registry was first swept. */
    BACKFILL
}
