package io.basewatch.registrywatcher;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.TagLedger.Entry;
import io.basewatch.fleetstore.TagLedger.Intent;
import io.basewatch.ociregistry.ImageTargets;
import io.basewatch.ociregistry.ImageTargets.Target;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something to tell of a tag.
 *
 * @param known what the ledger says of it; null for a tag that it does not know
 * @param now what the tag leads to; null when it is gone
 * @param looked when the registry was asked what the tag leads to; null when it is gone
 */
record Change(
        String tag,
        @Nullable Entry known,
        @Nullable ImageTargets now,
        Urgency urgency,
        @Nullable Looked looked) {

    /** From the first question to the last answer. */
    record Looked(Instant from, Instant to) {}

    static Change gone(String tag, Entry known, Urgency urgency) {
        return new Change(tag, known, null, urgency, null);
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
        if (known == null || known.removed()) {
            return null;
        }
        Digest heard = known.lastHeard();
        if (heard != null && !heard.equals(to)) {
            return heard;
        }
        if (known.digest() != null && !known.digest().equals(to)) {
            return known.digest();
        }
        boolean sure = known.pending() == null;
        return sure || (now != null && !now.images().isEmpty()) ? null : to;
    }
}
