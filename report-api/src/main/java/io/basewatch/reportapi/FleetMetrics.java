package io.basewatch.reportapi;

import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Owners;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.fleetstore.FleetCount;
import io.basewatch.fleetstore.FleetCounts;
import io.basewatch.fleetstore.FleetSummary;
import io.basewatch.fleetstore.StandsOn;
import io.basewatch.lifecycle.CurrentLifecycle;
import io.basewatch.lifecycle.DatasetRefused;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lifecycle.LifecycleFeed;
import io.basewatch.lifecycle.SupportPolicy;
import io.basewatch.reportapi.horizon.Horizon;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;

/** All meters of the report API: the fleet in few numbers, counted on a schedule and only shown when scraped. */
final class FleetMetrics {

    /** Distributions beyond the configured number, together. */
    static final String OTHER = "other";

    /** An image that is known, but not analysed yet: beside the statuses of an analysis. */
    static final String PENDING = "pending";

    /** Images with any caveat of a kind. */
    static final String ANY = "any";

    /** Days that are looked ahead. */
    private static final List<Integer> AHEAD = List.of(30, 90, 180, 365);

    /** Longer ids are no distribution's own; they come from images and do not become labels. */
    private static final int MAX_ID = 40;

    private static final Logger LOG = LoggerFactory.getLogger(FleetMetrics.class);

    private final FleetCounts fleet;
    private final CurrentLifecycle lifecycle;
    private final Clock clock;
    private final int distros;

    private final MultiGauge images;
    private final MultiGauge repositories;
    private final MultiGauge caveats;
    private final MultiGauge ending;
    private final AtomicLong tags = new AtomicLong();
    private final AtomicLong pastSupport = new AtomicLong();
    private final AtomicLong refreshedSeconds = new AtomicLong();

    FleetMetrics(FleetCounts fleet, LifecycleFeed lifecycle, Clock clock, MeterRegistry meters, int distros) {
        this.fleet = fleet;
        this.lifecycle = lifecycle;
        this.clock = clock;
        this.distros = distros;
        this.images = MultiGauge.builder("basewatch.fleet.images")
                .description("Images that a tag leads to, one per platform, by what they stand on")
                .register(meters);
        this.repositories = MultiGauge.builder("basewatch.fleet.repositories")
                .description("Repositories with at least one tag")
                .register(meters);
        this.caveats = MultiGauge.builder("basewatch.fleet.caveats")
                .description("Images that a tag leads to with such a caveat: certain, risk or info")
                .register(meters);
        this.ending = MultiGauge.builder("basewatch.fleet.images.ending")
                .description(
                        "Images that a tag leads to whose release leaves its phase within so many days, by what it"
                                + " has then: extended (paid fixes only) or ended; whatever was decided for single repositories")
                .register(meters);
        Gauge.builder("basewatch.fleet.tags", tags, AtomicLong::doubleValue)
                .description("Tags that the watcher knows")
                .register(meters);
        Gauge.builder("basewatch.fleet.images.past.support", pastSupport, AtomicLong::doubleValue)
                .description("Images on a release without free fixes: extended or ended")
                .register(meters);
        Gauge.builder("basewatch.fleet.refreshed.timestamp", refreshedSeconds, AtomicLong::doubleValue)
                .description("When the fleet was last counted, in seconds since 1970; 0 when it was not yet")
                .baseUnit("seconds")
                .register(meters);
        Gauge.builder("basewatch.lifecycle.generated.timestamp", lifecycle, FleetMetrics::generatedSeconds)
                .description("When the dataset of support dates was put together, in seconds since 1970")
                .baseUnit("seconds")
                .register(meters);
        Gauge.builder("basewatch.lifecycle.checked.timestamp", lifecycle, FleetMetrics::checkedSeconds)
                .description("When the configured source was last found to hold the dataset in force, in seconds since"
                        + " 1970; 0 when it was not, or there is none")
                .baseUnit("seconds")
                .register(meters);
        for (DatasetRefused.Why why : DatasetRefused.Why.values()) {
            FunctionCounter.builder("basewatch.lifecycle.refused", lifecycle, feed -> feed.refusals(why))
                    .description("Datasets of support dates that were not taken, or could not be had, by why")
                    .tag("why", why.toString())
                    .register(meters);
        }
    }

    private static double checkedSeconds(LifecycleFeed lifecycle) {
        Instant checked = lifecycle.state().checkedAt();
        return checked == null ? 0 : checked.getEpochSecond();
    }

