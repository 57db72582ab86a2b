package io.basewatch.reportapi.page;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import org.springframework.web.servlet.resource.ResourceUrlEncodingFilter;

/**
 * Writes links to styles, scripts and pictures with the names that hold what is in them. All other links stay as they are: each would be looked for among the files of the whole program,
 * which takes most of the time of a page with many.
 */
final class AssetNames extends ResourceUrlEncodingFilter {

    /** What such a link has in it, behind whatever path the program lies under. */
    static final String PLACE = "/assets/";

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        super.doFilter(
                request,
                response,
                (asked, named) ->
                        chain.doFilter(asked, new Links((HttpServletResponse) response, (HttpServletResponse) named)));
    }

    private static final class Links extends HttpServletResponseWrapper {

        private final HttpServletResponse plain;

        Links(HttpServletResponse plain, HttpServletResponse named) {
            super(named);
            this.plain = plain;
        }

        @Override
        public String encodeURL(String url) {
            return url.contains(PLACE) ? super.encodeURL(url) : plain.encodeURL(url);
        }
    }
}
