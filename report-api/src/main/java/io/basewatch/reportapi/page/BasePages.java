package io.basewatch.reportapi.page;

import io.basewatch.lineage.Base;
import io.basewatch.lineage.BaseId;
import io.basewatch.reportapi.lineage.BaseController;
import io.basewatch.reportapi.lineage.Projection;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/** What the fleet was built on. */
@Hidden
@Controller
class BasePages {

    /** Of bases on a base. */
    private static final int MOST = 100;

    private final BaseController bases;
    private final Projection projection;

    BasePages(BaseController bases, Projection projection) {
        this.bases = bases;
        this.projection = projection;
    }

    @GetMapping("/bases")
    String bases(
            @RequestParam(required = false) @Nullable String registry,
            @RequestParam(required = false) @Nullable String repository,
            @RequestParam(required = false) @Nullable String distro,
            @RequestParam(required = false) @Nullable String q,
            @RequestParam(required = false) @Nullable String limit,
            @RequestParam(required = false) @Nullable String after,
            Model model) {
        model.addAttribute("section", "bases");
        model.addAttribute(
                "page",
                bases.bases(
                                Asked.text(registry),
                                Asked.text(repository),
                                Asked.text(distro),
                                Asked.text(q),
                                null,
                                limit == null ? "50" : limit,
                                Asked.text(after))
                        .getBody());
        model.addAttribute("isFirst", Asked.text(after) == null);
        return "bases";
    }

    @GetMapping("/bases/{id}")
    String base(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String all,
            @RequestParam(required = false) @Nullable String after,
            Model model) {
        BaseController.OneBaseAnswer answer = bases.base(id, null);
        model.addAttribute("section", "bases");
        model.addAttribute("answer", answer);
        model.addAttribute("above", above(answer.base().id()));
        model.addAttribute("all", "true".equals(all));
        model.addAttribute(
                "images",
                bases.images(id, Asked.text(all), "50", Asked.text(after)).getBody());
        model.addAttribute("isFirst", Asked.text(after) == null);
        return "base";
    }

    /** Bases that stand on it and on nothing nearer, those with the most images first. */
    private List<Above> above(String id) {
        return projection.moment().bases().all().stream()
                .filter(base -> isOn(base, id))
                .limit(MOST)
                .map(base -> new Above(
                        base.id().toString(),
                        base.names().isEmpty() ? null : base.names().get(0).reference(),
                        base.descendants().images()))
                .toList();
    }

    private static boolean isOn(Base base, String id) {
        BaseId on = base.on();
        return on != null && on.toString().equals(id);
    }

    /**
     * @param name null for one that nobody has named
     * @param images that stand on it
     */
    record Above(String id, @Nullable String name, long images) {}
}
