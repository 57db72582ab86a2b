package io.basewatch.reportapi.page;

import io.basewatch.fleetstore.FleetCounts;
import io.basewatch.fleetstore.FleetQueries;
import io.basewatch.fleetstore.Found;
import io.swagger.v3.oas.annotations.Hidden;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** Finds an image by the beginning of its reference or digest, as it is typed; without script when the form is sent. */
@Hidden
@Controller
class SearchPage {

    private static final int MOST = 20;

    private static final int LONGEST = 600;

    private final FleetQueries fleet;
    private final FleetCounts counts;

    SearchPage(FleetQueries fleet, FleetCounts counts) {
        this.fleet = fleet;
        this.counts = counts;
    }

    /** @param part true: only what was found, to be put into a page */
    @GetMapping("/search")
    String search(
            @RequestParam(required = false) @Nullable String q,
            @RequestParam(required = false) @Nullable String part,
            Model model) {
        String text = Asked.text(q);
        String asked = text == null ? "" : text.substring(0, Math.min(text.length(), LONGEST));
        model.addAttribute("section", "search");
        model.addAttribute("q", asked);
        model.addAttribute("found", asked.isEmpty() ? null : find(asked));
        return "true".equals(part) ? "search :: found" : "search";
    }

    private Found find(String text) {
        return fleet.beginningWith(
                text, counts.recent().summary().repositoriesByRegistry().keySet(), MOST);
    }
}
