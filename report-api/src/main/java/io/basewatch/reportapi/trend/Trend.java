package io.basewatch.reportapi.trend;

import io.basewatch.fleetstore.TrendArchive;
import io.basewatch.reportapi.web.Csv;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One series over a time.
 *
 * @param unit what the values count
 * @param to inclusive
 * @param days each of them; of weeks and months the first day
 * @param lines the largest first, in the last days that are known; each has a value for each of the days
 * @param backfilled those of the days that were not counted while they lasted
 */
record Trend(
        String series,
        String unit,
        LocalDate from,
        LocalDate to,
        String resolution,
        List<LocalDate> days,
        List<Line> lines,
        List<LocalDate> backfilled) {

    /**
     * @param values null where nobody knows: nothing was counted, or the line was among {@code other} then
     */
    record Line(
            String name,

            @ArraySchema(
                    schema =
                            @Schema(
                                    types = {"integer", "null"},
                                    format = "int64"))
            List<@Nullable Long> values) {}

    /** By what days are put together: of each the last day that is known counts. */
    enum Resolution {
        DAY,
        WEEK,
        MONTH;

        private LocalDate first(LocalDate day) {
            return switch (this) {
                case DAY -> day;
                case WEEK -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
                case MONTH -> day.withDayOfMonth(1);
            };
        }

        private LocalDate next(LocalDate day) {
            return switch (this) {
                case DAY -> day.plusDays(1);
                case WEEK -> day.plusWeeks(1);
                case MONTH -> day.plusMonths(1);
            };
        }
    }

    /** Of a whole time; the smaller ones are then among {@code other}. */
    static final int MAX_LINES = 60;

    /**
     * @param kept in their order
     */
    static Trend of(Series series, LocalDate from, LocalDate to, Resolution resolution, List<TrendArchive.Day> kept) {
        TreeMap<LocalDate, TrendArchive.Day> last = new TreeMap<>();
        for (TrendArchive.Day day : kept) {
            if (day.series().containsKey(series.toString())) {
                last.put(resolution.first(day.day()), day);
            }
        }
        List<LocalDate> days = new ArrayList<>();
        for (LocalDate day = resolution.first(from); !day.isAfter(to); day = resolution.next(day)) {
            days.add(day);
        }
        Map<String, @Nullable Long[]> lines = new LinkedHashMap<>();
        for (int n = 0; n < days.size(); n++) {
            TrendArchive.Day day = last.get(days.get(n));
            if (day != null) {
                for (Map.Entry<String, Long> each :
                        day.series().getOrDefault(series.toString(), Map.of()).entrySet()) {
                    lines.computeIfAbsent(each.getKey(), name -> new Long[days.size()])[n] = each.getValue();
                }
            }
        }
        for (int n = 0; n < days.size(); n++) {
            TrendArchive.Day day = last.get(days.get(n));
            if (day != null) {
                zeroes(lines, n);
            }
        }
        return new Trend(
                series.toString(),
                series.unit(),
                from,
                to,
                resolution.name().toLowerCase(Locale.ROOT),
                days,
                bounded(lines, days.size()),
                days.stream()
                        .filter(day -> {
                            TrendArchive.Day there = last.get(day);
                            return there != null && there.backfilled();
                        })
                        .toList());
    }

    /** What has no value on a day that was counted is nothing; but where others were put together it may be one of them. */
    private static void zeroes(Map<String, @Nullable Long[]> lines, int day) {
        @Nullable Long[] others = lines.get(Census.OTHER);
        boolean areOthers = others != null && others[day] != null && others[day] > 0;
        lines.forEach((name, values) -> {
            if (values[day] == null && (!areOthers || Census.isOurs(name))) {
                values[day] = 0L;
            }
        });
    }

    private static List<Line> bounded(Map<String, @Nullable Long[]> lines, int days) {
        List<Map.Entry<String, @Nullable Long[]>> ordered = new ArrayList<>(lines.entrySet());
        ordered.removeIf(each -> Census.isOurs(each.getKey()));
        ordered.sort(Comparator.<Map.Entry<String, @Nullable Long[]>>comparingLong(each -> last(each.getValue()))
                .thenComparingLong(each -> most(each.getValue()))
                .reversed()
                .thenComparing(Map.Entry::getKey));
        List<Line> told = new ArrayList<>();
        @Nullable Long[] others = lines.get(Census.OTHER);
        for (int n = 0; n < ordered.size(); n++) {
            Map.Entry<String, @Nullable Long[]> each = ordered.get(n);
            if (n < MAX_LINES) {
                told.add(new Line(each.getKey(), Arrays.asList(each.getValue())));
            } else {
                others = others == null ? new Long[days] : others;
                for (int day = 0; day < days; day++) {
                    Long more = each.getValue()[day];
                    if (more != null) {
                        others[day] = more + (others[day] == null ? 0 : others[day]);
                    }
                }
            }
        }
        if (others != null) {
            told.add(new Line(Census.OTHER, Arrays.asList(others)));
        }
        lines.forEach((name, values) -> {
            if (Census.isOurs(name) && !name.equals(Census.OTHER)) {
                told.add(new Line(name, Arrays.asList(values)));
            }
        });
        return told;
    }

    private static long last(@Nullable Long[] values) {
        for (int n = values.length - 1; n >= 0; n--) {
            if (values[n] != null) {
                return values[n];
            }
        }
        return 0;
    }

    private static long most(@Nullable Long[] values) {
        return Arrays.stream(values)
                .filter(value -> value != null)
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
    }

    /** A line for each day, a column for each line; empty where nobody knows. */
    String csv() {
        StringBuilder text = new StringBuilder("day,backfilled");
        lines.forEach(line -> text.append(',').append(Csv.cell(line.name())));
        text.append("\r\n");
        for (int n = 0; n < days.size(); n++) {
            int day = n;
            text.append(days.get(n)).append(',').append(backfilled.contains(days.get(n)));
            text.append(lines.stream()
                    .map(line -> "," + Csv.cell(line.values().get(day)))
                    .collect(Collectors.joining()));
            text.append("\r\n");
        }
        return text.toString();
    }
}
