package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Reason;

/** What is said of an image on which this program itself broke, with an exception or an error that nobody expected. */
final class Breakdown {

    private Breakdown() {}

    /**
     * @param doing what, for people: {@code reading layer sha256:…}
     */
    static Reason reason(String doing, Throwable thrown) {
        OutOfMemoryError memory = Causes.find(thrown, OutOfMemoryError.class);
        return new Reason(
                Reason.Code.INTERNAL_ERROR,
                memory != null
                        ? doing + " needs more memory than the analyzer has ("
                                + (Runtime.getRuntime().maxMemory() >> 20)
                                + " MiB); give it more, or let it take fewer images at once (basewatch.analyzer.images)"
                        : doing + " broke with "
                                + Causes.innermost(thrown).getClass().getSimpleName()
                                + "; this is a mistake of Basewatch, please report it");
    }

    /** Whether another try may come further, as when other images in hand took the memory. */
    static boolean mayPass(Throwable thrown) {
        return Causes.find(thrown, OutOfMemoryError.class) != null;
    }
}
