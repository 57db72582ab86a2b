package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Entry;
import io.basewatch.backlog.PackageNames;
import io.basewatch.backlog.Target;
import io.basewatch.caveats.WhatIf;
import io.basewatch.caveats.WhatIfReport;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.MoveFacts;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.lineage.Base;
import io.basewatch.lineage.Bases;
import io.basewatch.lineage.FleetImage;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.LayerUse;
import io.basewatch.lineage.Lineage;
import io.basewatch.lineage.Member;
import io.basewatch.reportapi.lineage.Projection;
import io.basewatch.reportapi.whatif.Moves;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Writes down how to move an entry of the backlog. */
@Component
class Plans {

    private static final String REBASED = "-rebased";

    /** Longer tags are refused by registries. */
    private static final int MAX_TAG = 128;

    private final Projection fleet;
    private final Moves moves;
    private final TrueCost costs;

    Plans(Projection fleet, Moves moves, TrueCost costs) {
        this.fleet = fleet;
        this.costs = costs;
        this.moves = moves;
    }

    Plan of(BacklogItem item, Entry entry, LocalDate day) {
        FleetTree fleet = this.fleet.tree();
        // As they were counted last: to count them takes as long as all of the fleet takes.
        Bases bases = this.fleet.moment().bases();
        Map<Wanted, Held> targets = new HashMap<>();
        List<Plan.Step> steps = new ArrayList<>();
        for (Entry.Change change :
                entry.changes().stream().limit(Plan.MAX_STEPS).toList()) {
            Platform platform = change.on() == null ? null : change.on().platform();
            Held held = targets.computeIfAbsent(
                    new Wanted(change.target(), platform), wanted -> target(bases, wanted.target(), wanted.platform()));
            steps.add(step(fleet, bases, entry, change, held, steps.size() < Plan.MAX_TRIED));
        }
        Held target = target(
                bases,
                entry.targets().isEmpty() ? null : entry.targets().get(0).target(),
                entry.bases().isEmpty() ? null : entry.bases().get(0).platform());
        return new Plan(day, item, entry.findings(), cost(fleet, bases, entry, target), steps);
    }

    private record Wanted(@Nullable Target target, @Nullable Platform platform) {}

    /** What the fleet has of a target. */
    private record Held(
            @Nullable String pinned,
            @Nullable String on,
            @Nullable Long bytes,
            @Nullable Digest image) {
        static final Held NOTHING = new Held(null, null, null, null);
    }

    /** For that platform; what there is for another one says nothing of it. */
    private static Held target(Bases bases, @Nullable Target target, @Nullable Platform platform) {
        if (target == null) {
            return Held.NOTHING;
        }
        String name = "/" + target.image();
        for (Base base : bases.all()) {
            if (!Objects.equals(base.id().platform(), platform)) {
                continue;
            }
            for (var called : base.names()) {
                if (called.reference().endsWith(name)
                        && called.digest() != null
                        && !base.images().isEmpty()) {
                    return new Held(
                            called.reference() + "@" + called.digest(),
                            base.images().get(0).toString(),
                            base.bytes(),
                            base.images().get(0));
                }
            }
        }
        return new Held(null, target.describes(), null, null);
    }

    private Plan.Step step(
            FleetTree fleet, Bases bases, Entry entry, Entry.Change change, Held target, boolean isTried) {
        Base base = change.on() == null ? null : bases.find(change.on()).orElse(null);
        MoveFacts move = move(fleet, change.image());
        MoveFacts ofBase = base == null || base.images().isEmpty()
                ? null
                : move(fleet, base.images().get(0));
        Tried tried =
                isTried ? tried(change, base, target) : Tried.not("only the first few are tried; ask /api/v1/what-if");
        Target to = change.target();
        return new Plan.Step(
                change.repository(),
                change.image(),
                change.tags(),
                change.below(),
                change.effort().total(),
                to == null ? null : dockerfile(entry, to, target, move, ofBase),
                byHand(entry, base, to, move, tried.report()),
                tried.report(),
                tried.why(),
                rebase(fleet, change, base, target, tried.report()),
                isTried
                        ? costs.of(
                                change.image(),
                                base == null || base.images().isEmpty()
                                        ? null
                                        : base.images().get(0),
                                target.image(),
                                to == null || to.sameFamily())
                        : null);
    }

