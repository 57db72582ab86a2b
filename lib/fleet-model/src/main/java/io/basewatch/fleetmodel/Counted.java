package io.basewatch.fleetmodel;

/** So many of something, in a text for people. */
public final class Counted {

    private Counted() {}

    /** {@code 1 package}, {@code 88 packages}. */
    public static String of(long count, String one, String many) {
        return count + " " + (count == 1 ? one : many);
    }
}
