package io.basewatch.standalone;

import io.basewatch.eventlog.EventLog;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.fleetstore.BacklogJournal;
import io.basewatch.fleetstore.BacklogJournal.Standing;
import io.basewatch.fleetstore.FleetQueries;
import io.basewatch.fleetstore.StoredImage;
import io.basewatch.fleetstore.TagHistory;
import io.basewatch.fleetstore.TrendArchive;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.standalone.SampleFleet.Stay;
import io.basewatch.standalone.SampleRegistry.Pushed;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The past of the sample fleet. When its tags came, moved and went is told as a watcher would have told it on those days; what the days before today counted is made up, and says so: of
 * what the analyzer found in the images, and of the support dates as of each day.
 */
final class SampleHistory {

    /** The watcher's, for a first sweep. */
    private static final String BINDING = "watcher-backfill";

    private static final LocalTime HOUR = LocalTime.of(9, 30);

    private final SampleRegistry registry;
    private final LocalDate today;

    SampleHistory(SampleRegistry registry, LocalDate today) {
        this.registry = registry;
        this.today = today;
    }

    /** Whether it was told in an earlier run. */
    static boolean isTold(TagHistory history) {
        return history.first() != null;
    }

    /** Returns when Kafka has all that the tags did. To be told before anything looks at the registry. */
    void tell(EventLog log) {
        List<ImageEvent> events = new ArrayList<>();
        Map<String, Pushed> before = new HashMap<>();
        registry.pushed().forEach((stay, pushed) -> {
            Repository repository = repository(stay);
            Pushed former = before.put(stay.repository() + ":" + stay.tag(), pushed);
            Instant since = at(stay.since());
            for (int n = 0; n < pushed.images().size(); n++) {
                Platform platform =
                        Platform.parse("linux/" + stay.images().get(n).architecture());
                events.add(new ImagePushed(
                        repository,
                        stay.tag(),
                        pushed.tag(),
                        pushed.images().get(n),
                        platform,
                        since.toEpochMilli(),
                        since));
            }
            if (former != null) {
                events.add(
                        new TagMoved(repository, stay.tag(), former.tag(), pushed.tag(), since.toEpochMilli(), since));
            }
            Integer until = stay.until();
            if (until != null && !isFollowed(stay)) {
                Instant end = at(until);
                events.add(new TagRemoved(repository, stay.tag(), pushed.tag(), end.toEpochMilli(), end));
            }
        });
        events.stream().sorted(Comparator.comparing(ImageEvent::time)).forEach(event -> log.tell(BINDING, event));
    }

    /** Whether the tag then led somewhere else. */
    private boolean isFollowed(Stay stay) {
        return registry.pushed().keySet().stream()
                .anyMatch(other -> other.repository().equals(stay.repository())
                        && other.tag().equals(stay.tag())
                        && stay.until() != null
                        && other.since() == stay.until());
    }

    private Repository repository(Stay stay) {
        return Repository.parse(registry.host() + "/" + stay.repository());
    }

    private Instant at(int daysAgo) {
        return today.minusDays(daysAgo).atTime(HOUR).toInstant(ZoneOffset.UTC);
    }

    /** Keeps the days before today, as far as the sample goes back, and what stood in the backlog then and does no more. */
    void count(FleetQueries images, Lifecycle lifecycle, TrendArchive archive, BacklogJournal journal) {
        Map<Digest, StoredImage> known = new HashMap<>();
        registry.pushed().values().stream()
                .flatMap(pushed -> pushed.images().stream())
                .forEach(digest -> images.image(digest).ifPresent(found -> known.put(digest, found)));
        Map<String, Integer> since = new TreeMap<>();
        Map<String, Integer> until = new TreeMap<>();
        for (int ago = SampleFleet.DAYS - 1; ago > 0; ago--) {
            Day counted = counted(ago, known, lifecycle);
            for (String entry : counted.standing()) {
                since.putIfAbsent(entry, ago);
                until.remove(entry);
            }
            for (String entry : since.keySet()) {
                if (!counted.standing().contains(entry)) {
                    until.putIfAbsent(entry, ago);
                }
            }
            archive.keep(new TrendArchive.Day(today.minusDays(ago), Instant.now(), true, counted.series(until.size())));
        }
        until.forEach((entry, ago) -> journal.remember(
                new Standing(id(entry), registry.host() + "/" + entry, 1, 1),
                at(Objects.requireNonNull(since.get(entry))),
                at(ago)));
    }

    private Day counted(int ago, Map<Digest, StoredImage> known, Lifecycle lifecycle) {
        Day counted = new Day(this::mirrored, lifecycle, today.minusDays(ago));
        registry.pushed().forEach((stay, pushed) -> {
            Integer until = stay.until();
            if (stay.since() >= ago && (until == null || until < ago)) {
                counted.add(registry.host(), stay, pushed, known);
            }
        });
        return counted;
    }

