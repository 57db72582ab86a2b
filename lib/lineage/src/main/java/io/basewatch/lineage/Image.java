package io.basewatch.lineage;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.FileSketch;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.PackageSketch;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An image of the fleet in little room: there are a million of them. Guarded by the tree's lock. */
final class Image {

    private static final long NO_TIME = Long.MIN_VALUE;
    private static final long NO_SIZE = -1;

    /** Of tags: none has it in its name. */
    private static final String SEPARATOR = "\n";

    static final Comparator<Image> BY_DIGEST = Comparator.comparing(image -> image.digest);

    final Hash digest;
    private Content content;
    private Place[] places = {};
    private Standing.@Nullable Stand stand;
    private long revision;
    private long analyzedAt = NO_TIME;
    private long compressedBytes = NO_SIZE;

    Image(Hash digest, Content content) {
        this.digest = digest;
        this.content = content;
    }

    /**
     * All that is the same wherever the image is.
     *
     * @param top the highest layer up to which all diffIDs are known; null for what has no place in the tree
     * @param whole whether that is all of its layers
     * @param claimedFrom how many of the lowest layers were read: the one above is the lowest whose diffID the config alone says
     * @param created in milliseconds since 1970
     */
    // Arrays for their room; nobody compares them as records.
    @SuppressWarnings("ArrayRecordComponent")
    record Content(
            @Nullable Platform told,
            @Nullable Platform platform,
            @Nullable AnalysisStatus status,
            LayerPool.Layer[] layers,
            @Nullable Chain top,
            boolean whole,
            int claimedFrom,
            long[] history,
            Member.@Nullable Ground ground,
            Libc.Family libc,
            long created,
            @Nullable List<Member.CaveatKey> caveats,
            @Nullable BaseClaim claim,
            @Nullable Map<String, String> labels,
            @Nullable String effort,
            @Nullable PackageSketch packages,
            @Nullable FileSketch files) {

        /** Most have none. */
        static @Nullable Map<String, String> kept(Map<String, String> labels) {
            return labels.isEmpty() ? null : labels;
        }
    }

    /**
     * @param tags one after the other
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Place(Holding in, String tags, Hash[] indexes) {

        static Place of(Holding in, Member member) {
            return new Place(
                    in,
                    String.join(SEPARATOR, member.tags()),
                    member.indexes().stream().map(Hash::of).toArray(Hash[]::new));
        }

        List<String> tagList() {
            return firstTags(Integer.MAX_VALUE);
        }

        /** The first ones of so many. */
        List<String> firstTags(int most) {
            List<String> first = new ArrayList<>(Math.min(most, 4));
            for (int from = 0; from < tags.length() && first.size() < most; ) {
                int end = tags.indexOf(SEPARATOR, from);
                end = end < 0 ? tags.length() : end;
                first.add(tags.substring(from, end));
                from = end + SEPARATOR.length();
            }
            return first;
        }

        int tagCount() {
            if (tags.isEmpty()) {
                return 0;
            }
            int count = 1;
            for (int at = tags.indexOf(SEPARATOR); at >= 0; at = tags.indexOf(SEPARATOR, at + 1)) {
                count++;
            }
            return count;
        }

        boolean has(String tag) {
            int from = tags.indexOf(tag);
            while (from >= 0) {
                int to = from + tag.length();
                if ((from == 0 || tags.charAt(from - 1) == '\n') && (to == tags.length() || tags.charAt(to) == '\n')) {
                    return true;
                }
                from = tags.indexOf(tag, from + 1);
            }
            return false;
        }

