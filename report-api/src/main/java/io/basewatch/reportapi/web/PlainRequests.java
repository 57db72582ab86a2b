package io.basewatch.reportapi.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Headers that a question cannot have meant are as if they were not sent: what kind of body it has (it has none), an {@code Accept} that is no list of media
 * types, and whether a page of another origin may ask something else than it does (no such page is answered). And what can be done is said in {@code Allow}
 * as it is: but for a few, things here can only be read.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class PlainRequests extends OncePerRequestFilter {

    private static final String ALLOWED = "GET, HEAD, OPTIONS";

    private static final Set<String> BODILESS = Set.of("GET", "HEAD", "OPTIONS");

    /** The server's own answers to what it refused need the same. */
    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return false;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Set<String> hidden = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        if (BODILESS.contains(request.getMethod())) {
            hidden.add(HttpHeaders.CONTENT_TYPE);
            hidden.add(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD);
        }
        if (!isReadable(Collections.list(request.getHeaders(HttpHeaders.ACCEPT)))) {
            hidden.add(HttpHeaders.ACCEPT);
        }
        chain.doFilter(
                new WithoutHeaders(request, hidden),
                request.getMethod().equals("OPTIONS") ? new OptionsAnswer(response) : response);
    }

    private static boolean isReadable(List<String> accept) {
        try {
            MediaType.parseMediaTypes(accept);
            return true;
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }

    private static final class WithoutHeaders extends HttpServletRequestWrapper {

        private final Set<String> hidden;

        WithoutHeaders(HttpServletRequest request, Set<String> hidden) {
            super(request);
            this.hidden = hidden;
        }

        @Override
        public @Nullable String getContentType() {
            return hidden.contains(HttpHeaders.CONTENT_TYPE) ? null : super.getContentType();
        }

        @Override
        public @Nullable String getHeader(String name) {
            return hidden.contains(name) ? null : super.getHeader(name);
        }

        @Override
        public Enumeration<String> getHeaders(String name) {
            return hidden.contains(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
        }

        @Override
        public Enumeration<String> getHeaderNames() {
            return Collections.enumeration(Collections.list(super.getHeaderNames()).stream()
                    .filter(name -> !hidden.contains(name))
                    .toList());
        }
    }

    /** Where nothing answers to a path, the server would name every method it knows, among them PATCH, which nothing here takes. */
    private static final class OptionsAnswer extends HttpServletResponseWrapper {

        OptionsAnswer(HttpServletResponse response) {
            super(response);
        }

        @Override
        public void setHeader(String name, String value) {
            if (!name.toLowerCase(Locale.ROOT).equals("allow")) {
                super.setHeader(name, value);
            } else if (getStatus() < 400) {
                super.setHeader(name, value.contains("PATCH") ? ALLOWED : value.replaceAll(" *, *", ", "));
            }
        }

        @Override
        public void addHeader(String name, String value) {
            if (name.toLowerCase(Locale.ROOT).equals("allow")) {
                setHeader(name, value);
            } else {
                super.addHeader(name, value);
            }
        }
    }

    /** On an answer of the server itself, which knows nothing of what is behind it. */
    static void allow(HttpServletResponse response) {
        response.setHeader(HttpHeaders.ALLOW, ALLOWED);
    }
}
