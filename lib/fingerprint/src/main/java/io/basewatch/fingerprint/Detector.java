package io.basewatch.fingerprint;

import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.ImageView;

/**
 * Recognises one kind of trace that an image can carry. Stateless. Adding one: its package, one entry in {@link Detectors#all()}, a fixture folder. A new
 * version of its {@link #id} re-derives the results of stored facts.
 */
public interface Detector extends FactsKind {

    /**
     * Looks at the squashed file system and adds what it believes. A file that is not there is no finding; a file that is there but broken is told by
     * {@link Findings#invalid}. Detectors run in the order of the list and may read what earlier ones found.
     */
    void detect(ImageView image, Findings findings);
}