    private static @Nullable MoveFacts move(FleetTree fleet, Digest image) {
        return fleet.image(image)
                .map(held -> MoveFacts.readOrNull(held.image().effort()))
                .orElse(null);
    }

    /** Either of both is there. */
    private record Tried(
            @Nullable WhatIfReport report, @Nullable String why) {
        static Tried not(String why) {
            return new Tried(null, why);
        }
    }

    private Tried tried(Entry.Change change, @Nullable Base base, Held target) {
        Target to = change.target();
        if (to == null) {
            return Tried.not("there is nothing to try it on");
        }
        if (target.on() == null) {
            return Tried.not("neither does the fleet hold " + to.image()
                    + " nor is there a description of it: see 'basewatch describe'");
        }
        Optional<WhatIfReport> report =
                moves.tryOn(change.image(), target.on(), base == null ? 0 : base.layers(), Entry.MAX_FINDINGS);
        return report.map(told -> new Tried(told, null))
                .orElseGet(() ->
                        Tried.not("nothing is kept of the image's files, or the target is not there for its platform"));
    }

    private static Plan.Dockerfile dockerfile(
            Entry entry, Target to, Held target, @Nullable MoveFacts move, @Nullable MoveFacts base) {
        List<String> before = new ArrayList<>();
        List<String> after = new ArrayList<>();
        before.add("FROM " + (entry.names().isEmpty() ? "…" : entry.names().get(0)));
        after.add("FROM " + (target.pinned() != null ? target.pinned() : to.image()));
        List<Plan.Renamed> renamed = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        List<String> own = move == null ? List.of() : move.packagesBeside(base);
        if (to.suite() != null && entry.libc() == Libc.Family.MUSL) {
            List<String> names = new ArrayList<>();
            for (String apk : own) {
                PackageNames.Mapped mapped = PackageNames.bundled().find(apk).orElse(null);
                if (mapped == null || mapped.isMissing()) {
                    missing.add(apk);
                    continue;
                }
                String debian = mapped.debian();
                boolean isThere = debian == null || mapped.suites().contains(to.suite());
                renamed.add(new Plan.Renamed(
                        apk,
                        debian,
                        isThere
                                ? mapped.note()
                                : "not of that name in " + to.suite()
                                        + (mapped.note() == null ? "" : "; " + mapped.note())));
                if (debian != null) {
                    names.add(debian);
                }
            }
            if (!own.isEmpty()) {
                before.add("RUN apk add --no-cache " + String.join(" ", own));
            }
            if (!names.isEmpty()) {
                after.add("RUN apt-get update && apt-get install -y --no-install-recommends "
                        + String.join(" ", names.stream().distinct().toList()) + " && rm -rf /var/lib/apt/lists/*");
            }
        }
        return new Plan.Dockerfile(before, after, renamed, missing);
    }

    private static List<String> byHand(
            Entry entry,
            @Nullable Base base,
            @Nullable Target to,
            @Nullable MoveFacts move,
            @Nullable WhatIfReport tried) {
        List<String> byHand = new ArrayList<>();
        if (base != null && !base.movedTo().isEmpty()) {
            Lineage.Moved moved = base.movedTo().get(0);
            byHand.add(moved.reference() + " leads to another image by now"
                    + (moved.ground() == null
                            ? ""
                            : " (" + moved.ground().distro() + " "
                                    + moved.ground().version() + ")")
                    + ": building again brings that one without any change.");
        }
        if (move == null) {
            byHand.add("What the image holds is not known: look through its Dockerfile.");
            return byHand;
        }
        if (to != null && !to.sameFamily() && entry.libc() == Libc.Family.MUSL) {
            if (!move.muslBuilt().isEmpty()) {
                byHand.add("Build again for glibc what lies in " + String.join(", ", move.muslBuilt()) + ".");
            }
            move.shellisms()
                    .forEach(shellism -> byHand.add("Debian's /bin/sh does not take what is in " + shellism
                            + ": name bash in the first line, or change it."));
            if (to.suite() != null && !move.packages().contains("ca-certificates")) {
                byHand.add("Alpine brings certificates, Debian's slim images do not: install ca-certificates where"
                        + " anything speaks TLS.");
            }
            byHand.add("adduser and addgroup take other options there: groupadd -r -g, useradd -r -M -u.");
        }
        move.collated()
                .forEach(server -> byHand.add("Dump the data of " + server
                        + " before, and restore it after: it is sorted by the C library."));
        move.pinned().forEach(pinned -> byHand.add("Choose the version of " + pinned + " anew."));
        if (tried != null && tried.objects().getOrDefault(WhatIf.Effect.BREAKS, 0L) > 0) {
            byHand.add("Of its own programs and libraries "
                    + tried.objects().get(WhatIf.Effect.BREAKS)
                    + " would not load on the target as they are: build them there.");
        }
        return byHand;
    }

