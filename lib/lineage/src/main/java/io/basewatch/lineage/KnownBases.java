package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.FileSketch;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.JsonTree;
import io.basewatch.fleetmodel.PackageSketch;
import io.basewatch.fleetmodel.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Public images that are recognised by their layers where the fleet does not hold them. */
public final class KnownBases {

    private static final KnownBases NONE = new KnownBases(List.of());
    private static final String BUNDLED = "bases.json";
    private static final int SCHEMA = 1;
    private static final int MAX_DEPTH = 10;

    private final List<Known> all;

    private KnownBases(List<Known> all) {
        this.all = List.copyOf(all);
    }

    public static KnownBases none() {
        return NONE;
    }

    public static KnownBases of(List<Known> all) {
        return new KnownBases(all);
    }

    /** Those that this program carries; where each comes from is said beside it in {@value #BUNDLED}. */
    public static KnownBases bundled() {
        try (InputStream json = KnownBases.class.getResourceAsStream(BUNDLED)) {
            return read(Objects.requireNonNull(json, BUNDLED).readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @throws IllegalArgumentException when it is not of its form; names the base, the field and what is there
     */
    static KnownBases read(byte[] json) {
        JsonNode root;
        try {
            root = new JsonTree(MAX_DEPTH).read(json);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(BUNDLED + " is not JSON: " + e.getOriginalMessage(), e);
        }
        if (root.path("schema").asInt(0) != SCHEMA) {
            throw new IllegalArgumentException(
                    BUNDLED + " has schema '" + root.path("schema") + "', this Basewatch reads " + SCHEMA);
        }
        List<Known> all = new ArrayList<>();
        for (JsonNode base : root.path("bases")) {
            try {
                all.add(known(base));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(BUNDLED + ", base " + all.size() + ": " + e.getMessage(), e);
            }
        }
        return new KnownBases(all);
    }

    private static Known known(JsonNode base) {
        String digest = text(base, "digest");
        String distro = text(base, "distro");
        return new Known(
                Digest.parse(required(base, "chain")),
                base.path("layers").asInt(0),
                Platform.parse(required(base, "platform")),
                required(base, "reference"),
                digest == null ? null : Digest.parse(digest),
                distro == null
                        ? null
                        : new Member.Ground(
                                distro, text(base, "version"), text(base, "codename"), text(base, "variant")),
                sketch(base, "packages", PackageSketch::parse),
                sketch(base, "files", FileSketch::parse));
    }

    private static <T> @Nullable T sketch(JsonNode base, String field, Function<String, T> parse) {
        String text = text(base, field);
        return text == null ? null : parse.apply(text);
    }

    private static String required(JsonNode base, String field) {
        String text = text(base, field);
        if (text == null) {
            throw new IllegalArgumentException("field '" + field + "' is missing or no text");
        }
        return text;
    }

    private static @Nullable String text(JsonNode base, String field) {
        JsonNode value = base.path(field);
        return value.isString() && !value.asString().isEmpty() ? value.asString() : null;
    }

    /**
     * One image that is recognised.
     *
     * @param chain ChainID of all its layers
     * @param layers how many
     * @param reference {@code docker.io/library/debian:bookworm-20241202-slim}
     * @param digest of its manifest; null where that is not known
     * @param ground null for one of no distribution
     * @param packages which ones it has; null where that is not known, or it has none
     * @param files which ones of the system it has; null where that is not known
     */
    public record Known(
            Digest chain,
            int layers,
            Platform platform,
            String reference,
            @Nullable Digest digest,
            Member.@Nullable Ground ground,
            @Nullable PackageSketch packages,
            @Nullable FileSketch files) {

        /** One that is recognised by its layers alone. */
        public Known(
                Digest chain,
                int layers,
                Platform platform,
                String reference,
                @Nullable Digest digest,
                Member.@Nullable Ground ground) {
            this(chain, layers, platform, reference, digest, ground, null, null);
        }

        public Known {
            if (layers < 1) {
                throw new IllegalArgumentException("field 'layers' is " + layers + ", less than 1");
            }
        }

        Name name() {
            return new Name(reference, Name.From.KNOWN, digest);
        }
    }

    /**
     * The one that an image may have been built on although its layers do not show it, by its packages and files. Empty where none is like it, and where several are equally.
     *
     * @param fingerprint of an image all of which was read
     * @param platform of the image; null where nothing says it, then none comes into question
     */
    public Optional<Resembled> resembling(Fingerprint fingerprint, @Nullable Platform platform) {
        Platform normal = BaseId.normal(platform);
        Distro distro = fingerprint.distro();
        PackageSketch packages = fingerprint.packageSketch();
        List<Resembled> alike = all.stream()
                .filter(each -> Platforms.normal(each.platform()).equals(normal)
                        && Likeness.mayBe(
                                distro == null ? null : distro.id(),
                                distro == null ? null : distro.version(),
                                each.ground()))
                .flatMap(each -> Stream.ofNullable(
                                Likeness.between(packages, fingerprint.files(), each.packages(), each.files()))
                        .map(likeness -> new Resembled(each, likeness)))
                .sorted(Comparator.comparing(Resembled::likeness, Likeness.BEST_FIRST)
                        .thenComparing(each -> each.known().reference()))
                .toList();
        return alike.stream()
                .findFirst()
                .filter(first -> alike.stream()
                        .filter(each -> Likeness.BEST_FIRST.compare(each.likeness(), first.likeness()) == 0)
                        .allMatch(each ->
                                each.known().chain().equals(first.known().chain())));
    }

    /** One that an image is like. */
    public record Resembled(Known known, Likeness likeness) {}

    /** In no order. */
    public List<Known> all() {
        return all;
    }

    /**
     * The nearest of these that an image stands on, without any fleet.
     *
     * @param isProven whether all layers up to it were read
     */
    public record Recognised(Known known, boolean isProven) {}

    /**
     * The nearest one all of whose layers are the lowest of an image that has more. Of several with the same layers the first by name.
     *
     * @param chains of the image, as {@link ImageAnalysis#chains} tells them
     * @param layers of the image
     * @param platform of the image; null where nothing says it, then none is recognised
     */
    public Optional<Recognised> find(List<ImageAnalysis.Chain> chains, int layers, @Nullable Platform platform) {
        Platform normal = BaseId.normal(platform);
        for (int top = Math.min(chains.size(), layers - 1); top > 0; top--) {
            ImageAnalysis.Chain chain = chains.get(top - 1);
            Optional<Known> known = all.stream()
                    .filter(each -> each.chain().equals(chain.id())
                            && Platforms.normal(each.platform()).equals(normal))
                    .min(Comparator.comparing(Known::reference));
            if (known.isPresent()) {
                return known.map(each -> new Recognised(each, !chain.claimed()));
            }
        }
        return Optional.empty();
    }
}