    private static double generatedSeconds(CurrentLifecycle lifecycle) {
        return lifecycle.get().generated().atStartOfDay(ZoneOffset.UTC).toEpochSecond();
    }

    /** Counts the fleet. When the store does not answer, the old numbers stay, and so does the time of their counting. */
    @Scheduled(fixedDelayString = "${basewatch.report-api.metrics-refresh:60s}")
    synchronized void refresh() {
        try {
            show(fleet.fresh());
        } catch (DataAccessException e) {
            LOG.warn("Fleet not counted: the store does not answer ({})", e.getMessage());
        }
    }

    private void show(FleetCount count) {
        List<StandsOn> groups = count.standsOn();
        FleetSummary summary = count.summary();
        LocalDate day = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        Lifecycle dates = lifecycle.get();
        Set<String> named = largest(groups);
        Map<Tags, Long> counts = new LinkedHashMap<>();
        long past = 0;
        for (StandsOn group : groups) {
            SupportPhase phase = phase(group, dates, day);
            past += phase.isPastSupport() ? group.images() : 0;
            String distro = group.distro() == null ? FleetSummary.UNKNOWN : group.distro();
            counts.merge(
                    labels(
                            named.contains(distro) ? distro : OTHER,
                            group.libc().toString(),
                            group.status().toString(),
                            phase.toString()),
                    group.images(),
                    Long::sum);
        }
        // Always there, so that the metric exists in an empty fleet too.
        counts.put(
                labels(FleetSummary.UNKNOWN, FleetSummary.UNKNOWN, PENDING, SupportPhase.UNKNOWN.toString()),
                summary.pending());
        images.register(rows(counts), true);
        Map<Tags, Long> byRegistry = new LinkedHashMap<>();
        summary.repositoriesByRegistry()
                .forEach((registry, number) -> byRegistry.put(Tags.of("registry", registry), number));
        repositories.register(rows(byRegistry), true);
        caveats.register(caveats(count), true);
        ending.register(ending(groups, dates, day), true);
        tags.set(summary.tags());
        pastSupport.set(past);
        refreshedSeconds.set(count.asOf().getEpochSecond());
    }

    /** By id and kind, and of each kind together under the id {@value #ANY}; that one is always there. */
    private static List<Row<?>> caveats(FleetCount count) {
        Map<Tags, Long> counts = new LinkedHashMap<>();
        for (Caveat.Kind kind : Caveat.Kind.values()) {
            counts.put(Tags.of("id", ANY, "kind", kind.toString()), 0L);
        }
        for (FleetCount.WithCaveat each : count.caveats()) {
            if (each.kind() != null) {
                String id = each.id() == null ? ANY : each.id();
                counts.put(Tags.of("id", id, "kind", each.kind().toString()), each.images());
            }
        }
        return rows(counts);
    }

    /** Always all of them, so that a rule has something to compare. */
    private static List<Row<?>> ending(List<StandsOn> groups, Lifecycle dates, LocalDate day) {
        Map<Tags, Long> counts = new LinkedHashMap<>();
        Horizon.of(groups, day, AHEAD, dates, SupportPolicy.NONE, Owners.NONE, null)
                .within()
                .forEach(within -> {
                    String days = String.valueOf(within.days());
                    counts.put(Tags.of("days", days, "enters", SupportPhase.EXTENDED.toString()), within.toExtended());
                    counts.put(Tags.of("days", days, "enters", SupportPhase.ENDED.toString()), within.toEnded());
                });
        return rows(counts);
    }

    private static SupportPhase phase(StandsOn group, Lifecycle dates, LocalDate day) {
        return dates.support(group.distro(), group.version(), group.codename(), group.variant(), day)
                .phase();
    }

    /** Ids with the most images, and of the same number the first by name; images that name none are always told apart. */
    private Set<String> largest(List<StandsOn> groups) {
        Map<String, Long> byId = new TreeMap<>();
        groups.stream()
                .filter(group -> group.distro() != null && group.distro().length() <= MAX_ID)
                .forEach(group -> byId.merge(String.valueOf(group.distro()), group.images(), Long::sum));
        Set<String> largest = byId.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                .limit(distros)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        largest.add(FleetSummary.UNKNOWN);
        return largest;
    }

    private static Tags labels(String distro, String libc, String status, String phase) {
        return Tags.of("distro", distro, "libc", libc, "status", status, "phase", phase);
    }

    private static List<Row<?>> rows(Map<Tags, Long> counts) {
        return counts.entrySet().stream()
                .<Row<?>>map(each -> Row.of(each.getKey(), each.getValue()))
                .toList();
    }
}
