package io.basewatch.reportapi.access;

import io.basewatch.reportapi.web.People;
import io.basewatch.reportapi.web.PlainPage;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import tools.jackson.databind.json.JsonMapper;

/** How it is told that somebody may not: as a problem document to programs, by the page to sign in to people. */
final class Refusals {

    private static final int MAX_PATH = 1000;

    private final JsonMapper json;

    Refusals(JsonMapper json) {
        this.json = json;
    }

    /** Nobody knows who asks. */
    void unknown(HttpServletRequest request, HttpServletResponse response, String detail) throws IOException {
        if (isOfAPerson(request) && Origins.isSafe(request)) {
            String query = request.getQueryString();
            String path = request.getRequestURI() + (query == null ? "" : "?" + query);
            response.setStatus(HttpStatus.FOUND.value());
            response.setHeader(
                    HttpHeaders.LOCATION,
                    "/sign-in"
                            + (path.equals("/") || path.length() > MAX_PATH
                                    ? ""
                                    : "?next=" + URLEncoder.encode(path, StandardCharsets.UTF_8)));
            return;
        }
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"basewatch\"");
        tell(request, response, HttpStatus.UNAUTHORIZED, "unauthorized", "Unauthorized", detail);
    }

    /** Who has no other means than to sign in. */
    private static boolean isOfAPerson(HttpServletRequest request) {
        return request.getHeader(HttpHeaders.AUTHORIZATION) == null
                && People.isPage(request)
                && People.isBrowser(request);
    }

    void tell(
            HttpServletRequest request,
            HttpServletResponse response,
            HttpStatus status,
            String kind,
            String title,
            String detail)
            throws IOException {
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        if (isOfAPerson(request)) {
            response.setStatus(status.value());
            response.setContentType(MediaType.TEXT_HTML_VALUE + ";charset=UTF-8");
            response.setHeader("Content-Security-Policy", PlainPage.POLICY);
            response.getOutputStream()
                    .write(PlainPage.of(status.value(), title, detail, advice(status))
                            .getBytes(StandardCharsets.UTF_8));
            return;
        }
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(URI.create("urn:basewatch:problem:" + kind));
        problem.setTitle(title);
        problem.setInstance(People.instance(request));
        response.setStatus(status.value());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.getOutputStream().write(json.writeValueAsBytes(problem));
    }

    private static String advice(HttpStatus status) {
        return switch (status) {
            case UNAUTHORIZED -> "Sign in, then do it again.";
            case FORBIDDEN -> "Ask an operator, or sign in as somebody else.";
            default -> "Load this page again in a few seconds.";
        };
    }
}
