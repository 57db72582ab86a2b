package io.basewatch.backlog;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.lineage.BaseId;
import io.basewatch.lineage.BaseSight;
import io.basewatch.lineage.Name;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which bases move together: those that share a name, as one image for several platforms does. Only bases that share something with one that has changed are put together anew.
 */
final class Kinship {

    private static final int ID_DIGITS = 20;

    private final Map<BaseId, Kin> kin = new HashMap<>();

    /** By what it may depend on with whom a base is put together: the beginning of its id, and its names. */
    private final Map<String, Set<BaseId>> byLink = new HashMap<>();

    private final Map<BaseId, Links> links = new HashMap<>();
    private final Set<String> touched = new HashSet<>();

    /**
     * Bases that move together.
     *
     * @param key one for all of them
     * @param id what is told of it, which stays as long as their layers do
     */
    record Kin(String key, String id) {}

    private record Links(String id, List<String> names) {

        static Links of(BaseSight base) {
            return new Links(
                    "base-" + base.id().key().hex().substring(0, ID_DIGITS),
                    base.names().stream()
                            .filter(name -> name.from() == Name.From.TAG || name.from() == Name.From.KNOWN)
                            .map(name -> name.reference() + " on " + base.ground())
                            .distinct()
                            .toList());
        }

        List<String> all() {
            List<String> all = new ArrayList<>(names);
            all.add(id);
            return all;
        }
    }

    void clear() {
        kin.clear();
        byLink.clear();
        links.clear();
        touched.clear();
    }

    /** Null for what is no base. */
    @Nullable
    Kin of(BaseId base) {
        return kin.get(base);
    }

    /**
     * What is known of a base from now on; {@link #settle} puts it to its kin.
     *
     * @param base null where it is none any more
     */
    void put(BaseId id, @Nullable BaseSight base) {
        Links next = base == null ? null : Links.of(base);
        Links last = next == null ? links.remove(id) : links.put(id, next);
        if (Objects.equals(last, next)) {
            return;
        }
        if (last != null) {
            for (String link : last.all()) {
                Set<BaseId> there = byLink.getOrDefault(link, Set.of());
                there.remove(id);
                if (there.isEmpty()) {
                    byLink.remove(link);
                }
                touched.add(link);
            }
        }
        if (next != null) {
            for (String link : next.all()) {
                byLink.computeIfAbsent(link, any -> new HashSet<>(2)).add(id);
                touched.add(link);
            }
        } else {
            kin.remove(id);
        }
    }

    /** Bases that are put together otherwise than before, or for the first time. */
    Set<BaseId> settle() {
        Set<BaseId> moved = new HashSet<>();
        Set<String> seen = new HashSet<>();
        for (String link : touched) {
            if (seen.add(link)) {
                settle(together(link, seen), moved);
            }
        }
        touched.clear();
        return moved;
    }

    /** All that share anything, if only through others. */
    private Collection<BaseId> together(String first, Set<String> seen) {
        Set<BaseId> together = new HashSet<>();
        Deque<String> left = new ArrayDeque<>(List.of(first));
        while (!left.isEmpty()) {
            for (BaseId base : byLink.getOrDefault(left.pop(), Set.of())) {
                if (together.add(base)) {
                    Objects.requireNonNull(links.get(base)).all().stream()
                            .filter(seen::add)
                            .forEach(left::push);
                }
            }
        }
        return together;
    }

    private void settle(Collection<BaseId> together, Set<BaseId> moved) {
        Map<String, Kin> byName = new HashMap<>();
        Set<String> taken = new HashSet<>();
        for (BaseId base : together.stream().sorted().toList()) {
            Links its = Objects.requireNonNull(links.get(base));
            Kin of = its.names().stream()
                    .map(byName::get)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElseGet(() -> new Kin(base.toString(), taken.add(its.id()) ? its.id() : longer(base)));
            its.names().forEach(name -> byName.putIfAbsent(name, of));
            if (!of.equals(kin.put(base, of))) {
                moved.add(base);
            }
        }
    }

    /** Where the same layers are there for several platforms, the platform is in it too. */
    private static String longer(BaseId base) {
        return "base-" + digits(base.toString());
    }

    /** Of an id that is made of a text. */
    static String digits(String of) {
        return Digest.sha256Of(of.getBytes(StandardCharsets.UTF_8)).hex().substring(0, ID_DIGITS);
    }
}
