package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.ociregistry.RawServer.Reply;
import io.basewatch.ociregistry.RawServer.Seen;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Pages that a registry does not send again, and proofs that are none. */
class UnchangedPagesTest {

    private static final URI PAGE = URI.create("https://r.example.com/v2/a/tags/list?n=100");

    /** Two pages of tags, each with an ETag of its own. */
    private static final class TwoPages {
        final Map<String, String> tags = new ConcurrentHashMap<>(Map.of("1", "\"a\",\"b\"", "2", "\"c\""));
        final Map<String, String> etags = new ConcurrentHashMap<>(Map.of("1", "\"one\"", "2", "\"two\""));

        Reply answer(Seen request) {
            String page = request.uri().getQuery().contains("last=") ? "2" : "1";
            String etag = etags.get(page);
            if (etag.equals(request.headers().get("if-none-match"))) {
                return Reply.status(304, "ETag", etag);
            }
            byte[] body = ("{\"name\":\"a\",\"tags\":[" + tags.get(page) + "]}").getBytes(StandardCharsets.UTF_8);
            return page.equals("1")
                    ? Reply.of(body, "ETag", etag, "Link", "</v2/a/tags/list?n=2&last=b>; rel=\"next\"")
                    : Reply.of(body, "ETag", etag);
        }
    }

    private static List<String> tags(Registry registry) throws RegistryException {
        List<String> names = new ArrayList<>();
        Pages pages = registry.tags("a");
        for (Optional<List<String>> page = pages.next(); page.isPresent(); page = pages.next()) {
            names.addAll(page.get());
        }
        return names;
    }

    @Test
    void whatHasNotChangedIsNotSentAgainAndEachPageIsAskedForByItself() throws Exception {
        TwoPages pages = new TwoPages();
        try (RawServer server = new RawServer(pages::answer);
                Registry registry = Registry.connect(TestSettings.of(server.url()))) {
            assertThat(tags(registry)).containsExactly("a", "b", "c");
            assertThat(registry.requests(RequestKind.LIST)).isEqualTo(2);
            assertThat(tags(registry)).containsExactly("a", "b", "c");
            assertThat(registry.requests(RequestKind.LIST)).isEqualTo(2);
            assertThat(registry.requests(RequestKind.UNCHANGED)).isEqualTo(2);
            assertThat(registry.requests()).isEqualTo(4);

            // The first page says nothing of it.
            pages.tags.put("2", "\"c\",\"d\"");
            pages.etags.put("2", "\"three\"");
            assertThat(tags(registry)).containsExactly("a", "b", "c", "d");
            pages.tags.put("2", "");
            pages.etags.put("2", "\"four\"");
            assertThat(tags(registry)).containsExactly("a", "b");
        }
    }

    @Test
    void aWeakProofIsNoneWhereNobodyDocumentsIt() throws Exception {
        TwoPages pages = new TwoPages();
        pages.etags.replaceAll((page, etag) -> "W/" + etag);
        try (RawServer server = new RawServer(pages::answer);
                Registry registry = Registry.connect(TestSettings.of(server.url()))) {
            tags(registry);
            pages.tags.put("2", "\"c\",\"d\"");
            assertThat(tags(registry)).contains("d");
            assertThat(server.seen()).noneMatch(seen -> seen.headers().containsKey("if-none-match"));
        }
        String packages = "[{\"name\":\"app\"}]";
        try (RawServer github = new RawServer(request -> request.headers().containsKey("if-none-match")
                        ? Reply.status(304)
                        : Reply.of(packages.getBytes(StandardCharsets.UTF_8), "ETag", "W/\"x\""));
                Registry registry =
                        Registry.connect(TestSettings.of(github.url()).withKind(RegistryKind.GITHUB, null, null))) {
            Listing listing = registry.listing(new NamePatterns(List.of("acme/**"), null));
            assertThat(listing.repositories().next()).contains(List.of("acme/app"));
            assertThat(listing.repositories().next()).contains(List.of("acme/app"));
            assertThat(registry.requests(RequestKind.UNCHANGED)).isEqualTo(1);
        }
    }

    private static ListedPage page(String body) {
        return new ListedPage(body.getBytes(StandardCharsets.UTF_8), List.of(), PAGE);
    }

    @Test
    void aProofIsBelievedForAnHour() {
        AtomicLong now = new AtomicLong();
        KeptPages pages = new KeptPages(false, now::get);
        pages.keep(PAGE, "\"1\"", page("a"));
        now.addAndGet(KeptPages.BELIEVED.toNanos());
        assertThat(pages.proven(PAGE)).isNotNull();
        now.incrementAndGet();
        assertThat(pages.proven(PAGE)).isNull();
        pages.keep(PAGE, "\"1\"", page("a"));
        assertThat(pages.proven(PAGE)).isNotNull();
        pages.keep(PAGE, "", page("b"));
        assertThat(pages.proven(PAGE)).isNull();
    }

    @Test
    void aRegistryWhoseProofDoesNotChangeWithItsPageIsNotBelievedAnyMore() {
        KeptPages pages = new KeptPages(false, () -> 0);
        URI other = PAGE.resolve("?n=200");
        pages.keep(other, "\"9\"", page("x"));
        pages.keep(PAGE, "\"1\"", page("a"));
        pages.keep(PAGE, "\"1\"", page("b"));
        assertThat(pages.proven(PAGE)).isNull();
        assertThat(pages.proven(other)).isNull();
        pages.keep(PAGE, "\"2\"", page("c"));
        assertThat(pages.proven(PAGE)).isNull();
    }

    @Test
    void whatIsKeptIsBounded() {
        KeptPages pages = new KeptPages(false, () -> 0);
        String body = "x".repeat(KeptPages.MAX_PAGE_BYTES);
        for (int n = 0; n < 100; n++) {
            pages.keep(PAGE.resolve("?n=" + n), "\"1\"", page(body));
            pages.proven(PAGE.resolve("?n=0"));
        }
        long kept = 0;
        for (int n = 0; n < 100; n++) {
            KeptPages.Kept one = pages.proven(PAGE.resolve("?n=" + n));
            kept += one == null ? 0 : one.page().body().length;
        }
        assertThat(kept).isGreaterThan(KeptPages.MAX_BYTES / 2).isLessThanOrEqualTo(KeptPages.MAX_BYTES);
        assertThat(pages.proven(PAGE.resolve("?n=0")))
                .as("what is used most stays")
                .isNotNull();
        pages.keep(PAGE, "\"1\"", page(body + "x"));
        assertThat(pages.proven(PAGE)).isNull();
        for (String none : Arrays.asList("1", "\"", "\"a\nb\"", "\"" + "x".repeat(300) + "\"", "W/\"a\"")) {
            pages.keep(PAGE, none, page("a"));
            assertThat(pages.proven(PAGE)).as(none).isNull();
        }
    }
}
