package io.basewatch.reportapi.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/** Whom an answer is for: people look at pages in a browser, everybody else gets what programs read. */
public final class People {

    /** What is not for people, or brings its own pages. */
    private static final List<String> OTHERS = List.of("/api", "/actuator", "/v3", "/swagger-ui", "/webjars", "/error");

    private static final Pattern UNENCODED = Pattern.compile("[\\[\\]|^]");

    private People() {}

    /** Whether the address is one of pages, also one that no page answers to. */
    public static boolean isPage(HttpServletRequest request) {
        String asked = address(request);
        return asked != null && isPage(asked.substring(request.getContextPath().length()));
    }

    /** As {@link #isPage(HttpServletRequest)}, of a path as it was sent. */
    static boolean isPage(String path) {
        return OTHERS.stream()
                .noneMatch(other -> path.equals(other) || path.startsWith(other + "/") || path.startsWith(other + "."));
    }

    /** What was asked for at first, where this is what became of it; null where nobody knows. */
    static @Nullable String address(HttpServletRequest request) {
        return request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI) instanceof String first
                ? first
                : request.getRequestURI();
    }

    /** The same as a URI, in which what a browser sends as it was typed is encoded; null where it cannot be one. */
    public static @Nullable URI instance(HttpServletRequest request) {
        String address = address(request);
        if (address == null) {
            return null;
        }
        String encoded = UNENCODED
                .matcher(address)
                .replaceAll(found -> String.format("%%%02X", (int) found.group().charAt(0)))
                // Two of them would be the beginning of a host.
                .replaceFirst("^/{2,}", "/");
        try {
            return new URI(encoded);
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** Whether a browser asks for something to show. */
    public static boolean isBrowser(HttpServletRequest request) {
        return isBrowser(request.getHeader(HttpHeaders.ACCEPT));
    }

    static boolean isBrowser(@Nullable String accept) {
        return accept != null && accept.contains(MediaType.TEXT_HTML_VALUE);
    }
}
