package io.basewatch.layeranalyzer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.layerfacts.FactsName;
import io.basewatch.layerfacts.LayerFacts;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Facts of layers as they lie in the store, decoded: those of bases that many images stand on are asked for again and again. Holds only what is in the store, whole
 * and for all kinds of now; bounded by weight, and looked up anew
 * after {@link #FRESH}, so that what somebody takes out of the store is not believed to be there for long. Thread-safe.
 */
final class KnownFacts {

    /** Of the heap, and never more than {@link #MAX_BYTES}: facts are held compressed, those of a Debian take half a megabyte. */
    private static final int SHARE_OF_HEAP = 16;

    private static final long MAX_BYTES = 64L << 20;
    private static final int MAX_NAMES = 10_000;
    private static final Duration FRESH = Duration.ofMinutes(10);

    /** Of an entry's objects. */
    private static final int OVERHEAD_BYTES = 2_000;

    private final Cache<FactsName, LayerFacts> facts;
    private final Cache<Digest, FactsName> names =
            Caffeine.newBuilder().maximumSize(MAX_NAMES).expireAfterWrite(FRESH).build();

    KnownFacts(long maxBytes) {
        this.facts = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher((FactsName name, LayerFacts held) ->
                        (int) Math.min(Integer.MAX_VALUE, held.heldBytes() + OVERHEAD_BYTES))
                .expireAfterWrite(FRESH)
                .build();
    }

    static KnownFacts ofThisProcess() {
        return new KnownFacts(Math.min(MAX_BYTES, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP));
    }

    /** Under which name the facts of a layer lie, by the digest of its stored bytes; asked for where it is not held, and held when there is one. */
    Optional<FactsName> name(Digest layer, Supplier<Optional<FactsName>> store) {
        FactsName held = names.getIfPresent(layer);
        if (held != null) {
            return Optional.of(held);
        }
        Optional<FactsName> found = store.get();
        found.ifPresent(name -> names.put(layer, name));
        return found;
    }

    Optional<LayerFacts> facts(FactsName name) {
        return Optional.ofNullable(facts.getIfPresent(name));
    }

    void hold(FactsName name, LayerFacts whole) {
        facts.put(name, whole);
    }

    /** Of all facts that are held, after what is too much was let go. */
    long weight() {
        facts.cleanUp();
        return facts.policy().eviction().orElseThrow().weightedSize().orElse(0);
    }
}
