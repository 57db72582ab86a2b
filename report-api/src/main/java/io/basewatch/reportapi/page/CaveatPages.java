package io.basewatch.reportapi.page;

import io.basewatch.reportapi.caveat.CaveatController;
import io.swagger.v3.oas.annotations.Hidden;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;

/** What traps there are, and who has them. */
@Hidden
@Controller
class CaveatPages {

    private final CaveatController caveats;
    private final Parser parser = Parser.builder().build();
    private final HtmlRenderer html =
            HtmlRenderer.builder().escapeHtml(true).sanitizeUrls(true).build();

    CaveatPages(CaveatController caveats) {
        this.caveats = caveats;
    }

    @GetMapping("/caveats")
    String caveats(Model model) {
        model.addAttribute("section", "caveats");
        model.addAttribute("answer", caveats.caveats(null));
        return "caveats";
    }

    @GetMapping("/caveats/{id}")
    String caveat(@PathVariable String id, Model model) {
        CaveatController.CaveatAnswer answer = caveats.caveat(id);
        model.addAttribute("section", "caveats");
        model.addAttribute("answer", answer);
        model.addAttribute("text", html.render(parser.parse(withoutTitle(answer.markdown()))));
        return "caveat";
    }

    /** The page has its own, and a line of figures below it. */
    private static String withoutTitle(String markdown) {
        int first = markdown.indexOf("\n## ");
        return first < 0 ? markdown : markdown.substring(first + 1);
    }
}
