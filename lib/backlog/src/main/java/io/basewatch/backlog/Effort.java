package io.basewatch.backlog;

import io.basewatch.fleetmodel.MoveFacts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What it would cost to move, in points that mean nothing but in comparison.
 *
 * @param total sum of the parts, at least 1
 */
public record Effort(double total, List<Part> parts) {

    private static final double MAX_LAYERS = 6;
    private static final double MAPPED = 0.3;
    private static final double UNMAPPED = 3;
    private static final double PINNED = 2;
    private static final double BUILT_FOR_MUSL = 4;
    private static final double MAX_BUILT_FOR_MUSL = 12;
    private static final double SHELL = 2;
    private static final double MAX_SHELL = 4;
    private static final double COLLATED = 8;

    /**
     * @param code few, for programs
     * @param points to hundredths, so that people can add them up
     * @param count of what
     * @param message for people
     */
    public record Part(String code, double points, long count, String message) {
        public Part {
            points = Points.round(points);
        }
    }

    public Effort {
        parts = List.copyOf(parts);
    }

    static Effort of(List<Part> parts) {
        double sum = parts.stream().mapToDouble(Part::points).sum();
        List<Part> all = new ArrayList<>(parts);
        if (sum < 1) {
            all.add(new Part("least", 1 - sum, 1, "nothing is for nothing"));
        }
        return new Effort(Points.round(Math.max(1, sum)), all);
    }

    /**
     * To change one Dockerfile.
     *
     * @param layers of its own above the base
     * @param move of the image; null where nothing is known
     * @param base what of it the base brought; null where nothing is known
     * @param target null where none is recommended
     */
    static Effort ofOne(
            int layers, @Nullable MoveFacts move, @Nullable MoveFacts base, @Nullable Target target, Weights weights) {
        List<Part> parts = new ArrayList<>();
        add(parts, "layers", Math.min(MAX_LAYERS, layers), layers, "layers of its own");
        if (move == null) {
            parts.add(new Part("unknown", weights.unknownEffort(), 1, "what it holds is not known"));
            return of(parts);
        }
        List<String> pinned = move.pinnedBeside(base);
        if (target == null || !target.sameFamily()) {
            List<String> packages = move.packagesBeside(base);
            List<String> muslBuilt = move.muslBuiltBeside(base);
            long missing = packages.stream().filter(Effort::isMissing).count();
            long mapped = packages.size() - missing;
            add(parts, "packages", MAPPED * mapped, mapped, "packages to be named anew");
            add(parts, "packages-unmapped", UNMAPPED * missing, missing, "packages without a known name there");
            add(
                    parts,
                    "built-for-musl",
                    Math.min(MAX_BUILT_FOR_MUSL, BUILT_FOR_MUSL * muslBuilt.size()),
                    muslBuilt.size(),
                    "folders with objects built for musl");
            add(
                    parts,
                    "shell",
                    Math.min(MAX_SHELL, SHELL * move.shellisms().size()),
                    move.shellisms().size(),
                    "things in start scripts that another shell does not take");
            add(
                    parts,
                    "collation",
                    COLLATED * move.collated().size(),
                    move.collated().size(),
                    "servers whose data is sorted by the C library");
        }
        add(parts, "pinned", PINNED * pinned.size(), pinned.size(), "packages tied to a version or repository");
        return of(parts);
    }

    private static boolean isMissing(String apk) {
        return PackageNames.bundled()
                .find(apk)
                .map(PackageNames.Mapped::isMissing)
                .orElse(true);
    }

    private static void add(List<Part> parts, String code, double points, long count, String message) {
        if (count > 0) {
            parts.add(new Part(code, Points.round(points), count, message));
        }
    }
}
