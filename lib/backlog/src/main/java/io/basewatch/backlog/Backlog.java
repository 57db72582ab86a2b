package io.basewatch.backlog;

import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.Member;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What of a fleet to move first, as it is on one day; never changes. */
public final class Backlog {

    /** For people. */
    public static final String RULE =
            "An image has points for ended support (8 and 9 more for each doubling of the days), for what fails for certain"
                    + " (30 for the first critical one) and for risks. A base has those of the worst image of each"
                    + " repository that stands on it, and a share of those of the others. The score is that benefit"
                    + " over 4 and the effort of all Dockerfiles that have to be changed; the higher goes first.";

    private final LocalDate day;
    private final long version;
    private final long pending;
    private final long unread;
    private final List<Entry> entries;

    private Backlog(LocalDate day, long version, long pending, long unread, List<Entry> entries) {
        this.day = day;
        this.version = version;
        this.pending = pending;
        this.unread = unread;
        this.entries = List.copyOf(entries);
    }

    /** How long what an image stands on is supported where the image is. */
    public interface SupportAt {
        /**
         * @param ground null where the files do not say
         * @param places all repositories that hold the image
         */
        Support of(Member.@Nullable Ground ground, List<Repository> places, LocalDate day);

        /** Equal for places in which all images have the same support, whatever the day. */
        default Object scope(Repository place) {
            return place;
        }
    }

    /** Whose an image is. */
    public interface OwnerOf {
        /**
         * Null when nobody's.
         *
         * @param labels of the image, see {@link Member#labels}
         */
        @Nullable
        String owner(Repository repository, Map<String, String> labels);
    }

    /**
     * Goes through the whole fleet once.
     *
     * @param lifecycle by which targets are chosen
     */
    public static Backlog of(
            FleetTree fleet, Lifecycle lifecycle, SupportAt support, OwnerOf owners, Weights weights, LocalDate day) {
        return new FollowingBacklog(fleet, lifecycle, support, owners, weights, day).now();
    }

    static Backlog of(LocalDate day, Gathering gathering) {
        return new Backlog(day, gathering.version(), gathering.pending(), gathering.unread(), gathering.entries());
    }

    public LocalDate day() {
        return day;
    }

    /** {@link FleetTree#version()} of what it was made of. */
    public long version() {
        return version;
    }

    /** Images of the fleet that are not analysed yet: of these nothing is said. */
    public long pending() {
        return pending;
    }

    /** Images that are not read wholly, or not judged yet: they may belong into an entry, or into one that is not there. */
    public long unread() {
        return unread;
    }

    /** First what to move first. */
    public List<Entry> entries() {
        return entries;
    }
}
