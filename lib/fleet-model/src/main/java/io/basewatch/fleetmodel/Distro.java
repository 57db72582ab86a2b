package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The distribution and release of an image's root file system.
 *
 * @param id as os-release's ID spells it, lower case: {@code alpine}, {@code debian}, {@code rhel}, {@code ol}; a derivative keeps its own
 * @param version as VERSION_ID spells it, or the release file's number; null where the distribution has none (rolling, testing)
 * @param codename null when the release has none or the image does not say
 * @param name for people: PRETTY_NAME, or composed
 * @param variant tells apart what shares an id: {@code stream}, {@code edge}, {@code distroless}, {@code ubi}, {@code ubi-minimal}, {@code rawhide}…; null for the ordinary one
 * @param like ids of the families it derives from, nearest first; empty for an original
 * @param evidence never empty
 * @param supportEnd last day of its support as os-release's SUPPORT_END says; null when it does not
 */
public record Distro(
        String id,
        @Nullable String version,
        @Nullable String codename,
        String name,
        @Nullable String variant,
        List<String> like,
        List<Evidence> evidence,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable LocalDate supportEnd) {

    /** One that does not say when its support ends. */
    public Distro(
            String id,
            @Nullable String version,
            @Nullable String codename,
            String name,
            @Nullable String variant,
            List<String> like,
            List<Evidence> evidence) {
        this(id, version, codename, name, variant, like, evidence, null);
    }

    public Distro {
        like = List.copyOf(like);
        evidence = List.copyOf(evidence);
    }

    /**
     * What people call the distribution: {@code distroless} and {@code centos stream} are none of their own by their id, and yet not what the id says.
     *
     * @param id as {@link #id()}
     * @param variant as {@link #variant()}
     */
    public static String called(String id, @Nullable String variant) {
        if ("distroless".equals(variant)) {
            return "distroless";
        }
        return "stream".equals(variant) ? id + " stream" : id;
    }

    /**
     * What people call a release: {@code alpine 3.18}, {@code distroless debian12}, {@code centos stream 9}.
     *
     * @param cycle as the data of support calls it; null when it does not know it: then it is called by its version or codename, as far as there is one
     */
    public static String releaseCalled(
            String id,
            @Nullable String version,
            @Nullable String codename,
            @Nullable String variant,
            @Nullable String cycle) {
        String release = cycle != null ? cycle : version != null ? version : codename != null ? codename : "";
        boolean isBare = cycle == null && "distroless".equals(variant);
        return (called(id, variant) + " " + (isBare ? id + release : release)).strip();
    }

    /** {@code alpine 3.18.9}, {@code debian (sid)}, {@code arch}: what a table shows. */
    public String label() {
        String release = version != null ? " " + version : codename != null ? " (" + codename + ")" : "";
        return id + release + (variant == null ? "" : " " + variant);
    }
}
