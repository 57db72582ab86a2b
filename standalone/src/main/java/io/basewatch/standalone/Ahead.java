package io.basewatch.standalone;

import io.basewatch.caveats.Judge;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.Once;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lineage.KnownBases;
import java.util.List;

/** What this program carries and telling of an image needs, which a thread of its own reads while the image is read. Where nobody has begun it is read when it is asked for. */
final class Ahead {

    /** The tables that say for which files layers are read: some fifty milliseconds, and nothing of the image can be read before. */
    private static final Once<?> READING = new Once<>(() -> {
        Kinds.all().forEach(FactsKind::hints);
        return null;
    });

    private static final Once<Lifecycle> LIFECYCLE = new Once<>(Lifecycle::bundled);
    private static final Once<KnownBases> BASES = new Once<>(KnownBases::bundled);

    /** What detectors and rules go by; waited for by whoever asks these, as classes are. */
    private static final Once<?> TELLING = new Once<>(() -> {
        Fingerprinter.prepare();
        return Judge.version();
    });

    private Ahead() {}

    static void begin() {
        Thread thread =
                new Thread(() -> List.of(READING, LIFECYCLE, BASES, TELLING).forEach(Once::make), "ahead");
        thread.setDaemon(true);
        thread.start();
    }

    /** How long releases are supported. */
    static Lifecycle lifecycle() {
        return LIFECYCLE.get();
    }

    /** Well-known images. */
    static KnownBases bases() {
        return BASES.get();
    }
}
