package io.basewatch.reportapi.page;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.fleetstore.FleetCount;
import io.basewatch.fleetstore.FleetCounts;
import io.basewatch.reportapi.backlog.BacklogController;
import io.basewatch.reportapi.fleet.FleetAnswer;
import io.basewatch.reportapi.fleet.FleetController;
import io.basewatch.reportapi.horizon.Horizon;
import io.basewatch.reportapi.horizon.HorizonController;
import io.swagger.v3.oas.annotations.Hidden;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.util.UriComponentsBuilder;

/** The whole fleet at a glance. */
@Hidden
@Controller
class OverviewPage {

    private static final String AHEAD = "30,90,180,365,730";

    private static final int MONTHS = 24;

    /** Lines of a chart; the others are one. */
    private static final int LINES = 8;

    private final FleetController fleet;
    private final FleetCounts counts;
    private final HorizonController horizon;
    private final BacklogController backlog;
    private final Words words;
    private final ObjectProvider<Watching> watching;

    OverviewPage(
            FleetController fleet,
            FleetCounts counts,
            HorizonController horizon,
            BacklogController backlog,
            Words words,
            ObjectProvider<Watching> watching) {
        this.fleet = fleet;
        this.counts = counts;
        this.horizon = horizon;
        this.backlog = backlog;
        this.words = words;
        this.watching = watching;
    }

    /**
     * A month of the horizon.
     *
     * @param name for people
     * @param height of its column, in percent of the highest
     * @param y where the column begins, from above
     * @param x where it begins, in percent from the left
     * @param entries null for a month in which nothing ends
     */
    record Column(
            String month,
            String name,
            long images,
            double height,
            double y,
            double x,
            Horizon.@Nullable Month entries) {}

    @GetMapping("/")
    String overview(Model model) {
        FleetAnswer answer = fleet.fleet(null);
        HorizonController.HorizonAnswer ahead = horizon.horizon(AHEAD, null);
        model.addAttribute("section", "overview");
        model.addAttribute("fleet", answer);
        model.addAttribute("analysed", answer.images() - answer.pending());
        long partial = answer.byStatus().getOrDefault(AnalysisStatus.PARTIAL, 0L);
        long unscannable = answer.byStatus().getOrDefault(AnalysisStatus.UNSCANNABLE, 0L);
        model.addAttribute("partial", partial);
        model.addAttribute("unscannable", unscannable);
        // Of these less is known than the figures may seem to say.
        model.addAttribute("unread", partial + unscannable);
        // Only then is a figure that is 0 good news.
        model.addAttribute("whole", answer.pending() + partial + unscannable == 0);
        model.addAttribute("certain", certain(counts.recent()));
        model.addAttribute("phases", phases(answer));
        model.addAttribute("distros", distros(answer));
        model.addAttribute("libcs", libcs(answer));
        model.addAttribute("horizon", ahead);
        model.addAttribute("columns", columns(ahead));
        model.addAttribute("columnWidth", Math.round(6_000.0 / MONTHS) / 100.0);
        Watching watcher = watching.getIfAvailable();
        List<Watching.Watched> watched = watcher == null ? null : watcher.registries();
        model.addAttribute("watched", watched);
        model.addAttribute("begun", begun(watched));
        model.addAttribute("backlog", entries(null, "5"));
        // The figure counts images, and where it leads are the entries that they stand in.
        model.addAttribute("ended", entries("past-support", "1"));
        return "overview";
    }

    private Asked<Object> entries(@Nullable String include, String most) {
        return Asked.of(() -> backlog.backlog(include, null, null, null, null, null, null, null, most, null)
                .getBody());
    }

    /** Why a fleet without images has none, as far as this process knows. */
    private static String begun(@Nullable List<Watching.Watched> watched) {
        if (watched == null) {
            return "elsewhere";
        }
        if (watched.isEmpty()) {
            return "nothing";
        }
        if (watched.stream().anyMatch(each -> each.problem() != null)) {
            return "trouble";
        }
        return watched.stream().allMatch(each -> each.complete() != null) ? "swept" : "sweeping";
    }

