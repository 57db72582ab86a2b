package io.basewatch.lifecycle;

import io.basewatch.fleetmodel.NamePattern;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.Support.Policy;
import io.basewatch.fleetmodel.SupportPhase;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What support counts where: paid fixes that were bought, or full support alone. Of the entries that are about a release and a place the first counts. An image
 * that lies in several places is judged by the worst of them. Whatever is decided is named in the answer.
 */
public final class SupportPolicy {

    /**
     * As configured.
     *
     * @param repositories patterns, see {@link NamePattern#matches(Repository)}
     * @param product of the lifecycle dataset; may be left out with {@code counts}
     * @param cycles of that product; all of them when it is left out
     * @param bought an offer of paid or opt-in fixes, by its name or a part of it; any name where {@code until} is given
     * @param counts {@code standard}: free fixes after full support are no support here
     * @param until last day for which something was bought; the offer's own end when it is left out
     * @param reason for people
     */
    public record Entry(
            @Nullable List<String> repositories,
            @Nullable String product,
            @Nullable List<String> cycles,
            @Nullable String bought,
            @Nullable String counts,
            @Nullable String until,
            @Nullable String reason) {}

    /** Nothing is decided. */
    public static final SupportPolicy NONE = new SupportPolicy(List.of());

    private record Rule(
            String key,
            List<NamePattern> patterns,
            @Nullable String product,
            List<String> cycles,
            @Nullable String bought,
            @Nullable LocalDate until,
            @Nullable String reason) {

        boolean isAbout(Support support) {
            return (product == null || product.equals(support.product()))
                    && (cycles.isEmpty() || cycles.contains(support.cycle()));
        }

        Optional<NamePattern> matching(Repository place) {
            return patterns.stream().filter(pattern -> pattern.matches(place)).findFirst();
        }

        /** The ordinary offer before a longer one of a similar name; empty when the release has none of that name. */
        Optional<Support.Extended> offer(Support support) {
            String asked = String.valueOf(bought).toLowerCase(Locale.ROOT);
            return support.extended().stream()
                    .filter(offer -> offer.name().toLowerCase(Locale.ROOT).equals(asked))
                    .findFirst()
                    .or(() -> support.extended().stream()
                            .filter(offer ->
                                    offer.name().toLowerCase(Locale.ROOT).contains(asked))
                            .findFirst());
        }
    }

    private final List<Rule> rules;

    private SupportPolicy(List<Rule> rules) {
        this.rules = rules;
    }

    /**
     * @param entries in the order in which they are asked
     * @throws IllegalArgumentException naming key, value and what would do
     */
    public static SupportPolicy of(List<Entry> entries) {
        List<Rule> rules = new ArrayList<>();
        for (Entry entry : entries) {
            rules.add(rule("basewatch.policy[" + rules.size() + "]", entry));
        }
        return new SupportPolicy(List.copyOf(rules));
    }

    private static Rule rule(String key, Entry entry) {
        boolean isBought = entry.bought() != null && !entry.bought().isBlank();
        if (isBought == (entry.counts() != null)) {
            throw new IllegalArgumentException(key + " has " + (isBought ? "both" : "neither") + " 'bought' "
                    + (isBought ? "and" : "nor")
                    + " 'counts': give the paid support that was bought, or counts: standard");
        }
        if (entry.counts() != null && !entry.counts().equals("standard")) {
            throw new IllegalArgumentException(
                    key + ".counts is '" + entry.counts() + "': give standard, or leave it out");
        }
        if (isBought && (entry.product() == null || entry.product().isBlank())) {
            throw new IllegalArgumentException(
                    key + ".product is missing: say for which product '" + entry.bought() + "' was bought");
        }
        if (!isBought && entry.until() != null) {
            throw new IllegalArgumentException(key + ".until is given without 'bought': leave it out");
        }
        if (entry.cycles() != null && !entry.cycles().isEmpty() && entry.product() == null) {
            throw new IllegalArgumentException(key + ".cycles is given without a product: say whose they are");
        }
        return new Rule(
                key,
                patterns(key, entry.repositories()),
                entry.product(),
                entry.cycles() == null ? List.of() : List.copyOf(entry.cycles()),
                isBought ? entry.bought() : null,
                until(key, entry.until()),
                entry.reason());
    }

    private static List<NamePattern> patterns(String key, @Nullable List<String> repositories) {
        if (repositories == null || repositories.isEmpty()) {
            throw new IllegalArgumentException(
                    key + ".repositories is missing: give patterns like payments/**, or ** for all");
        }
        return NamePattern.ofEntry(key, repositories);
    }

