package io.basewatch.reportapi.page;

import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetCounts;
import io.basewatch.fleetstore.FleetQueries;
import io.basewatch.fleetstore.Found;
import io.basewatch.fleetstore.StoredTag;
import io.basewatch.reportapi.lineage.Projection;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * Finds an image by the beginning of its reference or digest, and a repository by any part of its name, as it is typed; without script when the form is sent. What is before a colon is
 * looked for in names, what is behind it begins a tag.
 */
@Hidden
@Controller
class SearchPage {

    private static final int MOST = 20;

    private static final int LONGEST = 600;

    /** Repositories of which tags are looked for. */
    private static final int MOST_REPOSITORIES = 10;

    /** Less than this is in almost every name. */
    private static final int SHORTEST_PART = 2;

    private final FleetQueries fleet;
    private final FleetCounts counts;
    private final Projection projection;

    SearchPage(FleetQueries fleet, FleetCounts counts, Projection projection) {
        this.fleet = fleet;
        this.counts = counts;
        this.projection = projection;
    }

    /**
     * What a text may mean.
     *
     * @param repositories that have it in their names
     * @param isCut whether there is more
     */
    record Hits(Found found, List<Repository> repositories, boolean isCut) {}

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
        model.addAttribute("hits", asked.isEmpty() ? null : find(asked));
        return "true".equals(part) ? "search :: found" : "search";
    }

    private Hits find(String text) {
        Collection<String> registries =
                counts.recent().summary().repositoriesByRegistry().keySet();
        Found begins = fleet.beginningWith(text, registries, MOST);
        int colon = text.lastIndexOf(':');
        if (colon > 0 && text.indexOf('/', colon) < 0) {
            return begins.tags().isEmpty() && begins.images().isEmpty()
                    ? tagged(text.substring(0, colon), text.substring(colon + 1))
                    : new Hits(begins, List.of(), begins.isCut());
        }
        List<Repository> named = named(text, MOST + 1);
        return new Hits(begins, named.stream().limit(MOST).toList(), begins.isCut() || named.size() > MOST);
    }

    /** Nothing while the fleet was not read once: what begins so is found meanwhile. */
    private List<Repository> named(String part, int limit) {
        return part.length() < SHORTEST_PART || !projection.isFilled()
                ? List.of()
                : projection.tree().repositoriesWith(part, limit);
    }

    private Hits tagged(String part, String tag) {
        List<Repository> named = named(part, MOST_REPOSITORIES + 1);
        List<StoredTag> tags = new ArrayList<>();
        boolean isCut = named.size() > MOST_REPOSITORIES;
        for (Repository each : named.stream().limit(MOST_REPOSITORIES).toList()) {
            Found found = fleet.beginningWith(each + ":" + tag, List.of(), MOST);
            tags.addAll(found.tags());
            isCut |= found.isCut();
        }
        return new Hits(
                new Found(tags.stream().limit(MOST).toList(), List.of(), isCut),
                List.of(),
                isCut || tags.size() > MOST);
    }
}
