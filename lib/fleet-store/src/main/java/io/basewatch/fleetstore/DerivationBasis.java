package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Reason;
import java.util.List;

/**
 * What an analysis was made of beside the facts of its layers, so that it can be made again without asking the registry. Kept only with an
 * analysis all of whose layers were read to their end.
 *
 * @param inputsVersion {@link ImageInputs#VERSION} of the analyzer that made it
 * @param inputs what may be kept of them
 * @param reasons what manifest, config and layers gave, before any detector looked
 */
public record DerivationBasis(int inputsVersion, ImageInputs inputs, List<Reason> reasons) {

    public DerivationBasis {
        reasons = List.copyOf(reasons);
    }
}
