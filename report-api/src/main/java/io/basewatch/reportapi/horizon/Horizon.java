package io.basewatch.reportapi.horizon;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Owners;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.fleetstore.StandsOn;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lifecycle.SupportPolicy;
import io.basewatch.lineage.Base;
import io.basewatch.lineage.BaseId;
import io.basewatch.lineage.Bases;
import io.basewatch.lineage.Member;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which releases of the fleet leave a phase of their support within some days, month by month: those that lose free fixes (or whatever counts where they lie), and those that
 * lose the paid ones too. What is past its support already is counted, and so is what nobody knows the end of.
 *
 * @param day seen from this day; an end on it lies ahead still
 * @param within for each number of days that was asked for, in rising order
 * @param months only those in which something ends, in order, as far as the largest number of days reaches
 * @param past images that are past their support already
 * @param withoutEnd images of releases that never end, are not out yet, are unknown or have no end announced
 */
public record Horizon(LocalDate day, List<Within> within, List<Month> months, long past, long withoutEnd) {

    /**
     * @param until the last of these days
     * @param images that leave a phase in this time, each once
     * @param toExtended of them, those that have only paid fixes then
     * @param toEnded of them, those that have none then
     * @param repositories at least so many when {@code repositoriesAreExact} is false
     * @param bases that stand on what leaves a phase; absent while the fleet's bases are not known
     * @param owners of the repositories that are known, those with the most first
     */
    public record Within(
            int days,
            LocalDate until,
            long images,
            long toExtended,
            long toEnded,
            long repositories,
            boolean repositoriesAreExact,
            @Nullable Integer bases,
            List<OwnerShare> owners) {}

    /**
     * @param month as in 2027-05
     * @param images of all its entries, each once
     */
    public record Month(String month, long images, List<Entry> entries) {}

    /**
     * A release that leaves a phase.
     *
     * @param enters {@code extended} or {@code ended}
     * @param on first day of that
     * @param standsOn what images say of themselves that stand on it
     * @param repositories that have at least one of the images, sorted; cut where there are very many
     * @param repositoryCount all of them; at least so many when {@code repositoriesAreExact} is false
     * @param bases those that stand on this release, with the most images on them first; at most {@value #MAX_BASES}, {@code baseCount} all of them; both absent while
     *     the fleet's bases are not known
     * @param policy what was decided for the places they lie in; absent when nothing was
     */
    public record Entry(
            String product,
            String cycle,
            SupportPhase enters,
            LocalDate on,
            long images,
            List<Ground> standsOn,
            List<Repository> repositories,
            long repositoryCount,
            boolean repositoriesAreExact,
            @Nullable List<BaseShare> bases,
            @Nullable Integer baseCount,
            List<OwnerShare> owners,
            @Nullable String source,
            Support.@Nullable Policy policy) {}

    /** By these {@code /api/v1/images} lists them. */
    public record Ground(
            String distro,
            @Nullable String release,
            @Nullable String variant,
            long images) {}

    /**
     * @param owner absent for repositories that nobody owns
     * @param repositories of theirs, of those that are known
     */
    public record OwnerShare(@Nullable String owner, long repositories) {}

    private static final int MAX_BASES = 20;

    /**
     * @param name the best there is; absent for one that nobody has named
     * @param images that stand on it
     */
    public record BaseShare(BaseId id, @Nullable String name, long images) {}

    /**
     * Looks ahead.
     *
     * @param bases of the fleet; null while they are not known
     */
    public static Horizon of(
            List<StandsOn> groups,
            LocalDate day,
            List<Integer> days,
            Lifecycle lifecycle,
            SupportPolicy policy,
            Owners owners,
            @Nullable Bases bases) {
        return new Outlook(day, days, lifecycle, policy, owners, bases).look(groups);
    }

    /** A group and when it leaves what. */
    private record Event(StandsOn group, Support support, SupportPhase enters, LocalDate on) {}

    private record Key(
            YearMonth month, LocalDate on, String product, String cycle, SupportPhase enters, String policy) {}

    private static final class Outlook {

        private final LocalDate day;
        private final List<Integer> days;
        private final Lifecycle lifecycle;
        private final SupportPolicy policy;
        private final Owners owners;
        private final @Nullable Map<Member.Ground, List<Base>> bases;
        private final LocalDate last;

