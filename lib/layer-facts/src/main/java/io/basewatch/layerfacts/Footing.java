package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.ImageInputs;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Layers that several images begin with, laid over each other, and what was concluded on images that stand on them. Thread-safe. */
final class Footing {

    /** Of the same question too: two programs on one base have other environments. */
    private static final int MOST_ANSWERS = 12;

    private static final int OVERHEAD_BYTES = 2_000;

    private final List<LayerFacts> layers;
    private final LayerTree laid;
    private final Consumer<Footing> grown;

    /** In order of their last use. */
    private final Map<Question<?>, Answer> answers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Question<?>, Answer> eldest) {
            return size() > MOST_ANSWERS;
        }
    };

    /**
     * @param kinds that the view tells of where they were not kept
     * @param given told apart by {@code equals}
     */
    record Question<T>(Class<T> type, List<FactsKind> kinds, ImageInputs inputs, Object given) {}

    private record Answer(Looked looked, Object drawn, int bytes) {}

    /**
     * @param laid nobody lays anything over it
     * @param grown told whenever it holds more than before
     */
    Footing(List<LayerFacts> layers, LayerTree laid, Consumer<Footing> grown) {
        this.layers = layers;
        this.laid = laid;
        this.grown = grown;
    }

    List<LayerFacts> layers() {
        return layers;
    }

    /** One's own, to lay more over it. */
    LayerTree tree() {
        return laid.copy();
    }

    /**
     * @return null when it was not asked before, or something is different for one who stands on this footing with these changes
     */
    <T> @Nullable T known(Question<T> question, Changes changes) {
        Answer answer;
        synchronized (answers) {
            answer = answers.get(question);
        }
        return answer == null || answer.looked().isTouchedBy(changes)
                ? null
                : question.type().cast(answer.drawn());
    }

    <T> void keep(Question<T> question, Looked looked, T drawn, int bytes) {
        synchronized (answers) {
            answers.put(question, new Answer(looked, drawn, bytes + looked.bytes()));
        }
        grown.accept(this);
    }

    /** Of the heap, about, with the facts of its layers. */
    long bytes() {
        long bytes = laid.bytes() + OVERHEAD_BYTES;
        for (LayerFacts facts : layers) {
            bytes += facts.heldBytes();
        }
        synchronized (answers) {
            for (Answer answer : answers.values()) {
                bytes += answer.bytes();
            }
        }
        return bytes;
    }
}
