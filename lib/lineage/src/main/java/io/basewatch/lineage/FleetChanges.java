package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.lineage.FleetTree.ImageVisitor;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What has become different in a fleet since somebody looked at it last, and the fleet as it is now. To be asked only as long as it is shown: nothing can be changed meanwhile.
 */
public interface FleetChanges {

    /** {@link FleetTree#version()} now. */
    long version();

    /** Whether all of it is told, as if nothing had been known before: too much has happened since, or this is the first look. */
    boolean isWhole();

    /** Bases that are new, say something else, or that nothing stands on any more; in no order. */
    Set<BaseId> bases();

    /** Images that are no longer there, or never were. */
    Set<Digest> gone();

    /** Each image that is new, says something else, is elsewhere, or stands on another base most nearly; in no order. */
    void forEachImage(ImageVisitor visitor);

    /** Each image that stands on a base; in no order. */
    void forEachOn(BaseId base, ImageVisitor visitor);

    /** Null for what nothing stands on. */
    @Nullable
    BaseSight base(BaseId id);

    /** All that something stands on, in no order. */
    Collection<BaseSight> allBases();

    /** Nothing is told of an image that is not there. */
    void visit(Digest image, ImageVisitor visitor);
}