    /** As those of repositories look. */
    private static String id(String entry) {
        return "leaf-" + Digest.sha256Of(SampleImage.utf8(entry)).hex().substring(0, 20);
    }

    private Optional<String> mirrored(SampleImage image) {
        return registry.pushed().keySet().stream()
                .filter(stay -> stay.repository().startsWith("mirror/")
                        && stay.images().get(0).layers().get(0)
                                == image.layers().get(0))
                .map(stay -> stay.repository() + ":" + stay.tag())
                .findFirst();
    }

    /** As the report API counts a day; what stands in the backlog is told roughly, by root file systems. */
    private static final class Day {

        private static final int SOON = 180;

        private final Function<SampleImage, Optional<String>> mirrored;
        private final Lifecycle lifecycle;
        private final LocalDate day;
        private final Map<String, Map<String, Long>> series = new LinkedHashMap<>();
        private final Set<Digest> seen = new HashSet<>();
        private final Map<String, Integer> standing = new TreeMap<>();

        /**
         * @param mirrored the company's copy of the root file system that an image stands on
         */
        Day(Function<SampleImage, Optional<String>> mirrored, Lifecycle lifecycle, LocalDate day) {
            this.mirrored = mirrored;
            this.lifecycle = lifecycle;
            this.day = day;
            Stream.of("distro", "distribution", "libc", "phase", "caveat", "registry", "owner")
                    .forEach(name -> series.put(name, new TreeMap<>()));
        }

        void add(String host, Stay stay, Pushed pushed, Map<Digest, StoredImage> known) {
            for (int n = 0; n < pushed.images().size(); n++) {
                Digest digest = pushed.images().get(n);
                if (!seen.add(digest)) {
                    continue;
                }
                line("registry", host);
                line("owner", owner(stay.repository()));
                add(stay, stay.images().get(n), Optional.ofNullable(known.get(digest)));
            }
        }

        private static String owner(String repository) {
            String team = repository.substring(0, repository.indexOf('/'));
            return switch (team) {
                case "mirror", "base" -> "platform";
                case "tools" -> "none";
                default -> team;
            };
        }

        private void add(Stay stay, SampleImage image, Optional<StoredImage> stored) {
            ImageAnalysis analysis = stored.map(StoredImage::analysis).orElse(null);
            if (analysis == null || analysis.status() == AnalysisStatus.UNSCANNABLE) {
                Stream.of("distro", "distribution", "libc", "phase").forEach(name -> line(name, "unscannable"));
                line("caveat", "unknown");
                return;
            }
            Distro distro = analysis.fingerprint().distro();
            Support support = lifecycle.support(distro, day);
            line("distribution", distro == null ? "unknown" : distro.id());
            line("distro", distro == null ? "unknown" : release(distro, support));
            line("libc", analysis.fingerprint().systemLibc().family().toString());
            line("phase", support.phase().toString());
            Set<String> kinds = stored.map(StoredImage::judgement).stream()
                    .flatMap(judgement -> judgement.caveats().stream())
                    .map(caveat -> caveat.kind().toString())
                    .collect(Collectors.toCollection(TreeSet::new));
            if (kinds.isEmpty()) {
                line("caveat", analysis.status() == AnalysisStatus.COMPLETE ? "none" : "unknown");
            }
            kinds.forEach(kind -> line("caveat", kind));
            LocalDate until = support.supportedUntil();
            boolean isToMove = support.pastSupport()
                    || support.phase() == SupportPhase.EXTENDED
                    || (until != null && until.isBefore(day.plusDays(SOON)))
                    || kinds.contains(Caveat.Kind.CERTAIN.toString())
                    || kinds.contains(Caveat.Kind.RISK.toString());
            if (isToMove && !stay.repository().startsWith("mirror/")) {
                standing.merge(mirrored.apply(image).orElse(stay.repository()), 1, Integer::sum);
            }
        }

        private static String release(Distro distro, Support support) {
            return Distro.releaseCalled(
                    distro.id(), distro.version(), distro.codename(), distro.variant(), support.cycle());
        }

        private void line(String name, String line) {
            Objects.requireNonNull(series.get(name)).merge(line, 1L, Long::sum);
        }

        Set<String> standing() {
            return standing.keySet();
        }

        Map<String, Map<String, Long>> series(int closed) {
            Map<String, Map<String, Long>> all = new LinkedHashMap<>(series);
            Map<String, Long> backlog = new LinkedHashMap<>();
            backlog.put("open", (long) standing.size());
            backlog.put("closed", (long) closed);
            all.put("backlog", backlog);
            all.put(
                    "backlog-images",
                    Map.of(
                            "open",
                            standing.values().stream()
                                    .mapToLong(Integer::longValue)
                                    .sum()));
            return all;
        }
    }
}
