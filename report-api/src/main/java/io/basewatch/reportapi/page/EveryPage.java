package io.basewatch.reportapi.page;

import io.basewatch.reportapi.access.Caller;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;

/** What all pages have in common. */
@ControllerAdvice(basePackageClasses = EveryPage.class)
class EveryPage {

    private final Words words;
    private final @Nullable Notice notice;

    EveryPage(Words words, ObjectProvider<Notice> notice) {
        this.words = words;
        this.notice = notice.getIfAvailable();
    }

    @ModelAttribute("notice")
    @Nullable
    Notice notice() {
        return notice;
    }

    /** Who is signed in and may sign out; null where nobody need be. */
    @ModelAttribute("caller")
    @Nullable
    String caller() {
        Caller caller = Caller.current();
        return caller.equals(Caller.LOCAL) || !caller.mayRead() ? null : caller.name();
    }

    @ModelAttribute("words")
    Words words() {
        return words;
    }
}
