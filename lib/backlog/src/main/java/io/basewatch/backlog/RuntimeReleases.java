package io.basewatch.backlog;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Until when releases of a runtime get fixes, and which one follows on one that gets none: {@code runtimes} of {@code targets.json}. */
final class RuntimeReleases {

    /** What ends sooner is no place to move to, where there is another. */
    private static final int WORTH_A_MOVE_DAYS = 180;

    private final String name;
    private final List<Release> releases;

    private RuntimeReleases(String name, List<Release> releases) {
        this.name = name;
        this.releases = releases;
    }

    /**
     * @param from first day
     * @param until last day with fixes
     * @param atLeast whether nobody knows what comes after that
     * @param stays whether it is made to be stayed with
     */
    private record Release(String version, LocalDate from, LocalDate until, boolean atLeast, boolean stays) {

        boolean isOn(LocalDate day) {
            return !day.isBefore(from) && !day.isAfter(until);
        }
    }

    /**
     * What to name in a tag.
     *
     * @param note for people; null when there is nothing to say
     */
    record Chosen(String version, @Nullable String note) {}

    /** Of that runtime; knows none where the data knows none. */
    static RuntimeReleases of(JsonNode data, String runtime) {
        List<Release> releases = new ArrayList<>();
        for (JsonNode row : data.path(runtime).path("releases")) {
            releases.add(new Release(
                    row.path("version").asString(),
                    LocalDate.parse(row.path("from").asString()),
                    LocalDate.parse(row.path("until").asString()),
                    row.path("at_least").asBoolean(false),
                    row.path("lts").asBoolean(true)));
        }
        releases.sort(Comparator.comparing(Release::version, RuntimeReleases::compare));
        return new RuntimeReleases(data.path(runtime).path("name").asString(runtime), releases);
    }

    /**
     * The release itself as long as it gets fixes, or as nobody knows better; else the lowest above it that gets some for a while yet. Empty when there is none.
     *
     * @param version as many of its numbers as tags have
     */
    Optional<Chosen> on(LocalDate day, String version) {
        Release own = releases.stream()
                .filter(release -> compare(release.version(), version) == 0)
                .findFirst()
                .orElse(null);
        boolean isNewer = releases.isEmpty()
                || compare(version, releases.get(releases.size() - 1).version()) > 0;
        if (own == null ? isNewer : own.atLeast() && day.isAfter(own.until())) {
            return Optional.of(new Chosen(version, "until when " + name + " " + version + " gets fixes is not known"));
        }
        if (own != null && !day.isAfter(own.until())) {
            return Optional.of(new Chosen(
                    version,
                    name + " " + version + " gets fixes until " + own.until() + (own.atLeast() ? " or longer" : "")));
        }
        List<Release> later = releases.stream()
                .filter(release -> release.stays() && release.isOn(day) && compare(release.version(), version) > 0)
                .toList();
        return later.stream()
                .filter(release -> !release.until().isBefore(day.plusDays(WORTH_A_MOVE_DAYS)))
                .findFirst()
                .or(() -> later.stream().max(Comparator.comparing(Release::until)))
                .map(release -> new Chosen(
                        release.version(),
                        name + " " + version
                                + (own == null ? " gets no fixes any more; " : " ended on " + own.until() + "; ")
                                + release.version() + " gets them until " + release.until()
                                + (release.atLeast() ? " or longer" : "")));
    }

    /** By their numbers, one after the other. */
    private static int compare(String one, String other) {
        String[] here = one.split("[.]", -1);
        String[] there = other.split("[.]", -1);
        for (int n = 0; n < Math.min(here.length, there.length); n++) {
            int order = Integer.compare(Integer.parseInt(here[n]), Integer.parseInt(there[n]));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(here.length, there.length);
    }
}
