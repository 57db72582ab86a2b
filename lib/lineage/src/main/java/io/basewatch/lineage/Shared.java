package io.basewatch.lineage;

import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether layers are the unnamed ground of several images: these part above them, and no repository has all of the images. Of one that has, they are most likely versions, which share what
 * their own build made.
 */
final class Shared {

    private Shared() {}

    static boolean is(Chain chain, @Nullable Platform platform) {
        Boolean known = chain.shared(platform);
        if (known == null) {
            known = parts(chain, platform) && noRepositoryHasAll(chain, platform);
            chain.remember(platform, known);
        }
        return known;
    }

    private static boolean parts(Chain chain, @Nullable Platform platform) {
        long branches = chain.cut().stream()
                .filter(image -> Objects.equals(image.platform(), platform))
                .count();
        for (Chain above : chain.above()) {
            if (branches > 1) {
                return true;
            }
            if (!through(above, image -> !Objects.equals(image.platform(), platform))) {
                branches++;
            }
        }
        return branches > 1;
    }

    private static boolean noRepositoryHasAll(Chain chain, @Nullable Platform platform) {
        Set<Repository> all = new HashSet<>();
        boolean[] begun = {false};
        return !through(chain, image -> {
            if (Objects.equals(image.platform(), platform)) {
                Set<Repository> here = new HashSet<>();
                for (Image.Place place : image.places()) {
                    here.add(place.in().repository);
                }
                if (begun[0]) {
                    all.retainAll(here);
                } else {
                    all.addAll(here);
                    begun[0] = true;
                }
            }
            return !all.isEmpty() || !begun[0];
        });
    }

    /** Goes through the images with these layers, and those with more, as long as it is told to; true when it came to the end. */
    static boolean through(Chain from, Predicate<Image> visitor) {
        Deque<Chain> left = new ArrayDeque<>();
        left.push(from);
        while (!left.isEmpty()) {
            Chain chain = left.pop();
            for (Image image : chain.at()) {
                if (!visitor.test(image)) {
                    return false;
                }
            }
            for (Image image : chain.cut()) {
                if (!visitor.test(image)) {
                    return false;
                }
            }
            chain.above().forEach(left::push);
        }
        return true;
    }
}
