package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Platform;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which platforms of a registry's images are watched. Names are Go's ({@code linux/arm/v7}), and what is only written differently is the same: {@code linux/arm64/v8} is
 * {@code linux/arm64}. Where either side names no variant, all variants are meant; so an image of which less is known is rather watched than not.
 */
public final class WantedPlatforms {

    public static final WantedPlatforms ALL = new WantedPlatforms(Set.of());

    /** For which Go, and so all that builds images, knows Linux. */
    private static final Set<String> ARCHITECTURES = Set.of(
            "386",
            "amd64",
            "arm",
            "arm64",
            "loong64",
            "mips",
            "mips64",
            "mips64le",
            "mipsle",
            "ppc64",
            "ppc64le",
            "riscv64",
            "s390x");

    private static final Map<String, String> OTHER_NAMES = Map.of(
            "x86_64", "amd64",
            "x86-64", "amd64",
            "aarch64", "arm64",
            "i386", "386",
            "i686", "386",
            "armhf", "arm/v7",
            "armel", "arm/v6",
            "loongarch64", "loong64");

    private final Set<String> names;

    private WantedPlatforms(Set<String> names) {
        this.names = names;
    }

    /**
     * @param texts as somebody writes them; none: all platforms
     * @throws IllegalArgumentException naming the one that is none, and what to write instead
     */
    public static WantedPlatforms of(Collection<String> texts) {
        Set<String> names = new TreeSet<>();
        for (String text : texts) {
            names.add(canonical(parsed(text)));
        }
        return names.isEmpty() ? ALL : new WantedPlatforms(names);
    }

    private static Platform parsed(@Nullable String text) {
        String shown = "'" + Printable.text(String.valueOf(text)) + "'";
        Platform platform;
        try {
            platform = Platform.parse(text == null ? "" : text.trim().toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    shown + " is not os/architecture[/variant]; write it as linux/amd64 or linux/arm/v7", e);
        }
        if (!platform.isLinux()) {
            throw new IllegalArgumentException(
                    shown + " is not Linux, and other images are never watched; take it out");
        }
        String other = OTHER_NAMES.get(platform.architecture());
        if (other != null) {
            throw new IllegalArgumentException(shown + " is written linux/" + other);
        }
        if (!ARCHITECTURES.contains(platform.architecture())) {
            throw new IllegalArgumentException(shown + " names no architecture that Linux images have; those are "
                    + ARCHITECTURES.stream().sorted().collect(Collectors.joining(", ")));
        }
        return platform;
    }

    public boolean isAll() {
        return names.isEmpty();
    }

    /**
     * Whether images for this platform are watched.
     *
     * @param platform null where nobody says: then they are, as only looking tells
     */
    public boolean accepts(@Nullable Platform platform) {
        if (platform == null || names.isEmpty()) {
            return true;
        }
        String name = canonical(platform);
        return names.stream().anyMatch(wanted -> isWithin(name, wanted) || isWithin(wanted, name));
    }

    /** Whether one is the other, or a variant of it. */
    private static boolean isWithin(String one, String other) {
        return one.equals(other) || one.startsWith(other + "/");
    }

    /** Without a variant that goes without saying. */
    private static String canonical(Platform platform) {
        String architecture = platform.architecture().toLowerCase(Locale.ROOT);
        architecture = OTHER_NAMES.getOrDefault(architecture, architecture);
        String variant = platform.variant() == null ? "" : platform.variant().toLowerCase(Locale.ROOT);
        boolean usual = variant.isEmpty()
                || architecture.indexOf('/') >= 0
                || (architecture.equals("arm64") && (variant.equals("v8") || variant.equals("8")))
                || (architecture.equals("amd64") && variant.equals("v1"));
        return platform.os().toLowerCase(Locale.ROOT) + "/" + architecture
                + (usual ? "" : "/" + (Character.isDigit(variant.charAt(0)) ? "v" + variant : variant));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WantedPlatforms wanted && names.equals(wanted.names);
    }

    @Override
    public int hashCode() {
        return names.hashCode();
    }

    /** The same text for the same platforms: {@code linux/amd64,linux/arm/v7}; empty for all. */
    @Override
    public String toString() {
        return String.join(",", names);
    }
}
