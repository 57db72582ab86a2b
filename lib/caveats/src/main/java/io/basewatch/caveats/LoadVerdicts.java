package io.basewatch.caveats;

import java.util.List;

/** What the image's own loaders would say of each of its objects. */
final class LoadVerdicts {

    private final List<LoadVerdict> all;

    private LoadVerdicts(List<LoadVerdict> all) {
        this.all = all;
    }

    static LoadVerdicts of(JudgedImage image, Startable startable) {
        return new LoadVerdicts(List.of());
    }

    /** In order of the objects' paths: all that do not load or of which it cannot be known, and those that load. */
    List<LoadVerdict> all() {
        return all;
    }
}
