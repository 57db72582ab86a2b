package io.basewatch.caveats;

import io.basewatch.elf.ElfFile;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What of an image is its own, and would be carried to another base. */
public final class OwnObjects {

    private static final Pattern OF_DISTRIBUTIONS =
            Pattern.compile("(?:usr/)?(?:s?bin|lib(?:32|64|x32|exec)?)/|(?:etc|var|usr/share|usr/include|run)/");

    private OwnObjects() {}

    /**
     * What an image's lower layers did not bring; of files of which nothing is known, a guess.
     *
     * @param base on which the image was built
     * @return by the path at which a file really lies, relative to the root; empty when the base's layers are not the image's lowest ones
     */
    public static Optional<Predicate<String>> above(ImageAnalysis base, ImageAnalysis analysis, JudgedImage image) {
        List<Digest> below = diffIds(base);
        List<Digest> all = diffIds(analysis);
        if (below.isEmpty()
                || all.size() < below.size()
                || !all.subList(0, below.size()).equals(below)) {
            return Optional.empty();
        }
        return Optional.of(above(below.size(), analysis, image));
    }

    /**
     * The same, by the number of the base's layers.
     *
     * @param lowest how many
     */
    public static Predicate<String> above(int lowest, ImageAnalysis analysis, JudgedImage image) {
        Set<Digest> below = new HashSet<>();
        analysis.layers().subList(0, lowest).forEach(layer -> below.add(evidenceName(layer)));
        Map<String, Boolean> own = new HashMap<>();
        for (ElfFile file : image.elfFiles().all()) {
            own.put(file.path(), !below.contains(file.layer()));
        }
        return path -> {
            Boolean known = own.get(path);
            return known == null ? liesApart(path) : known;
        };
    }

    /** As evidence names a layer. */
    private static Digest evidenceName(ImageAnalysis.Layer layer) {
        return layer.diffId() == null ? layer.digest() : layer.diffId();
    }

    private static List<Digest> diffIds(ImageAnalysis analysis) {
        return analysis.layers().stream().map(OwnObjects::evidenceName).toList();
    }

    /**
     * Whether a path lies where distributions do not put theirs, or packages of a language do: a guess at what is an image's own when nothing tells on which base it was built.
     */
    public static boolean liesApart(String path) {
        return path.contains("/site-packages/")
                || path.contains("/node_modules/")
                || !OF_DISTRIBUTIONS.matcher(path).lookingAt();
    }
}