        boolean sameAs(Place other) {
            return in == other.in && tags.equals(other.tags) && Arrays.equals(indexes, other.indexes);
        }
    }

    static long millis(@Nullable Instant time) {
        return time == null ? NO_TIME : time.toEpochMilli();
    }

    private static @Nullable Instant time(long millis) {
        return millis == NO_TIME ? null : Instant.ofEpochMilli(millis);
    }

    Content content() {
        return content;
    }

    void content(Content newer) {
        content = newer;
    }

    /** {@link Member#kept} of what was told last. */
    private Member.Kept kept() {
        return new Member.Kept(revision, time(analyzedAt), compressedBytes == NO_SIZE ? null : compressedBytes);
    }

    void kept(Member.Kept newer) {
        revision = newer.revision();
        analyzedAt = millis(newer.analyzedAt());
        compressedBytes = newer.compressedBytes() == null ? NO_SIZE : newer.compressedBytes();
    }

    @Nullable
    Platform platform() {
        return content.platform();
    }

    @Nullable
    Chain top() {
        return content.top();
    }

    boolean isWhole() {
        return content.whole();
    }

    Member.@Nullable Ground ground() {
        return content.ground();
    }

    @Nullable
    Instant created() {
        return time(content.created());
    }

    /** Sorted by repository. */
    Place[] places() {
        return places;
    }

    /** What it was counted as by {@link Standing}; null as long as it was not. */
    Standing.@Nullable Stand stand() {
        return stand;
    }

    void stand(Standing.@Nullable Stand newer) {
        stand = newer;
    }

    @Nullable
    Place in(Holding holding) {
        for (Place place : places) {
            if (place.in() == holding) {
                return place;
            }
        }
        return null;
    }

    void put(Place place) {
        List<Place> more = new ArrayList<>(Arrays.asList(places));
        more.removeIf(each -> each.in() == place.in());
        more.add(place);
        more.sort(Comparator.comparing(each -> each.in().repository));
        places = more.toArray(Place[]::new);
    }

    void take(Holding holding) {
        places = Arrays.stream(places).filter(place -> place.in() != holding).toArray(Place[]::new);
    }

    /** Whether nothing but the place is new in what is told. */
    boolean says(Member member) {
        return Objects.equals(content.told(), member.platform())
                && content.status() == member.status()
                && Objects.equals(content.ground(), member.ground())
                && content.libc() == member.libc()
                && content.created() == millis(member.created())
                && Objects.equals(content.caveats(), member.caveats())
                && Objects.equals(content.claim(), member.claim())
                && Objects.equals(content.labels(), Content.kept(member.labels()))
                && Objects.equals(content.effort(), member.effort())
                && Objects.equals(content.packages(), member.packages())
                && Objects.equals(content.files(), member.files())
                && Arrays.equals(
                        content.history(),
                        member.history().stream().mapToLong(Long::longValue).toArray())
                && saysLayers(member.layers());
    }

    private boolean saysLayers(List<Member.Layer> layers) {
        if (content.layers().length != layers.size()) {
            return false;
        }
        for (int i = 0; i < content.layers().length; i++) {
            if (!content.layers()[i].says(layers.get(i))) {
                return false;
            }
        }
        return true;
    }

    FleetImage toFleetImage() {
        return new FleetImage(member(), tellPlaces(Integer.MAX_VALUE));
    }

    /**
     * @param tags so many of each place
     */
    FleetTree.Line toLine(int tags) {
        return new FleetTree.Line(
                digest.digest(),
                content.told(),
                content.status(),
                content.ground(),
                content.libc(),
                created(),
                tellPlaces(tags),
                tagCount(),
                content.caveats(),
                kept());
    }

    /** Of all places. */
    long tagCount() {
        long tags = 0;
        for (Place place : places) {
            tags += place.tagCount();
        }
        return tags;
    }

    private List<FleetImage.Place> tellPlaces(int tags) {
        List<FleetImage.Place> told = new ArrayList<>(places.length);
        for (Place place : places) {
            told.add(new FleetImage.Place(place.in().repository, place.firstTags(tags)));
        }
        return told;
    }

    private Member member() {
        return new Member(
                digest.digest(),
                content.told(),
                content.status(),
                Arrays.stream(content.layers()).map(LayerPool.Layer::tell).toList(),
                Arrays.stream(content.history()).boxed().toList(),
                content.ground(),
                content.libc(),
                created(),
                content.caveats(),
                content.claim(),
                places.length == 0 ? List.of() : places[0].tagList(),
                places.length == 0
                        ? List.of()
                        : Arrays.stream(places[0].indexes()).map(Hash::digest).toList(),
                content.labels() == null ? Map.of() : content.labels(),
                content.effort(),
                content.packages(),
                content.files(),
                kept());
    }

    /** {@code registry/repository:tag} of each tag that leads to it. */
    List<String> references() {
        List<String> references = new ArrayList<>();
        for (Place place : places) {
            Repository repository = place.in().repository;
            place.tagList().forEach(tag -> references.add(repository + ":" + tag));
        }
        return references;
    }

    /** Of all layers, in bytes. */
    long bytes() {
        long bytes = 0;
        for (LayerPool.Layer layer : content.layers()) {
            bytes += layer.blob.bytes;
        }
        return bytes;
    }

    Digest name() {
        return digest.digest();
    }
}
