package io.basewatch.reportapi.page;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of a bar chart, or one piece of a bar.
 *
 * @param meaning ended, soon, fine, unknown or plain
 * @param share of the whole, in percent: its width
 * @param from where it begins, in percent
 * @param href what it leads to; null for nothing
 */
record Bar(
        String label,
        long count,
        String meaning,
        double share,
        double from,
        @Nullable String href) {

    static Bar of(String label, long count, String meaning, @Nullable String href) {
        return new Bar(label, count, meaning, 0, 0, href);
    }

    /** Each as long as it is beside the longest. */
    static List<Bar> beside(List<Bar> bars) {
        long most = bars.stream().mapToLong(Bar::count).max().orElse(0);
        return bars.stream()
                .map(bar -> bar.placed(most == 0 ? 0 : 100.0 * bar.count() / most, 0))
                .toList();
    }

    /** One behind the other, all together the whole. */
    static List<Bar> together(List<Bar> bars) {
        long whole = bars.stream().mapToLong(Bar::count).sum();
        List<Bar> placed = new ArrayList<>();
        double from = 0;
        for (Bar bar : bars) {
            double share = whole == 0 ? 0 : 100.0 * bar.count() / whole;
            placed.add(bar.placed(share, from));
            from += share;
        }
        return placed;
    }

    private Bar placed(double newShare, double newFrom) {
        return new Bar(label, count, meaning, round(newShare), round(newFrom), href);
    }

    private static double round(double percent) {
        return Math.round(percent * 100) / 100.0;
    }
}
