package io.basewatch.layerfacts;

import java.util.concurrent.ThreadLocalRandom;

/** Paths by a hash of 64 bits each: it may be said of a path that it is there when it is not, never the other way round. Grows. */
final class PathSet {

    private static final long PRIME = 0x100000001b3L;

    /** Of the root; unknown to whoever builds an image, so that nobody can make many paths fall together. */
    static final long ROOT = ThreadLocalRandom.current().nextLong();

    private long[] places = new long[64];
    private int used;
    private boolean hasZero;

    /** Of what lies in a directory, by the hash of that. */
    static long child(long directory, byte[] name, int from, int to) {
        long hash = (directory ^ '/') * PRIME;
        for (int i = from; i < to; i++) {
            hash = (hash ^ (name[i] & 0xff)) * PRIME;
        }
        return hash;
    }

    void add(long path) {
        if (path == 0) {
            hasZero = true;
            return;
        }
        if (2 * used >= places.length) {
            long[] before = places;
            places = new long[2 * before.length];
            for (long place : before) {
                if (place != 0) {
                    places[place(place)] = place;
                }
            }
        }
        int place = place(path);
        if (places[place] == 0) {
            places[place] = path;
            used++;
        }
    }

    boolean has(long path) {
        return path == 0 ? hasZero : places[place(path)] != 0;
    }

    /** Where it is, or would be. */
    private int place(long path) {
        long mixed = (path ^ (path >>> 32)) * 0x9e3779b97f4a7c15L;
        int place = (int) (mixed >>> 40) & (places.length - 1);
        while (places[place] != 0 && places[place] != path) {
            place = (place + 1) & (places.length - 1);
        }
        return place;
    }

    int bytes() {
        return 8 * places.length + 40;
    }
}
