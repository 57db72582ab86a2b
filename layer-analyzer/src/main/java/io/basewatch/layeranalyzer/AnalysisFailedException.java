package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Reason;

/** An image could not be read wholly, and the event is kept for another try: soon by this process, or later by a person. */
final class AnalysisFailedException extends RuntimeException {

    private final transient ImageAnalyzer.Outcome outcome;

    AnalysisFailedException(ImageAnalyzer.Outcome outcome) {
        super(outcome.analysis().reasons().stream()
                .findFirst()
                .map(Reason::message)
                .orElse("no reason"));
        this.outcome = outcome;
    }

    /** What is to be kept when this was the last try. */
    ImageAnalyzer.Outcome outcome() {
        return outcome;
    }
}
