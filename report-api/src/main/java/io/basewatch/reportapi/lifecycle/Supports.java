package io.basewatch.reportapi.lifecycle;

import io.basewatch.fleetmodel.Support;
import io.basewatch.lifecycle.Lifecycle;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How long releases are supported, by one dataset and seen from one day: long lists name few of them again and again. For one answer; not thread-safe. */
public final class Supports {

    private final Lifecycle dates;
    private final LocalDate day;
    private final Map<Names, Support> known = new HashMap<>();

    public Supports(Lifecycle dates, LocalDate day) {
        this.dates = dates;
        this.day = day;
    }

    private record Names(
            @Nullable String id,
            @Nullable String version,
            @Nullable String codename,
            @Nullable String variant) {}

    /** As {@link Lifecycle#support(String, String, String, String, LocalDate)}. */
    public Support of(
            @Nullable String id, @Nullable String version, @Nullable String codename, @Nullable String variant) {
        return known.computeIfAbsent(
                new Names(id, version, codename, variant), names -> dates.support(id, version, codename, variant, day));
    }
}
