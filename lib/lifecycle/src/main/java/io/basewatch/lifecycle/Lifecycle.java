package io.basewatch.lifecycle;

import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.lifecycle.LifecycleDataset.Cycle;
import io.basewatch.lifecycle.LifecycleMapping.Release;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.List;
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

    private final byte[] json;
    private final LifecycleDataset dataset;
    private final LifecycleMapping mapping;

    private Lifecycle(byte[] json, LifecycleDataset dataset, LifecycleMapping mapping) {
        this.json = json;
        this.dataset = dataset;
        this.mapping = mapping;
    }

    /** The dataset this build carries. Read once. */
    public static Lifecycle bundled() {
        return Bundled.LIFECYCLE;
    }

    /**
     * Another dataset, with the way from os-release to a release that this build carries. Nobody has said that it is to be believed: see {@link DatasetCheck}.
     *
     * @throws IllegalArgumentException when it is not of its form; names product, cycle, field and value
     */
    public static Lifecycle read(byte[] dataset) {
        return of(dataset, Bundled.resource("releases.json"));
    }

    /**
     * @throws IllegalArgumentException when either is not of its form; names product, cycle, field and value
     */
    static Lifecycle of(byte[] dataset, byte[] mapping) {
        LifecycleDataset read = LifecycleDataset.read(dataset);
        LifecycleMapping ways = LifecycleMapping.read(mapping, read);
        ways.requireCycles();
        return new Lifecycle(dataset, read, ways);
    }

    /** Of the dataset's bytes, as {@code sha256:} and 64 hex digits. */
    public String digest() {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(json));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The dataset as it was read. */
    public byte[] json() {
        return json.clone();
    }

    /** In the dataset's order. */
    public List<String> products() {
        return List.copyOf(dataset.products().keySet());
    }

    /**
     * All releases of a product, in the dataset's order; empty when it does not have the product.
     *
     * @param day the day to judge from
     */
    public List<Support> releases(String product, LocalDate day) {
        LifecycleDataset.Product known = dataset.products().get(product);
        return known == null
                ? List.of()
                : known.cycles().values().stream()
                        .map(cycle -> cycle.support(product, day))
                        .toList();
    }

    /**
     * One release of a product; empty when the dataset does not have it.
     *
     * @param day the day to judge from
     */
    public Optional<Support> release(String product, String cycle, LocalDate day) {
        LifecycleDataset.Product known = dataset.products().get(product);
        Cycle found = known == null ? null : known.cycles().get(cycle);
        return Optional.ofNullable(found).map(each -> each.support(product, day));
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

    static final class Bundled {
        static final Lifecycle LIFECYCLE = carried(resource("lifecycle.json"), resource("releases.json"));

        /** Read whole, and each held against the other, when this program was built. */
        private static Lifecycle carried(byte[] dataset, byte[] mapping) {
            LifecycleDataset read = LifecycleDataset.carried(dataset);
            return new Lifecycle(dataset, read, LifecycleMapping.read(mapping, read));
        }

        static byte[] resource(String name) {
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
