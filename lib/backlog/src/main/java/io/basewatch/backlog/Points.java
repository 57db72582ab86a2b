package io.basewatch.backlog;

import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.lineage.Member;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What it would be worth to move an image, or images.
 *
 * @param ended for support that has ended, or is about to
 * @param certain for what will fail for certain
 * @param risk for what may bite
 */
public record Points(double ended, double certain, double risk) {

    static final Points NONE = new Points(0, 0, 0);

    /** Before the last day of free support the approaching end counts, from so many days before. */
    private static final int NOTICE_DAYS = 180;

    private static final double MOST_BEFORE = 5;
    private static final double FIRST_DAY = 8;
    private static final double PER_DOUBLING = 9;
    private static final double DAYS = 90;

    /** To hundredths, so that people can add them up. */
    Points rounded() {
        return new Points(round(ended), round(certain), round(risk));
    }

    /** To hundredths. */
    public static double round(double points) {
        return Math.round(points * 100) / 100.0;
    }

    /** Sum of the parts. */
    public double total() {
        return ended + certain + risk;
    }

    /** Itself where there is nothing to add: there are many of these. */
    Points plus(Points other, double share) {
        if (other.equals(NONE)) {
            return this;
        }
        return new Points(ended + other.ended * share, certain + other.certain * share, risk + other.risk * share);
    }

    static Points of(Support support, LocalDate day, @Nullable List<Member.CaveatKey> caveats, Weights weights) {
        Points ended = new Points(ended(support, day, weights), 0, 0);
        return caveats == null ? ended : ended.plus(of(caveats, weights), 1);
    }

    /** For what was found alone. */
    static Points of(List<Member.CaveatKey> caveats, Weights weights) {
        return new Points(0, certain(caveats, weights), risk(caveats, weights));
    }

    private static double ended(Support support, LocalDate day, Weights weights) {
        boolean isOver = support.pastSupport();
        boolean isOn = !isOver
                && (support.phase() == SupportPhase.STANDARD
                        || support.phase() == SupportPhase.LTS
                        || support.phase() == SupportPhase.EXTENDED);
        LocalDate last = support.supportedUntil() != null ? support.supportedUntil() : support.standardEnds();
        if (isOver && last == null) {
            return Math.min(weights.ended(), FIRST_DAY);
        }
        if (last == null) {
            return 0;
        }
        long days = ChronoUnit.DAYS.between(last, day);
        if (isOver && days > 0) {
            return Math.min(weights.ended(), FIRST_DAY + PER_DOUBLING * log2(1 + days / DAYS));
        }
        if (isOn && days > -NOTICE_DAYS && days <= 0) {
            return Math.min(weights.ended(), MOST_BEFORE * (NOTICE_DAYS + days) / NOTICE_DAYS);
        }
        return 0;
    }

    private static double log2(double value) {
        return Math.log(value) / Math.log(2);
    }

    /** The worst severity of each id, the worst first. */
    private static List<Caveat.Severity> worst(List<Member.CaveatKey> caveats, Caveat.Kind kind) {
        Map<String, Caveat.Severity> worst = new HashMap<>();
        for (Member.CaveatKey caveat : caveats) {
            if (caveat.kind() == kind) {
                worst.merge(caveat.id(), caveat.severity(), (one, other) -> one.compareTo(other) >= 0 ? one : other);
            }
        }
        return worst.values().stream().sorted(Comparator.reverseOrder()).toList();
    }

    /** The worst whole, the others less. */
    private static double certain(List<Member.CaveatKey> caveats, Weights weights) {
        double sum = 0;
        boolean isFirst = true;
        for (Caveat.Severity severity : worst(caveats, Caveat.Kind.CERTAIN)) {
            sum += isFirst ? first(severity) : further(severity);
            isFirst = false;
        }
        return Math.min(weights.certain(), sum);
    }

    private static double first(Caveat.Severity severity) {
        return switch (severity) {
            case CRITICAL -> 30;
            case HIGH -> 15;
            case MEDIUM -> 6;
            case LOW -> 1;
        };
    }

    private static double further(Caveat.Severity severity) {
        return switch (severity) {
            case CRITICAL -> 5;
            case HIGH -> 4;
            case MEDIUM -> 2;
            case LOW -> 0;
        };
    }

    /** Many guesses do not outweigh one proof: the bound is under that of what is certain. */
    private static double risk(List<Member.CaveatKey> caveats, Weights weights) {
        double sum = 0;
        for (Caveat.Severity severity : worst(caveats, Caveat.Kind.RISK)) {
            sum += switch (severity) {
                case CRITICAL -> 10;
                case HIGH -> 6;
                case MEDIUM -> 3;
                case LOW -> 1;
            };
        }
        return Math.min(weights.risk(), sum);
    }
}
