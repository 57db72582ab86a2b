package io.basewatch.reportapi.page;

import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;

/** What all pages have in common. */
@ControllerAdvice(basePackageClasses = EveryPage.class)
class EveryPage {

    private final Words words;

    EveryPage(Words words) {
        this.words = words;
    }

    @ModelAttribute("words")
    Words words() {
        return words;
    }
}
