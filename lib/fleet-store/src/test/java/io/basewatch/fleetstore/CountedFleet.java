package io.basewatch.fleetstore;

import com.mongodb.client.MongoDatabase;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.RepositoryPage.RepositorySummary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bson.Document;

/** The fleet counted the plain way: all documents are read, and nothing that is kept of them is believed. */
final class CountedFleet {

    private CountedFleet() {}

    static FleetCount of(MongoDatabase database, Instant asOf) {
        List<Document> images = led(database);
        Map<AnalysisStatus, Long> byStatus = new TreeMap<>();
        Map<String, Long> byDistro = new TreeMap<>();
        Map<String, Long> byRelease = new TreeMap<>();
        Map<Libc.Family, Long> byLibc = new TreeMap<>();
        Map<Ground, List<Document>> byGround = new HashMap<>();
        long pending = 0;
        long bytes = 0;
        for (Document image : images) {
            Ground ground = Ground.of(image);
            if (ground.analysisStatus() == null) {
                pending++;
                continue;
            }
            byStatus.merge(ground.analysisStatus(), 1L, Long::sum);
            byDistro.merge(ground.distro() == null ? "unknown" : ground.distro(), 1L, Long::sum);
            byRelease.merge(ground.release(), 1L, Long::sum);
            byLibc.merge(ground.libcFamily(), 1L, Long::sum);
            byGround.computeIfAbsent(ground, any -> new ArrayList<>()).add(image);
            bytes += FleetDatabase.number(image, "bytes");
        }
        Map<String, Long> registries = new TreeMap<>();
        List<RepositorySummary> repositories = repositories(database);
        repositories.forEach(each -> registries.merge(each.repository().registry(), 1L, Long::sum));
        List<Document> analyzed =
                byGround.values().stream().flatMap(List::stream).toList();
        return new FleetCount(
                asOf,
                new FleetSummary(
                        registries.size(),
                        repositories.size(),
                        registries,
                        repositories.stream().mapToLong(RepositorySummary::tags).sum(),
                        images.size(),
                        pending,
                        byStatus,
                        byDistro,
                        byRelease,
                        byLibc,
                        bytes,
                        least(analyzed, "analyzedAt"),
                        greatest(analyzed, "analyzedAt")),
                byGround.entrySet().stream()
                        .map(each -> standsOn(each.getKey(), each.getValue()))
                        .sorted(Comparator.comparingLong(StandsOn::images)
                                .reversed()
                                .thenComparing(each -> String.valueOf(each.distro()))
                                .thenComparing(each -> String.valueOf(each.version()))
                                .thenComparing(each -> String.valueOf(each.codename()))
                                .thenComparing(each -> String.valueOf(each.variant()))
                                .thenComparing(StandsOn::libc)
                                .thenComparing(StandsOn::status))
                        .toList(),
                withCaveats(images));
    }

    private static List<FleetCount.WithCaveat> withCaveats(List<Document> images) {
        Map<String, List<Document>> byKey = new TreeMap<>();
        for (Document image : images) {
            TreeSet<String> keys = new TreeSet<>();
            for (Document caveat : image.getList("caveats", Document.class, List.of())) {
                keys.add(caveat.getString("id") + " ");
                keys.add(caveat.getString("id") + " " + caveat.getString("kind"));
                keys.add(" " + caveat.getString("kind"));
            }
            keys.forEach(
                    key -> byKey.computeIfAbsent(key, any -> new ArrayList<>()).add(image));
        }
        return byKey.entrySet().stream()
                .map(each -> {
                    String[] key = each.getKey().split(" ", -1);
                    TreeSet<String> repositories = new TreeSet<>();
                    each.getValue().forEach(image -> repositories.addAll(places(image)));
                    return new FleetCount.WithCaveat(
                            key[0].isEmpty() ? null : key[0],
                            key[1].isEmpty() ? null : Caveat.Kind.parse(key[1]),
                            each.getValue().size(),
                            repositories.size());
                })
                .toList();
    }

    /** All of them, by name. */
    static List<RepositorySummary> repositories(MongoDatabase database) {
        Map<String, Long> tags = new TreeMap<>();
        for (Document tag : database.getCollection("tags").find(new Document("removed", false))) {
            tags.merge(tag.getString("repository"), 1L, Long::sum);
        }
        Map<String, Long> images = new HashMap<>();
        led(database).forEach(image -> places(image).forEach(place -> images.merge(place, 1L, Long::sum)));
        return tags.entrySet().stream()
                .map(each -> new RepositorySummary(
                        Repository.parse(each.getKey()), each.getValue(), images.getOrDefault(each.getKey(), 0L)))
                .toList();
    }

    private static List<Document> led(MongoDatabase database) {
        return database.getCollection("images")
                .find(new Document("in.0", new Document("$exists", true)))
                .into(new ArrayList<>());
    }

    private static List<String> places(Document image) {
        return image.getList("in", Document.class).stream()
                .map(place -> place.getString("r"))
                .toList();
    }

    private static StandsOn standsOn(Ground ground, List<Document> images) {
        TreeSet<String> repositories = new TreeSet<>();
        images.forEach(image -> repositories.addAll(places(image)));
        return new StandsOn(
                ground.distro(),
                ground.version(),
                ground.codename(),
                ground.variant(),
                ground.libcFamily(),
                ground.analysisStatus(),
                images.size(),
                repositories.stream()
                        .limit(StandsOn.MAX_REPOSITORIES)
                        .map(Repository::parse)
                        .toList(),
                repositories.size(),
                images.stream()
                        .mapToLong(image -> FleetDatabase.number(image, "bytes"))
                        .sum(),
                least(images, "created"),
                greatest(images, "created"));
    }

    private static Instant least(List<Document> images, String field) {
        return images.stream().map(image -> FleetDatabase.instant(image, field)).reduce(null, FleetDatabase::earlier);
    }

    private static Instant greatest(List<Document> images, String field) {
        return images.stream().map(image -> FleetDatabase.instant(image, field)).reduce(null, FleetDatabase::later);
    }
}
