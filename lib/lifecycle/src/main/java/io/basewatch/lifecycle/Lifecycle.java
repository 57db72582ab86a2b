package io.basewatch.lifecycle;

import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.lifecycle.LifecycleDataset.Cycle;
import io.basewatch.lifecycle.LifecycleMapping.Release;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Until when releases are supported. The dates and the way from os-release to a release are data beside this class
 * ({@code lifecycle.json}, {@code releases.json}), each with its source and date.
 *
 * <p>A release is matched whole or not at all: one that the data does not know is {@link SupportPhase#UNKNOWN}, neither supported nor ended.
 */
public final class Lifecycle {

    /** Far above what the data needs. */
    static final int MAX_DEPTH = 16;

    private final LifecycleDataset dataset;
    private final LifecycleMapping mapping;

    private Lifecycle(LifecycleDataset dataset, LifecycleMapping mapping) {
        this.dataset = dataset;
        this.mapping = mapping;
    }

    /** The dataset this build carries. Read once. */
    public static Lifecycle bundled() {
        return Bundled.LIFECYCLE;
    }

    /**
     * @throws IllegalArgumentException when either is not of its form; names product, cycle, field and value
     */
    static Lifecycle of(byte[] dataset, byte[] mapping) {
        LifecycleDataset read = LifecycleDataset.read(dataset);
        return new Lifecycle(read, LifecycleMapping.read(mapping, read));
    }

    /** The day the dataset was put together; its rows have dates of their own ({@link Support#datasetDate()}). */
    public LocalDate generated() {
        return dataset.generated();
    }

    /**
     * @param distro null when the image does not say what it stands on
     * @param day the day to judge from; a release's last day still counts as supported
     * @return never null; {@link Support#product()} alone when the distribution is known and the release is not
     */
    public Support support(@Nullable Distro distro, LocalDate day) {
        if (distro == null) {
            return Support.unknown(null, day);
        }
        return support(distro.id(), distro.version(), distro.codename(), distro.variant(), day);
    }

    /**
     * As {@link #support(Distro, LocalDate)}, for a distribution of which only the names are at hand.
     *
     * @param id as {@link Distro#id()}; null when the image does not say
     * @param version as {@link Distro#version()}
     * @param codename as {@link Distro#codename()}
     * @param variant as {@link Distro#variant()}
     */
    public Support support(
            @Nullable String id,
            @Nullable String version,
            @Nullable String codename,
            @Nullable String variant,
            LocalDate day) {
        Optional<Release> release = id == null ? Optional.empty() : mapping.release(id, version, codename, variant);
        if (release.isEmpty()) {
            return Support.unknown(null, day);
        }
        String product = release.get().product();
        Cycle cycle = release.get().cycle();
        if (cycle == null) {
            return Support.unknown(product, day);
        }
        return release.get().prerelease() && !cycle.hasComeBy(day)
                ? cycle.unreleased(product, day)
                : cycle.support(product, day);
    }

    private static final class Bundled {
        static final Lifecycle LIFECYCLE = of(resource("lifecycle.json"), resource("releases.json"));

        private static byte[] resource(String name) {
            try (InputStream in = Lifecycle.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw new IllegalStateException("resource '" + name + "' is missing beside "
                            + Lifecycle.class.getName() + ": this build is broken");
                }
                return in.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException("resource '" + name + "' cannot be read", e);
            }
        }
    }
}
