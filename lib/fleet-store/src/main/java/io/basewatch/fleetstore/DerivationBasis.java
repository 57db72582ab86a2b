package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.Reason;
import java.util.List;
import java.util.Map;

/**
 * What an analysis was made of beside the facts of its layers, so that it can be made again without asking the registry. Kept only with an
 * analysis all of whose layers were read to their end.
 *
 * @param factsVersion of the analyzer that made it
 * @param entrypoint this and the next three: of the image's config, no more than detectors may rely on
 * @param reasons what manifest, config and layers gave, before any detector looked
 */
public record DerivationBasis(
        String factsVersion,
        List<String> entrypoint,
        List<String> cmd,
        List<String> env,
        Map<String, String> labels,
        List<Reason> reasons) {

    public DerivationBasis {
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        env = List.copyOf(env);
        labels = Map.copyOf(labels);
        reasons = List.copyOf(reasons);
    }
}
