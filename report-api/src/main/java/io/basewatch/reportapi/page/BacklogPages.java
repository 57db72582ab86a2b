package io.basewatch.reportapi.page;

import io.basewatch.backlog.Entry;
import io.basewatch.reportapi.backlog.BacklogController;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** What to move first, and how. */
@Hidden
@Controller
class BacklogPages {

    private static final List<String> REASONS =
            Arrays.stream(Entry.Why.values()).map(Entry.Why::toString).toList();

    private static final List<String> USUAL =
            BacklogController.USUAL.stream().map(Entry.Why::toString).toList();

    /** That the whole list can be sorted by, from left to right. */
    private static final List<String> COLUMNS = List.of("images", "benefit", "effort", "score");

    private final BacklogController backlog;

    BacklogPages(BacklogController backlog) {
        this.backlog = backlog;
    }

    @GetMapping("/backlog")
    String backlog(
            @RequestParam(required = false) @Nullable List<String> include,
            @RequestParam(required = false) @Nullable String owner,
            @RequestParam(required = false) @Nullable String repository,
            @RequestParam(required = false) @Nullable String waived,
            @RequestParam(required = false) @Nullable String sort,
            @RequestParam(required = false) @Nullable String limit,
            @RequestParam(required = false) @Nullable String after,
            Model model) {
        String reasons = include == null ? null : Asked.text(String.join(",", include));
        model.addAttribute("section", "backlog");
        model.addAttribute(
                "answer",
                backlog.backlog(
                                reasons,
                                Asked.text(owner),
                                Asked.text(repository),
                                Asked.text(waived),
                                Asked.text(sort),
                                null,
                                null,
                                null,
                                limit == null ? "50" : limit,
                                Asked.text(after))
                        .getBody());
        model.addAttribute("reasons", REASONS);
        model.addAttribute("chosen", reasons == null ? USUAL : List.of(reasons.split(",", -1)));
        model.addAttribute("waived", waived);
        model.addAttribute("sorts", sorts(Asked.text(sort)));
        model.addAttribute("isFirst", Asked.text(after) == null);
        return "backlog";
    }

    /**
     * A column that the list can be sorted by.
     *
     * @param order as the API calls it
     * @param href the same list in that order, from its first page
     * @param isNow whether it is
     */
    record Sort(String order, String href, boolean isNow) {}

    private static List<Sort> sorts(@Nullable String now) {
        return COLUMNS.stream()
                .map(order -> new Sort(
                        order,
                        ServletUriComponentsBuilder.fromCurrentRequest()
                                .replaceQueryParam("after")
                                .replaceQueryParam("sort", order)
                                .scheme(null)
                                .host(null)
                                .port(null)
                                .build()
                                .toUriString(),
                        order.equals(now == null ? "score" : now)))
                .toList();
    }

    @GetMapping("/backlog/{id}")
    String plan(@PathVariable String id, Model model) {
        model.addAttribute("section", "backlog");
        model.addAttribute("plan", backlog.plan(id, null));
        return "plan";
    }
}
