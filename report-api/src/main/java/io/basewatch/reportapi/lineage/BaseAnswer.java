package io.basewatch.reportapi.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Support;
import io.basewatch.lineage.Base;
import io.basewatch.lineage.BaseId;
import io.basewatch.lineage.Bases;
import io.basewatch.lineage.Lineage.Count;
import io.basewatch.lineage.Member;
import io.basewatch.lineage.Method;
import io.basewatch.lineage.Name;
import io.basewatch.reportapi.lifecycle.Supports;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A base of the fleet, in a list or alone.
 *
 * @param how by what images are seen to stand on it
 * @param platform absent for images that do not say theirs
 * @param reference what it is called best; absent for one that nobody has named
 * @param names at most {@value #MAX_NAMES}
 * @param nameCount all of them
 * @param images of the fleet that are it, at most 20
 * @param current whether a tag of the fleet leads to it now
 * @param depth 0 for one that stands on no other
 * @param layers absent where they are not known
 * @param bytes of its layers, as registries keep them; absent where they are not known
 * @param distro absent where its files do not say, or those who stand on it do not agree
 * @param libc absent where nothing says it
 * @param support of the distribution's release, on the day that was asked for, where nothing is decided
 * @param policies what was decided for the places that images on it are in, with how many images each; the phase there may be another one. Empty where nothing was decided
 * @param on the base that it stands on; absent for one that stands on none
 * @param children what stands on it and on nothing nearer
 * @param descendants all that stands on it
 * @param stale children that were built before the base's tag moved on
 * @param drifting children of which another platform of the same tag stands elsewhere
 * @param movedTo where tags that led to it lead now
 */
public record BaseAnswer(
        String id,
        Method how,
        @Nullable Platform platform,
        @Nullable String reference,
        List<Name> names,
        int nameCount,
        List<Digest> images,
        boolean current,
        int depth,
        @Nullable Integer layers,
        @Nullable Long bytes,
        @Nullable Release distro,
        Libc.@Nullable Family libc,
        Support support,
        List<PoliciesOnBases.Decided> policies,
        @Nullable String on,
        Count children,
        Count descendants,
        long stale,
        long drifting,
        List<MovedTag> movedTo) {

    static final int MAX_NAMES = 20;

    /** @param all bases of the same moment */
    static BaseAnswer of(Base base, Bases all, Supports supports, PoliciesOnBases policies) {
        Member.Ground ground = base.ground();
        Support support = ground == null
                ? Support.unknown()
                : supports.of(ground.distro(), ground.version(), ground.codename(), ground.variant());
        BaseId on = base.on();
        return new BaseAnswer(
                base.id().toString(),
                base.method(),
                base.id().platform(),
                base.names().isEmpty() ? null : base.names().get(0).reference(),
                base.names().stream().limit(MAX_NAMES).toList(),
                base.nameCount(),
                base.images(),
                base.current(),
                base.depth(),
                base.layers() == 0 ? null : base.layers(),
                base.layers() == 0 ? null : base.bytes(),
                Release.of(ground),
                base.libc(),
                support,
                policies.of(base, all, support),
                on == null ? null : on.toString(),
                base.children(),
                base.descendants(),
                base.stale(),
                base.drifting(),
                base.movedTo().stream().map(MovedTag::of).toList());
    }
}
