package io.basewatch.reportapi.access;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * Whether what changes something was asked for by a page of this service, or by no page. A browser sends who is signed in, and reaches this machine, for the pages of others too; and a name
 * of theirs may lead here.
 */
final class Origins {

    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    private final List<String> hosts;
    private final boolean isOpen;

    /**
     * @param hosts names under which people reach the service
     * @param isOpen whether nobody says who they are
     */
    Origins(List<String> hosts, boolean isOpen) {
        this.hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
        this.isOpen = isOpen;
    }

    static boolean isSafe(HttpServletRequest request) {
        return SAFE.contains(request.getMethod());
    }

    /** Why it is not to be done, for people; null when it is. */
    @Nullable
    String problem(HttpServletRequest request) {
        if (isSafe(request)) {
            return null;
        }
        String host = lower(request.getHeader(HttpHeaders.HOST));
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin") && !site.equals("none")) {
            return "A page of another origin may not change anything here.";
        }
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        // Browsers hide the origin of a page that tells nobody where it leads from, also from itself.
        boolean isHidden = "null".equals(origin) && "same-origin".equals(site);
        if (origin != null && !isHidden && !isOurs(origin, host)) {
            return "A page of another origin may not change anything here. Behind a proxy, name its host in"
                    + " basewatch.access.hosts.";
        }
        if (isOpen && !hosts.contains(host) && !isOfThisMachine(host)) {
            return "The name in 'Host' is none of this service: use an address, or name it in basewatch.access.hosts.";
        }
        return null;
    }

    private boolean isOurs(String origin, String host) {
        try {
            URI page = new URI(origin.toLowerCase(Locale.ROOT));
            if (page.getRawAuthority() == null || page.getHost() == null) {
                return false;
            }
            String usual = page.getHost() + ("https".equals(page.getScheme()) ? ":443" : ":80");
            String authority = page.getRawAuthority();
            return authority.equals(host) || (page.getPort() < 0 && usual.equals(host)) || hosts.contains(authority);
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** A name can be made to lead anywhere, a number cannot. */
    private static boolean isOfThisMachine(String host) {
        String name = host.replaceFirst(":[0-9]+$", "");
        return name.isEmpty()
                || name.equals("localhost")
                || name.endsWith(".localhost")
                || name.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")
                || name.matches("\\[[0-9a-f:.%]+]");
    }

    private static String lower(@Nullable String text) {
        return text == null ? "" : text.toLowerCase(Locale.ROOT);
    }
}
