package io.basewatch.caveats;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.elf.loading.LoadProof.Outcome;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.CorpusImages;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.Scores;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** What is foretold of a move against what is said of the image that was really put onto the other base. */
@ExtendWith(Scores.class)
class RebasedCorpusTest {

    /** The oldest and the newest of their kind that others of the corpus stand on. */
    private static final List<String> TARGETS =
            List.of("library/alpine 3.12.12", "library/alpine 3.20.3", "library/debian 12-slim");

    /**
     * Its own layers lay a link to musl's loader over glibc's own one. What is foretold is of programs and libraries that are built upon the other base, where nobody makes that link; layers that
     * are put there as they are bring it along, and so a rebase is told of on the same kind of C library alone.
     */
    private static final String BRINGS_A_LOADER = "apps/alpine-libc6compat";

    private final CorpusImages corpus = CorpusImages.open(Kinds.all());
    private final Map<String, JsonNode> byDigest = new HashMap<>();

    RebasedCorpusTest() {
        corpus.images().forEach(image -> byDigest.put(image.get("digest").asString(), image));
    }

    /** As the images that stand on it name it: it may be one of several of an index, to which no tag leads by itself. */
    private JsonNode target(String name) {
        String[] parts = name.split(" ", 2);
        return corpus.images().stream()
                .map(image -> image.path("expected_base_image"))
                .filter(base -> base.path("repo").asString("").equals(parts[0])
                        && base.path("tags").toString().contains("\"" + parts[1] + "\""))
                .map(base -> byDigest.get(base.get("digest").asString()))
                .findFirst()
                .orElseThrow();
    }

    private static JudgedImage judged(List<LayerFacts> layers, ImageInputs inputs) {
        return JudgedImage.of(Fingerprinter.see(layers, inputs, true), Fingerprint.unknown());
    }

    /** By path, and of what lies elsewhere as the other base has other links, by name. */
    private static Map<String, Outcome> outcomes(JudgedImage image) {
        Map<String, Outcome> outcomes = new HashMap<>();
        for (LoadVerdict verdict : LoadVerdicts.of(image, new Startable(image)).all()) {
            String path = verdict.object().path();
            outcomes.put(path, verdict.proof().outcome());
            outcomes.put(name(path), verdict.proof().outcome());
        }
        return outcomes;
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    @Test
    void whatIsForetoldOfEachOwnObjectIsWhatIsSaidOfItThere() throws Exception {
        List<String> wrong = new ArrayList<>();
        List<String> wrongByLoader = new ArrayList<>();
        int compared = 0;
        int moves = 0;
        Set<WhatIf.Effect> effects = new HashSet<>();
        for (JsonNode image : corpus.images()) {
            JsonNode base = byDigest.get(image.at("/expected_base_image/digest").asString(""));
            if (base == null) {
                continue;
            }
            int lowest = base.get("layers").size();
            List<LayerFacts> layers = corpus.layers(image);
            List<LayerFacts> own = layers.subList(lowest, layers.size());
            Set<Digest> ownLayers = new HashSet<>();
            own.forEach(layer -> ownLayers.add(layer.diffId()));
            JudgedImage moved = judged(layers, corpus.inputs(image));
            Set<String> ownPaths = new HashSet<>();
            moved.elfFiles().all().stream()
                    .filter(file -> ownLayers.contains(file.layer()))
                    .forEach(file -> ownPaths.add(file.path()));
            if (ownPaths.isEmpty()) {
                continue;
            }
            for (String name : TARGETS) {
                JsonNode target = target(name);
                List<LayerFacts> rebuilt = new ArrayList<>(corpus.layers(target));
                JudgedImage on = judged(rebuilt, corpus.inputs(target));
                rebuilt.addAll(own);
                Map<String, Outcome> said = outcomes(judged(rebuilt, corpus.inputs(image)));
                moves++;
                for (WhatIf.Change change :
                        WhatIf.of(moved, ownPaths::contains, on).changes()) {
                    String path = change.object().path();
                    compared++;
                    effects.add(change.effect());
                    if (change.there().outcome() != said.getOrDefault(path, said.get(name(path)))) {
                        boolean isByLoader = image.get("repo").asString().equals(BRINGS_A_LOADER)
                                && !name.startsWith(base.get("repo").asString() + " ");
                        (isByLoader ? wrongByLoader : wrong)
                                .add(CorpusImages.name(image) + " on " + name + ": " + path + " foretold "
                                        + change.there() + ", is " + said.getOrDefault(path, said.get(name(path))));
                    }
                }
            }
        }
        Scores.tell(
                "objects of images that were moved are as foretold",
                compared - wrong.size() - wrongByLoader.size(),
                compared);
        assertThat(wrong).isEmpty();
        assertThat(wrongByLoader)
                .as("what is to be left behind")
                .isNotEmpty()
                .allMatch(each -> each.endsWith("is FAILS"));
        assertThat(moves).isGreaterThan(20);
        assertThat(compared).isGreaterThan(200);
        assertThat(effects)
                .contains(
                        WhatIf.Effect.BREAKS,
                        WhatIf.Effect.NEWLY_LOADS,
                        WhatIf.Effect.STILL_LOADS,
                        WhatIf.Effect.STILL_FAILS);
    }
}
