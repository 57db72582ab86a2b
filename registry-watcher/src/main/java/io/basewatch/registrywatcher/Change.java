package io.basewatch.registrywatcher;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.TagLedger.Entry;
import io.basewatch.fleetstore.TagLedger.Intent;
import io.basewatch.fleetstore.TagLedger.SeenTag;
import io.basewatch.fleetstore.TagLedger.Selection;
import io.basewatch.fleetstore.TagReferrers;
import io.basewatch.fleetstore.UnwatchedImage;
import io.basewatch.ociregistry.ImageTargets;
import io.basewatch.ociregistry.ImageTargets.Target;
import io.basewatch.ociregistry.WantedPlatforms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something to tell of a tag.
 *
 * @param known what the ledger says of it; null for a tag that it does not know
 * @param now what the tag leads to; null when it is gone
 * @param platforms that are wanted, of all that it leads to
 * @param referrers to that; null where nobody asked
 * @param looked when the registry was asked what the tag leads to; null when it is gone
 */
record Change(
        String tag,
        @Nullable Entry known,
        @Nullable ImageTargets now,
        WantedPlatforms platforms,
        Urgency urgency,
        @Nullable TagReferrers referrers,
        @Nullable Looked looked) {

    /** From the first question to the last answer. */
    record Looked(Instant from, Instant to) {}

    static Change gone(String tag, Entry known, Urgency urgency) {
        return new Change(tag, known, null, WantedPlatforms.ALL, urgency, null, null);
    }

    /** Which of the images that it leads to are told. */
    Selection selection() {
        List<UnwatchedImage> unwatched = new ArrayList<>();
        for (Target image : now == null ? List.<Target>of() : now.unwatched()) {
            if (image.platform() != null) {
                unwatched.add(new UnwatchedImage(image.digest(), image.platform()));
            }
        }
        return new Selection(platforms.toString(), unwatched);
    }

    Change with(TagReferrers found) {
        return new Change(tag, known, now, platforms, urgency, found, looked);
    }

    /** Whether nothing is to be told: other platforms are wanted than when it was told, and that changes nothing of this tag. */
    boolean isOnlyNoted() {
        return known != null
                && now != null
                && known.isToldToLeadTo(now.tagDigest())
                && known.selection().leavesOutLike(selection());
    }

    /** What the ledger keeps of a tag of which nothing is told. */
    SeenTag noted() {
        Entry told = Objects.requireNonNull(known);
        return new SeenTag(Objects.requireNonNull(told.digest()), told.revision(), null, selection(), null);
    }

    /** A revision above all that were told or only intended, also when the clock was set back. */
    long revision(Instant at) {
        return known == null ? at.toEpochMilli() : Math.max(known.revision() + 1, at.toEpochMilli());
    }

    /** Empty for a removal of what nobody ever heard of. */
    Optional<Intent> intent(long revision) {
        Digest digest = now != null ? now.tagDigest() : heard();
        return Optional.ofNullable(digest).map(of -> new Intent(of, now == null, revision));
    }

    private @Nullable Digest heard() {
        return known == null ? null : known.lastHeard();
    }

    List<ImageEvent> events(Repository repository, long revision, Instant at) {
        List<ImageEvent> events = new ArrayList<>();
        if (now == null) {
            Digest last = heard();
            if (last != null) {
                events.add(new TagRemoved(repository, tag, last, revision, at));
            }
            return events;
        }
        Digest to = now.tagDigest();
        for (Target image : now.images()) {
            events.add(new ImagePushed(repository, tag, to, image.digest(), image.platform(), revision, at));
        }
        Digest from = from(to);
        if (from != null) {
            events.add(new TagMoved(repository, tag, from, to, revision, at));
        }
        return events;
    }

    /**
     * What consumers may believe that it points at; null when they need not be told that it moved. Of a tag that leads to no image nothing else
     * tells what it is now, so that one is told to have moved whenever it is not sure what was heard of it.
     */
    private @Nullable Digest from(Digest to) {
        // What is left out by choice is told to be there.
        boolean onlyUnwatched =
                now != null && now.images().isEmpty() && !now.unwatched().isEmpty();
        if (known == null || known.removed()) {
            return onlyUnwatched ? to : null;
        }
        Digest heard = known.lastHeard();
        if (heard != null && !heard.equals(to)) {
            return heard;
        }
        if (known.digest() != null && !known.digest().equals(to)) {
            return known.digest();
        }
        boolean sure = known.pending() == null && known.isToldFor(platforms.toString());
        return sure || (now != null && !now.images().isEmpty()) ? null : to;
    }
}
