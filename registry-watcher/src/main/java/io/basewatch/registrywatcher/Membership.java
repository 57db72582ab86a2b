package io.basewatch.registrywatcher;

import io.basewatch.fleetstore.WatchMembers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * How the watchers of one name share the repositories: each has those of which it says so by its name, and who is not heard of for a while has none. When one comes or goes, only the
 * repositories move that it gets or had. For a moment two may both take one for theirs, or, for {@link #SILENCE}, nobody: what is looked at twice is told once, and what is not looked at is
 * by the next sweep of who has it then. Thread-safe.
 */
final class Membership {

    private static final Logger log = LoggerFactory.getLogger(Membership.class);

    /** Between two signs of life. */
    static final Duration BEAT = Duration.ofSeconds(5);

    /** After which one that gave no sign is taken to be gone. */
    static final Duration SILENCE = Duration.ofSeconds(30);

    private final String watcher;
    private final String self;
    private final WatchMembers members;
    private final LongSupplier nanos;
    private final Map<String, Sign> signs = new HashMap<>();
    private volatile List<String> live;
    private volatile int changes;

    /** The last sign that was new, and when it was seen. */
    private record Sign(long beats, long nanos) {}

    /**
     * @param watcher the name that all of them have
     * @param self this process, which no other is called
     * @param nanos as of {@link System#nanoTime}
     */
    Membership(String watcher, String self, WatchMembers members, LongSupplier nanos) {
        this.watcher = watcher;
        this.self = self;
        this.members = members;
        this.nanos = nanos;
        this.live = List.of(self);
    }

    /** Gives a sign of life, and looks who else did. */
    synchronized void beat() {
        members.beat(watcher, self);
        long now = nanos.getAsLong();
        Map<String, Long> beats = members.beats(watcher);
        signs.keySet().retainAll(beats.keySet());
        TreeSet<String> heard = new TreeSet<>(List.of(self));
        beats.forEach((member, count) -> {
            Sign last = signs.get(member);
            if (last == null || last.beats() != count) {
                signs.put(member, new Sign(count, now));
                heard.add(member);
            } else if (now - last.nanos() < SILENCE.toNanos()) {
                heard.add(member);
            } else if (!member.equals(self)) {
                members.leave(watcher, member, count);
                signs.remove(member);
            }
        });
        List<String> before = live;
        live = List.copyOf(heard);
        if (!before.equals(live)) {
            changes++;
            log.info("watchers share the repositories watcher={} number={}", watcher, live.size());
        }
    }

    /** The others need not wait. */
    synchronized void leave() {
        try {
            members.leave(watcher, self, Long.MAX_VALUE);
        } catch (DataAccessException e) {
            log.debug("the others find out by themselves", e);
        }
    }

    /** How many there are, this one with them. */
    int size() {
        return live.size();
    }

    /** Grows whenever one came or went. */
    int changes() {
        return changes;
    }

    /**
     * Whether this one looks at it.
     *
     * @param repository with its registry
     */
    boolean isMine(String repository) {
        String first = self;
        long most = weight(self, repository);
        for (String other : live) {
            long weight = weight(other, repository);
            if (weight > most || (weight == most && other.compareTo(first) > 0)) {
                most = weight;
                first = other;
            }
        }
        return first.equals(self);
    }

    /** Far apart for texts that are almost the same, and the same in every process. */
    private static long weight(String member, String repository) {
        long mixed = 1125899906842597L;
        for (byte each : (member + "\n" + repository).getBytes(StandardCharsets.UTF_8)) {
            mixed = (mixed ^ each) * 0x100000001B3L;
        }
        mixed = (mixed ^ (mixed >>> 33)) * 0xFF51AFD7ED558CCDL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return mixed ^ (mixed >>> 33);
    }
}
