package io.basewatch.reportapi.page;

import io.basewatch.fleetstore.StoreUnavailableException;
import io.basewatch.reportapi.web.BusyException;
import io.basewatch.reportapi.web.NotFoundException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A part of a page that may be missing while the others are there.
 *
 * @param value null where it cannot be told
 * @param trouble why not, for people; null beside a value
 */
record Asked<T>(@Nullable T value, @Nullable String trouble) {

    static <T> Asked<T> of(Supplier<T> question) {
        try {
            return new Asked<>(question.get(), null);
        } catch (BusyException | NotFoundException e) {
            return new Asked<>(null, String.valueOf(e.getMessage()));
        } catch (StoreUnavailableException e) {
            // Where all of the store is away, the other parts of the page say so.
            return new Asked<>(
                    null, "Not known now: the store did not answer when this was read last. It is tried again.");
        }
    }

    /** A field of a form that was left empty was not asked for. */
    static @Nullable String text(@Nullable String parameter) {
        return parameter == null || parameter.isBlank() ? null : parameter.strip();
    }
}
