package io.basewatch.reportapi.access;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
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
        if (isOfAPerson(request)) {
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

    private static boolean isOfAPerson(HttpServletRequest request) {
        String path = request.getRequestURI();
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        return (request.getMethod().equals("GET") || request.getMethod().equals("HEAD"))
                && request.getHeader(HttpHeaders.AUTHORIZATION) == null
                && !path.startsWith("/api/")
                && !path.startsWith("/actuator")
                && accept != null
                && accept.contains(MediaType.TEXT_HTML_VALUE);
    }

    void tell(
            HttpServletRequest request,
            HttpServletResponse response,
            HttpStatus status,
            String kind,
            String title,
            String detail)
            throws IOException {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(URI.create("urn:basewatch:problem:" + kind));
        problem.setTitle(title);
        problem.setInstance(instance(request));
        response.setStatus(status.value());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        response.getOutputStream().write(json.writeValueAsBytes(problem));
    }

    private static @Nullable URI instance(HttpServletRequest request) {
        try {
            return new URI(request.getRequestURI());
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
