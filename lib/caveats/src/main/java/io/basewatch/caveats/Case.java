package io.basewatch.caveats;

import org.jspecify.annotations.Nullable;

/** What rules look at: an image, what was told of it before, and what is found out once for all of them, when the first asks. For one thread. */
final class Case {

    private final JudgedImage image;
    private @Nullable Startable startable;
    private @Nullable LoadVerdicts loads;

    Case(JudgedImage image) {
        this.image = image;
    }

    JudgedImage image() {
        return image;
    }

    Startable startable() {
        Startable known = startable;
        if (known == null) {
            known = new Startable(image);
            startable = known;
        }
        return known;
    }

    LoadVerdicts loads() {
        LoadVerdicts known = loads;
        if (known == null) {
            known = LoadVerdicts.of(image, startable());
            loads = known;
        }
        return known;
    }
}
