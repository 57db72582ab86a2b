package io.basewatch.reportapi.page;

import io.basewatch.caveats.Catalogue;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetstore.FleetQueries;
import io.basewatch.fleetstore.StoredImage;
import io.basewatch.reportapi.image.ImageAnswer;
import io.basewatch.reportapi.image.ImageController;
import io.basewatch.reportapi.image.ImageItem;
import io.basewatch.reportapi.lineage.LineageController;
import io.basewatch.reportapi.web.Page;
import io.basewatch.reportapi.web.Parameters;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/** The list of images, and all that is known of one. */
@Hidden
@Controller
class ImagePages {

    private final ImageController images;
    private final LineageController lineage;
    private final FleetQueries fleet;

    ImagePages(ImageController images, LineageController lineage, FleetQueries fleet) {
        this.images = images;
        this.lineage = lineage;
        this.fleet = fleet;
    }

    @GetMapping("/images")
    String images(
            @RequestParam(required = false) @Nullable String registry,
            @RequestParam(required = false) @Nullable String repository,
            @RequestParam(required = false) @Nullable String distro,
            @RequestParam(required = false) @Nullable String release,
            @RequestParam(required = false) @Nullable String libc,
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable String caveat,
            @RequestParam(required = false) @Nullable String kind,
            @RequestParam(required = false) @Nullable String severity,
            @RequestParam(required = false) @Nullable String limit,
            @RequestParam(required = false) @Nullable String after,
            Model model) {
        Page<ImageItem> page = images.images(
                        Asked.text(registry),
                        Asked.text(repository),
                        Asked.text(distro),
                        Asked.text(release),
                        Asked.text(libc),
                        Asked.text(status),
                        Asked.text(caveat),
                        Asked.text(kind),
                        Asked.text(severity),
                        null,
                        limit == null ? "50" : limit,
                        Asked.text(after))
                .getBody();
        model.addAttribute("section", "images");
        model.addAttribute("page", page);
        model.addAttribute("isFirst", Asked.text(after) == null);
        return "images";
    }

    @GetMapping("/images/{digest}")
    String image(@PathVariable String digest, Model model) {
        model.addAttribute("section", "images");
        Optional<StoredImage> pending = Optional.ofNullable(Parameters.digest("digest", digest))
                .flatMap(fleet::image)
                .filter(stored -> stored.analysis() == null);
        if (pending.isPresent()) {
            model.addAttribute("image", pending.get());
            return "image-pending";
        }
        ImageAnswer image = images.image(digest, null);
        model.addAttribute("image", image);
        model.addAttribute("caveats", loadersFirst(image.report().caveats()));
        model.addAttribute("lineage", Asked.of(() -> lineage.lineage(digest)));
        model.addAttribute("titles", new Titles());
        return "image";
    }

    /** What a loader says needs no belief: of what is equally sure it comes first. */
    private static List<Caveat> loadersFirst(List<Caveat> caveats) {
        return caveats.stream()
                .sorted(Comparator.comparing(Caveat::kind)
                        .thenComparing(caveat -> !isLoaders(caveat))
                        .thenComparing(Caveat.WORST_FIRST))
                .toList();
    }

    private static boolean isLoaders(Caveat caveat) {
        return Catalogue.entry(caveat.id())
                .filter(entry -> entry.area().equals("loader"))
                .isPresent();
    }

    /** Of caveats, by id. */
    static final class Titles {

        /** The id where the catalogue has none of that id. */
        public String of(String id) {
            return Catalogue.entry(id)
                    .map(entry -> entry.title().replace("`", ""))
                    .orElse(id);
        }
    }
}
