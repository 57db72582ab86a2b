package io.basewatch.backlog;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What Alpine's packages are called on Debian: {@code packages.json}, with its source and date. */
public final class PackageNames {

    private static final PackageNames BUNDLED = new PackageNames();

    private final Map<String, Mapped> byApk = new HashMap<>();

    /**
     * One of Alpine's packages.
     *
     * @param debian what does the same there; null where there is none
     * @param dropped whether nothing is needed in its place
     * @param suites of Debian whose index has that name
     * @param note for people; null when there is nothing to say
     */
    public record Mapped(
            @Nullable String debian,
            boolean dropped,
            Set<String> suites,
            @Nullable String note) {

        public Mapped {
            suites = Set.copyOf(suites);
        }

        /** Whether somebody has to look for something else. */
        public boolean isMissing() {
            return debian == null && !dropped;
        }
    }

    private PackageNames() {
        JsonNode root = Resources.read("packages.json");
        for (JsonNode row : root.path("packages")) {
            Set<String> suites = new HashSet<>();
            row.path("suites").forEach(suite -> suites.add(suite.asString()));
            byApk.put(
                    row.path("apk").asString(),
                    new Mapped(
                            row.path("deb").isString() ? row.path("deb").asString() : null,
                            row.path("dropped").asBoolean(false),
                            suites,
                            row.path("note").isString() ? row.path("note").asString() : null));
        }
    }

    public static PackageNames bundled() {
        return BUNDLED;
    }

    /** Empty for a package that the data does not know. */
    public Optional<Mapped> find(String apk) {
        return Optional.ofNullable(byApk.get(apk));
    }
}