    /**
     * Only where the loader agrees with all of it. The image is named by its digest, as a tag may lead to several platforms and may have moved; what comes of it gets a tag of its own, so that
     * nothing is written over.
     */
    private static @Nullable String rebase(
            FleetTree fleet, Entry.Change change, @Nullable Base base, Held target, @Nullable WhatIfReport tried) {
        boolean isSafe = Boolean.TRUE.equals(change.rebasable())
                && tried != null
                && tried.whole()
                && tried.objects().getOrDefault(WhatIf.Effect.BREAKS, 0L) == 0
                && tried.objects().getOrDefault(WhatIf.Effect.UNKNOWN, 0L) == 0;
        Target to = change.target();
        Member image = fleet.image(change.image()).map(FleetImage::image).orElse(null);
        if (!isSafe || base == null || image == null || change.tags().isEmpty() || to == null) {
            return null;
        }
        String tag = change.tags().get(0);
        String rebased = tag.substring(0, Math.min(tag.length(), MAX_TAG - REBASED.length())) + REBASED;
        return oldBase(fleet, image, base)
                .map(old -> "crane rebase " + change.repository() + "@" + change.image() + " --old_base " + old
                        + " --new_base " + (target.pinned() != null ? target.pinned() : to.image())
                        + (image.platform() == null ? "" : " --platform " + image.platform())
                        + " --tag " + change.repository() + ":" + rebased)
                .orElse(null);
    }

    /** An image of the fleet whose layers, as registries keep them, are the image's lowest: the same content compressed otherwise is none to crane. */
    static Optional<String> oldBase(FleetTree fleet, Member image, Base base) {
        List<Digest> lowest = image.layers().stream()
                .limit(base.layers())
                .map(Member.Layer::digest)
                .toList();
        for (Digest digest : base.images()) {
            FleetImage old = fleet.image(digest).orElse(null);
            if (old != null
                    && !old.places().isEmpty()
                    && lowest.equals(old.image().layers().stream()
                            .map(Member.Layer::digest)
                            .toList())) {
                FleetImage.Place place = old.places().get(0);
                return Optional.of(place.repository()
                        + (place.tags().isEmpty() ? "" : ":" + place.tags().get(0)) + "@" + digest);
            }
        }
        return Optional.empty();
    }

    private static Plan.@Nullable Cost cost(FleetTree fleet, Bases bases, Entry entry, Held target) {
        long all = 0;
        long freed = 0;
        boolean isKnown = false;
        Set<Object> seen = new HashSet<>();
        for (var id : entry.bases()) {
            Base base = bases.find(id).orElse(null);
            FleetImage image = base == null || base.images().isEmpty()
                    ? null
                    : fleet.image(base.images().get(0)).orElse(null);
            if (base == null || image == null) {
                continue;
            }
            isKnown = true;
            for (Member.Layer layer : image.image().layers()) {
                LayerUse use = fleet.layer(layer.digest()).orElse(null);
                if (use != null && seen.add(layer.digest())) {
                    all += use.bytes();
                    freed += use.images()
                                    <= base.descendants().images()
                                            + base.images().size()
                            ? use.bytes()
                            : 0;
                }
            }
        }
        if (!isKnown) {
            return null;
        }
        return new Plan.Cost(
                all,
                freed,
                all - freed,
                target.bytes(),
                "A base is kept once by a registry and pulled once by a node, however many images stand on it.");
    }
}