    private static @Nullable LocalDate until(String key, @Nullable String text) {
        try {
            return text == null ? null : LocalDate.parse(text.strip());
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    key + ".until is '" + text + "': give the last day, as in 2027-03-31", e);
        }
    }

    /** What the entries name and the dataset does not have, for people; such an entry decides nothing. */
    public List<String> problems(Lifecycle dates) {
        List<String> problems = new ArrayList<>();
        LocalDate day = dates.generated();
        for (Rule rule : rules) {
            if (rule.product() == null) {
                continue;
            }
            List<Support> releases = dates.releases(rule.product(), day);
            if (releases.isEmpty()) {
                problems.add(rule.key() + ".product is '" + rule.product()
                        + "', which the lifecycle dataset does not have: 'lifecycle show' lists its products");
                continue;
            }
            for (String cycle : rule.cycles()) {
                if (releases.stream().noneMatch(release -> cycle.equals(release.cycle()))) {
                    problems.add(
                            rule.key() + ".cycles has '" + cycle + "', which the lifecycle dataset does not have of "
                                    + rule.product() + ": write it in quotes, as 'lifecycle show " + rule.product()
                                    + "' does");
                }
            }
            if (rule.bought() != null
                    && rule.until() == null
                    && releases.stream()
                            .filter(rule::isAbout)
                            .noneMatch(release -> rule.offer(release).isPresent())) {
                List<String> offers = releases.stream()
                        .flatMap(release -> release.extended().stream())
                        .map(Support.Extended::name)
                        .distinct()
                        .toList();
                problems.add(rule.key() + ".bought is '" + rule.bought()
                        + "', which the lifecycle dataset does not know of "
                        + rule.product() + (offers.isEmpty() ? "" : " (it knows " + String.join(", ", offers) + ")")
                        + ": give its name, or until when it was bought ('until')");
            }
        }
        return problems;
    }

    /** Whether nothing is decided anywhere. */
    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /** Equal for places in which the same is decided of everything. */
    public Object scope(Repository place) {
        return rules.stream().map(rule -> rule.matching(place)).toList();
    }

    /** What counts in one place. */
    public Support apply(Support plain, Repository place) {
        for (Rule rule : rules) {
            Optional<NamePattern> pattern = rule.isAbout(plain) ? rule.matching(place) : Optional.empty();
            if (pattern.isPresent()) {
                Optional<Support> decided = rule.bought() == null
                        ? Optional.of(standardOnly(rule, pattern.get(), plain))
                        : bought(rule, pattern.get(), plain);
                if (decided.isPresent()) {
                    return decided.get();
                }
            }
        }
        return plain;
    }

    private static Support standardOnly(Rule rule, NamePattern pattern, Support plain) {
        boolean isOver = plain.phase() == SupportPhase.LTS || plain.phase() == SupportPhase.EXTENDED;
        return plain.with(
                isOver ? SupportPhase.ENDED : plain.phase(),
                plain.extendedEnds(),
                new Policy(
                        pattern.toString(),
                        "only full support counts",
                        false,
                        plain.standardEnds(),
                        rule.reason(),
                        isOver ? "without it the phase is " + plain.phase() : null));
    }

    private static Optional<Support> bought(Rule rule, NamePattern pattern, Support plain) {
        Support.Extended offer = rule.offer(plain).orElse(null);
        LocalDate day = plain.day();
        if (plain.cycle() == null || day == null || (offer == null && rule.until() == null)) {
            return Optional.empty();
        }
        LocalDate offered = offer == null ? null : offer.ends();
        LocalDate ends = rule.until() != null ? rule.until() : offered;
        String name = offer == null ? String.valueOf(rule.bought()) : offer.name();
        String remark = null;
        if (offer == null) {
            remark = "the lifecycle dataset does not know of it";
        } else if (offered != null && ends != null && ends.isAfter(offered)) {
            remark = "the lifecycle dataset has it until " + offered + " only";
        }
        boolean isPast = plain.phase().isPastSupport();
        boolean counts = isPast && (ends == null || !day.isAfter(ends));
        if (isPast && !counts) {
            remark = "it ended on " + ends + " and does not count any more";
        }
        return Optional.of(plain.with(
                counts ? SupportPhase.EXTENDED : plain.phase(),
                counts ? ends : plain.extendedEnds(),
                new Policy(
                        pattern.toString(),
                        name + " is bought" + (ends == null ? "" : ", until " + ends),
                        counts,
                        later(ends, plain.ltsEnds()),
                        rule.reason(),
                        remark)));
    }

    /** What was bought for a time in which fixes are free changes nothing. */
    private static @Nullable LocalDate later(@Nullable LocalDate ends, @Nullable LocalDate free) {
        return ends != null && free != null && free.isAfter(ends) ? free : ends;
    }

    /**
     * What counts for an image that lies in several places: the worst.
     *
     * @param all whether these are all of its places; where not, there may be one for which nothing was decided
     */
    public Support apply(Support plain, Collection<Repository> places, boolean all) {
        if (rules.isEmpty() || places.isEmpty()) {
            return plain;
        }
        Support worst = null;
        Support best = null;
        Repository where = null;
        for (Repository place : places) {
            Support here = apply(plain, place);
            if (worst == null || worstFirst(here, worst) < 0) {
                worst = here;
                where = place;
            }
            if (best == null || worstFirst(here, best) > 0) {
                best = here;
            }
        }
        if (!all && worst != null && worstFirst(plain, worst) < 0) {
            worst = plain;
            where = null;
        }
        if (worst == null || best == null || worst.policy() != null || best.policy() == null) {
            return worst == null ? plain : worst;
        }
        Policy others = best.policy();
        return worst.with(
                worst.phase(),
                worst.extendedEnds(),
                new Policy(
                        others.repositories(),
                        others.says(),
                        false,
                        others.ends(),
                        others.reason(),
                        where == null
                                ? "it does not count, as the image lies in more places than can be looked at"
                                : "it does not count, as the image lies in " + where + " too"));
    }

    /** Written out, as {@link Comparator#comparing} and its like take a run that has just begun some milliseconds. */
    private static int worstFirst(Support one, Support other) {
        int past = Boolean.compare(other.pastSupport(), one.pastSupport());
        if (past != 0) {
            return past;
        }
        int ended = Boolean.compare(other.phase() == SupportPhase.ENDED, one.phase() == SupportPhase.ENDED);
        return ended != 0 ? ended : ends(one).compareTo(ends(other));
    }

    private static LocalDate ends(Support support) {
        LocalDate until = support.supportedUntil();
        return until == null ? LocalDate.MAX : until;
    }
}
