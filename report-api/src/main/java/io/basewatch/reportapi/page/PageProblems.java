package io.basewatch.reportapi.page;

import io.basewatch.reportapi.web.BadParameterException;
import io.basewatch.reportapi.web.BusyException;
import io.basewatch.reportapi.web.NotFoundException;
import io.basewatch.reportapi.web.People;
import io.basewatch.reportapi.web.RefusedException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** A page that cannot be shown says why and what to do; what is asked of the API by programs is told as they expect it. */
@Component
class PageProblems implements HandlerExceptionResolver, Ordered {

    private static final Logger LOG = LoggerFactory.getLogger(PageProblems.class);

    private static final String RETRY_SECONDS = "5";

    private final Words words;

    PageProblems(Words words) {
        this.words = words;
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    /** For people. */
    private record Told(HttpStatus status, String title, String detail, String advice) {}

    @Override
    public @Nullable ModelAndView resolveException(
            HttpServletRequest request, HttpServletResponse response, @Nullable Object handler, Exception e) {
        if (!People.isPage(request) || !People.isBrowser(request) || response.isCommitted()) {
            return null;
        }
        Told told = told(e);
        if (e instanceof HttpRequestMethodNotSupportedException wrong) {
            wrong.getHeaders().forEach((name, values) -> response.setHeader(name, String.join(", ", values)));
        }
        if (told.status() == HttpStatus.SERVICE_UNAVAILABLE) {
            response.setHeader(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
        }
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        ModelAndView page = new ModelAndView("problem", Map.of("told", told, "words", words, "section", "none"));
        page.setStatus(told.status());
        return page;
    }

    private static Told told(Exception e) {
        if (e instanceof BadParameterException) {
            return new Told(
                    HttpStatus.BAD_REQUEST,
                    "This address cannot be meant",
                    String.valueOf(e.getMessage()),
                    "Correct the address, or begin again from the overview.");
        }
        if (e instanceof InvalidParameterException) {
            return new Told(
                    HttpStatus.BAD_REQUEST,
                    "This address cannot be read",
                    "What stands behind the '?' is no percent-encoded UTF-8, or has too many parts.",
                    "Correct the address, or begin again from the overview.");
        }
        if (e instanceof NotFoundException) {
            return new Told(
                    HttpStatus.NOT_FOUND,
                    "Not found",
                    String.valueOf(e.getMessage()),
                    "It may have been moved or removed since the link was made. Search for it by name or digest.");
        }
        if (e instanceof NoResourceFoundException) {
            return new Told(
                    HttpStatus.NOT_FOUND,
                    "There is no such page",
                    "Nothing answers to this address.",
                    "Begin from the overview, or search by name or digest.");
        }
        if (e instanceof BusyException) {
            return new Told(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "Not known yet",
                    String.valueOf(e.getMessage()),
                    "Load this page again in a few seconds.");
        }
        if (e instanceof DataAccessException) {
            LOG.warn("Page not shown: the store does not answer ({})", e.getMessage());
            return new Told(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "The store does not answer",
                    "Nothing can be told of the fleet until it does; nothing is lost.",
                    "Load this page again in a few seconds. If it stays away, look at /actuator/health and the log.");
        }
        if (e instanceof RefusedException refused) {
            return refused(refused.status());
        }
        if (e instanceof ErrorResponse refused) {
            HttpStatus status = HttpStatus.resolve(refused.getStatusCode().value());
            return refused(status == null ? HttpStatus.BAD_REQUEST : status);
        }
        LOG.error("Page not shown: a mistake of ours", e);
        return refused(HttpStatus.INTERNAL_SERVER_ERROR);
    }

    private static Told refused(HttpStatus status) {
        if (status == HttpStatus.METHOD_NOT_ALLOWED) {
            return new Told(
                    status,
                    "This page can only be looked at",
                    "Nothing can be sent to this address.",
                    "Follow a link to it, or begin again from the overview.");
        }
        if (status.is5xxServerError()) {
            return new Told(
                    status,
                    "This page broke",
                    RefusedException.OURS,
                    "Load this page again. If it stays so, report what the log says.");
        }
        return new Told(
                status,
                "This address cannot be read",
                "It was refused before it could be read as a question: " + status.getReasonPhrase() + ".",
                "Correct the address, or begin again from the overview.");
    }
}