        Outlook(
                LocalDate day,
                List<Integer> days,
                Lifecycle lifecycle,
                SupportPolicy policy,
                Owners owners,
                @Nullable Bases bases) {
            this.day = day;
            this.days = days.stream().distinct().sorted().toList();
            this.lifecycle = lifecycle;
            this.policy = policy;
            this.owners = owners;
            this.bases = bases == null
                    ? null
                    : bases.all().stream()
                            .filter(base -> base.ground() != null)
                            .collect(Collectors.groupingBy(base -> Objects.requireNonNull(base.ground())));
            this.last = day.plusDays(this.days.get(this.days.size() - 1));
        }

        Horizon look(List<StandsOn> groups) {
            List<Event> events = new ArrayList<>();
            long past = 0;
            long withoutEnd = 0;
            for (StandsOn group : groups) {
                if (group.status() == AnalysisStatus.SKIPPED) {
                    continue;
                }
                Support now = support(group, day);
                past += now.pastSupport() ? group.images() : 0;
                List<Event> ahead = ahead(group, now);
                withoutEnd += ahead.isEmpty() && !now.pastSupport() ? group.images() : 0;
                ahead.stream().filter(event -> !event.on().isAfter(last)).forEach(events::add);
            }
            return new Horizon(
                    day, days.stream().map(each -> within(events, each)).toList(), months(events), past, withoutEnd);
        }

        private Support support(StandsOn group, LocalDate on) {
            Support plain = lifecycle.support(group.distro(), group.version(), group.codename(), group.variant(), on);
            return policy.apply(plain, group.repositories(), isWhole(group));
        }

        private static boolean isWhole(StandsOn group) {
            return group.repositories().size() == group.repositoryCount();
        }

        /** All that is to come, however far. */
        private List<Event> ahead(StandsOn group, Support now) {
            List<Event> ahead = new ArrayList<>();
            LocalDate until = now.supportedUntil();
            if (isOnItsWay(now) && until != null && !until.isBefore(day)) {
                LocalDate on = until.plusDays(1);
                ahead.add(new Event(group, now, support(group, on).phase(), on));
            }
            LocalDate paid = now.extendedEnds();
            boolean isPaidFor = now.phase() == SupportPhase.EXTENDED && now.pastSupport();
            boolean willBe = ahead.stream().anyMatch(event -> event.enters() == SupportPhase.EXTENDED);
            if (paid != null && !paid.isBefore(day) && (isPaidFor || willBe)) {
                ahead.add(new Event(group, now, SupportPhase.ENDED, paid.plusDays(1)));
            }
            return ahead;
        }

        private static boolean isOnItsWay(Support now) {
            return switch (now.phase()) {
                case STANDARD, LTS -> true;
                case EXTENDED -> !now.pastSupport();
                case UNRELEASED, ENDED, ROLLING, UNKNOWN -> false;
            };
        }

        private Within within(List<Event> events, int number) {
            LocalDate until = day.plusDays(number);
            // Each group is there once: to compare all that is in them takes longer than all the rest.
            IdentityHashMap<StandsOn, SupportPhase> then = new IdentityHashMap<>();
            for (Event event : events) {
                if (!event.on().isAfter(until)) {
                    then.merge(event.group(), event.enters(), (one, other) -> one.compareTo(other) > 0 ? one : other);
                }
            }
            Places places = new Places();
            then.keySet().forEach(places::add);
            return new Within(
                    number,
                    until,
                    images(then, null),
                    images(then, SupportPhase.EXTENDED),
                    images(then, SupportPhase.ENDED),
                    places.count(),
                    places.isExact,
                    bases == null ? null : bases(then.keySet(), bases).size(),
                    places.owners());
        }

        /** Those with the most images on them first. */
        private static List<BaseShare> bases(Collection<StandsOn> groups, Map<Member.Ground, List<Base>> bases) {
            return groups.stream()
                    .filter(group -> group.distro() != null)
                    .map(group -> new Member.Ground(
                            String.valueOf(group.distro()), group.version(), group.codename(), group.variant()))
                    .distinct()
                    .flatMap(ground -> bases.getOrDefault(ground, List.of()).stream())
                    .map(base -> new BaseShare(
                            base.id(),
                            base.names().isEmpty() ? null : base.names().get(0).reference(),
                            base.descendants().images()))
                    .sorted(Comparator.comparingLong(BaseShare::images)
                            .reversed()
                            .thenComparing(BaseShare::id))
                    .toList();
        }

