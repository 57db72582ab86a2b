package io.basewatch.backlog;

/**
 * What counts how much. Points of one image are at most {@code ended} + {@code certain} + {@code risk} together.
 *
 * @param ended most points of an image whose free support has ended; it begins with 8 on the day after the last and grows with the logarithm of the days
 * @param certain most points for what will fail for certain
 * @param risk most points for what may bite
 * @param furtherImage share of a further image's points where a repository has several: they are mostly older builds of the same
 * @param unknownEffort points of effort for a repository of which nothing is known
 * @param rebuild points of effort for each repository that moves along when its base has moved: it has to be built again
 */
public record Weights(
        double ended, double certain, double risk, double furtherImage, double unknownEffort, double rebuild) {

    public static final Weights DEFAULT = new Weights(35, 45, 20, 0.1, 5, 0.5);

    public Weights {
        require("ended", ended, 1_000);
        require("certain", certain, 1_000);
        require("risk", risk, 1_000);
        require("further-image", furtherImage, 1);
        require("unknown-effort", unknownEffort, 1_000);
        require("rebuild", rebuild, 1_000);
    }

    private static void require(String name, double value, double most) {
        if (!(value >= 0 && value <= most)) {
            throw new IllegalArgumentException(
                    "weight '" + name + "' is " + value + ": give a number from 0 to " + most);
        }
    }
}