    private static long certain(FleetCount count) {
        return count.caveats().stream()
                .filter(each -> each.id() == null && each.kind() == Caveat.Kind.CERTAIN)
                .mapToLong(FleetCount.WithCaveat::images)
                .sum();
    }

    /** Those that nothing is known of are a piece of the bar, too. */
    private List<Bar> phases(FleetAnswer fleet) {
        List<Bar> bars = new ArrayList<>();
        for (SupportPhase phase : List.of(
                SupportPhase.ENDED,
                SupportPhase.EXTENDED,
                SupportPhase.LTS,
                SupportPhase.STANDARD,
                SupportPhase.ROLLING,
                SupportPhase.UNRELEASED,
                SupportPhase.UNKNOWN)) {
            long images = fleet.bySupportPhase().getOrDefault(phase, 0L);
            if (images > 0) {
                bars.add(Bar.of(words.phase(phase), images, words.phaseMeaning(phase) + " " + phase, null));
            }
        }
        if (fleet.pending() > 0) {
            bars.add(Bar.of("not analysed yet", fleet.pending(), "unknown pending", "/images?status=pending"));
        }
        return Bar.together(bars);
    }

    private List<Bar> distros(FleetAnswer fleet) {
        List<Map.Entry<String, Long>> byCount = fleet.byDistro().entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .toList();
        List<Bar> bars = new ArrayList<>();
        byCount.stream()
                .limit(LINES)
                .forEach(each -> bars.add(
                        each.getKey().equals(Words.UNKNOWN)
                                ? Bar.of("not known", each.getValue(), Words.UNKNOWN, link("distro", Words.UNKNOWN))
                                : Bar.of(each.getKey(), each.getValue(), "plain", link("distro", each.getKey()))));
        long others =
                byCount.stream().skip(LINES).mapToLong(Map.Entry::getValue).sum();
        if (others > 0) {
            bars.add(Bar.of(words.count(byCount.size() - LINES, "other"), others, "plain", null));
        }
        return Bar.beside(bars);
    }

    private static List<Bar> libcs(FleetAnswer fleet) {
        return Bar.beside(fleet.byLibc().entrySet().stream()
                .sorted(Map.Entry.<Libc.Family, Long>comparingByValue(Comparator.reverseOrder()))
                .map(each -> Bar.of(
                        switch (each.getKey()) {
                            case NONE -> "nothing to run";
                            case STATIC -> "static only";
                            case UNKNOWN -> "not known";
                            case MUSL, GLIBC, UCLIBC, BIONIC -> each.getKey().toString();
                        },
                        each.getValue(),
                        each.getKey() == Libc.Family.UNKNOWN ? Words.UNKNOWN : "plain",
                        link("libc", each.getKey().toString())))
                .toList());
    }

    private static String link(String parameter, String value) {
        return UriComponentsBuilder.fromPath("/images")
                .queryParam(parameter, "{value}")
                .encode()
                .buildAndExpand(value)
                .toUriString();
    }

    private List<Column> columns(HorizonController.HorizonAnswer ahead) {
        YearMonth first = YearMonth.from(ahead.day());
        long most = Math.max(
                1,
                ahead.months().stream().mapToLong(Horizon.Month::images).max().orElse(0));
        List<Column> columns = new ArrayList<>();
        for (int n = 0; n < MONTHS; n++) {
            String month = first.plusMonths(n).toString();
            Horizon.Month entries = ahead.months().stream()
                    .filter(each -> each.month().equals(month))
                    .findFirst()
                    .orElse(null);
            long images = entries == null ? 0 : entries.images();
            double height = images == 0 ? 0 : Math.max(2, Math.round(1_000.0 * images / most) / 10.0);
            columns.add(new Column(
                    month,
                    words.month(month),
                    images,
                    height,
                    100 - height,
                    Math.round(10_000.0 * n / MONTHS) / 100.0,
                    entries));
        }
        return columns;
    }
}