        private static long images(IdentityHashMap<StandsOn, SupportPhase> then, @Nullable SupportPhase phase) {
            return then.entrySet().stream()
                    .filter(each -> phase == null || each.getValue() == phase)
                    .mapToLong(each -> each.getKey().images())
                    .sum();
        }

        private List<Month> months(List<Event> events) {
            Map<Key, List<Event>> byKey = new LinkedHashMap<>();
            for (Event event : events) {
                Support support = event.support();
                Support.Policy decided = support.policy();
                byKey.computeIfAbsent(
                                new Key(
                                        YearMonth.from(event.on()),
                                        event.on(),
                                        String.valueOf(support.product()),
                                        String.valueOf(support.cycle()),
                                        event.enters(),
                                        decided == null ? "" : decided.toString()),
                                key -> new ArrayList<>())
                        .add(event);
            }
            TreeMap<YearMonth, List<Entry>> entries = new TreeMap<>();
            TreeMap<YearMonth, Set<StandsOn>> groups = new TreeMap<>();
            byKey.forEach((key, same) -> {
                entries.computeIfAbsent(key.month(), month -> new ArrayList<>()).add(entry(key, same));
                Set<StandsOn> seen = groups.computeIfAbsent(
                        key.month(), month -> Collections.newSetFromMap(new IdentityHashMap<>()));
                same.forEach(event -> seen.add(event.group()));
            });
            List<Month> months = new ArrayList<>();
            entries.forEach((month, all) -> {
                all.sort(Comparator.comparing(Entry::on)
                        .thenComparing(Entry::images, Comparator.reverseOrder())
                        .thenComparing(Entry::product)
                        .thenComparing(Entry::cycle)
                        .thenComparing(Entry::enters));
                long images = groups.getOrDefault(month, Set.of()).stream()
                        .mapToLong(StandsOn::images)
                        .sum();
                months.add(new Month(month.toString(), images, List.copyOf(all)));
            });
            return months;
        }

        private Entry entry(Key key, List<Event> same) {
            Places places = new Places();
            Map<Ground, Long> grounds = new LinkedHashMap<>();
            long images = 0;
            for (Event event : same) {
                StandsOn group = event.group();
                images += group.images();
                places.add(group);
                grounds.merge(
                        new Ground(
                                String.valueOf(group.distro()),
                                group.version() != null ? group.version() : group.codename(),
                                group.variant(),
                                0),
                        group.images(),
                        Long::sum);
            }
            List<BaseShare> standing =
                    bases == null ? null : bases(same.stream().map(Event::group).toList(), bases);
            return new Entry(
                    key.product(),
                    key.cycle(),
                    key.enters(),
                    key.on(),
                    images,
                    grounds.entrySet().stream()
                            .map(each -> new Ground(
                                    each.getKey().distro(),
                                    each.getKey().release(),
                                    each.getKey().variant(),
                                    each.getValue()))
                            .toList(),
                    List.copyOf(places.known),
                    places.count(),
                    places.isExact,
                    standing == null ? null : standing.stream().limit(MAX_BASES).toList(),
                    standing == null ? null : standing.size(),
                    places.owners(),
                    same.get(0).support().source(),
                    same.get(0).support().policy());
        }

        /** Repositories of several groups. */
        private final class Places {

            private final TreeSet<Repository> known = new TreeSet<>();
            private long largest;
            private boolean isExact = true;

            void add(StandsOn group) {
                known.addAll(group.repositories());
                largest = Math.max(largest, group.repositoryCount());
                isExact &= isWhole(group);
            }

            long count() {
                return Math.max(known.size(), largest);
            }

            List<OwnerShare> owners() {
                Map<String, Long> byOwner = new TreeMap<>();
                for (Repository each : known) {
                    byOwner.merge(owners.owner(each).map(Owners.Owner::name).orElse(""), 1L, Long::sum);
                }
                return byOwner.entrySet().stream()
                        .map(each -> new OwnerShare(each.getKey().isEmpty() ? null : each.getKey(), each.getValue()))
                        .sorted(Comparator.comparingLong(OwnerShare::repositories)
                                .reversed()
                                .thenComparing(share -> String.valueOf(share.owner())))
                        .toList();
            }
        }
    }
}
