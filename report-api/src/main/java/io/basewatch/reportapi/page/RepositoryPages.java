package io.basewatch.reportapi.page;

import io.basewatch.reportapi.image.ImageController;
import io.basewatch.reportapi.repository.RepositoryController;
import io.basewatch.reportapi.tag.TagController;
import io.basewatch.reportapi.web.NotFoundException;
import io.basewatch.reportapi.web.Page;
import io.swagger.v3.oas.annotations.Hidden;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/** Where images lie. */
@Hidden
@Controller
class RepositoryPages {

    private final RepositoryController repositories;
    private final TagController tags;
    private final ImageController images;

    RepositoryPages(RepositoryController repositories, TagController tags, ImageController images) {
        this.repositories = repositories;
        this.tags = tags;
        this.images = images;
    }

    @GetMapping("/repositories")
    String repositories(
            @RequestParam(required = false) @Nullable String registry,
            @RequestParam(required = false) @Nullable String limit,
            @RequestParam(required = false) @Nullable String after,
            Model model) {
        model.addAttribute("section", "repositories");
        model.addAttribute(
                "page",
                repositories
                        .repositories(Asked.text(registry), limit == null ? "100" : limit, Asked.text(after))
                        .getBody());
        model.addAttribute("isFirst", Asked.text(after) == null);
        return "repositories";
    }

    @GetMapping("/repositories/{*name}")
    String repository(@PathVariable String name, @RequestParam(required = false) @Nullable String after, Model model) {
        String repository = name.substring(1);
        Page<TagController.TagItem> page =
                tags.tags(null, repository, null, "50", Asked.text(after)).getBody();
        if (page == null || (page.items().isEmpty() && Asked.text(after) == null)) {
            throw new NotFoundException("repository-unknown", "No tag is in repository " + repository + ".");
        }
        model.addAttribute("section", "repositories");
        model.addAttribute("name", repository);
        model.addAttribute("page", page);
        model.addAttribute(
                "images",
                images.images(null, repository, null, null, null, null, null, null, null, null, "50", null)
                        .getBody());
        model.addAttribute("isFirst", Asked.text(after) == null);
        return "repository";
    }
}
