package io.basewatch.reportapi.web;

import io.swagger.v3.oas.annotations.media.Schema;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;
import org.springframework.web.util.UriUtils;

/**
 * Some of a list, in its key's order.
 *
 * @param next where the next ones are, also in the header {@code Link}; absent on the last page
 */
@Schema(requiredProperties = "items")
public record Page<T>(
        List<T> items,

        @Schema(
                description = "Path and query of the next page; absent on the last one.",
                example = "/api/v1/images?limit=100&after=images%3Asha256%3A…")
        @Nullable
        String next) {

    public static final int DEFAULT_LIMIT = 100;

    public static final int MAX_LIMIT = 1000;

    public Page {
        items = List.copyOf(items);
    }

    /**
     * @param cursor of the request
     * @param lastKey the last item's key when there are more behind it; null on the last page
     */
    public static <T> ResponseEntity<Page<T>> answer(List<T> items, Cursor cursor, @Nullable String lastKey) {
        String next = next(cursor, lastKey);
        ResponseEntity.BodyBuilder answer = ResponseEntity.ok();
        if (next != null) {
            answer.header(HttpHeaders.LINK, "<" + next + ">; rel=\"next\"");
        }
        return answer.body(new Page<>(items, next));
    }

    /** Path and query of the page behind this one; parameters as of {@link #answer}, null on the last page. */
    public static @Nullable String next(Cursor cursor, @Nullable String lastKey) {
        if (lastKey == null) {
            return null;
        }
        // Without scheme and host: behind a proxy only the client knows them.
        var here = ServletUriComponentsBuilder.fromCurrentRequest()
                .replaceQueryParam("after", UriUtils.encode(cursor.write(lastKey), StandardCharsets.UTF_8))
                .build();
        return here.getPath() + "?" + here.getQuery();
    }

    /**
     * @throws BadParameterException when it is not a number from 1 to {@value #MAX_LIMIT}
     */
    public static int limit(@Nullable String text) {
        if (text == null) {
            return DEFAULT_LIMIT;
        }
        if (text.matches("[1-9][0-9]{0,3}")) {
            int limit = Integer.parseInt(text);
            if (limit <= MAX_LIMIT) {
                return limit;
            }
        }
        throw new BadParameterException("limit", text, "a number from 1 to " + MAX_LIMIT);
    }
}
