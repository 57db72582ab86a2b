package io.basewatch.lineage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * All images, by digest: put in order when that is asked for, which costs little more than going through them, as most have their place since the last time. Or when so much has come and gone that
 * remembering it takes room: nobody may ever ask.
 */
final class DigestOrder {

    private static final Image[] NONE = {};

    /** So many changes are remembered, and half as many as there are images. */
    private static final int REMEMBERED = 1_000;

    private Image[] ordered = NONE;
    private final List<Image> arrived = new ArrayList<>();
    private final Set<Image> gone = Collections.newSetFromMap(new IdentityHashMap<>());

    synchronized void add(Image image) {
        arrived.add(image);
        forget();
    }

    synchronized void remove(Image image) {
        gone.add(image);
        forget();
    }

    private void forget() {
        if (pending() > REMEMBERED + ordered.length / 2) {
            all();
        }
    }

    synchronized int pending() {
        return arrived.size() + gone.size();
    }

    /** Not to be changed. */
    synchronized Image[] all() {
        if (!arrived.isEmpty() || !gone.isEmpty()) {
            List<Image> all = new ArrayList<>(ordered.length + arrived.size());
            for (List<Image> some : List.of(Arrays.asList(ordered), arrived)) {
                for (Image image : some) {
                    if (!gone.contains(image)) {
                        all.add(image);
                    }
                }
            }
            // It finds what is in order already.
            all.sort(Image.BY_DIGEST);
            ordered = all.toArray(NONE);
            arrived.clear();
            gone.clear();
        }
        return ordered;
    }

    /** Where in an order the first one behind a digest is; its length where there is none. */
    static int firstBehind(Image[] ordered, Hash digest) {
        int from = 0;
        int to = ordered.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (ordered[middle].digest.compareTo(digest) <= 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }
}
