package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.Digest;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.bson.Document;
import org.bson.types.Binary;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * Encoded layer facts, kept once for each layer, kind and version of the kind, and the claims by which one analyzer of many does the work on a
 * layer.
 *
 * <p>A layer has one document with a part for each kind. What of a part is longer than {@value #INLINE} bytes lies in other documents, none near MongoDB's
 * 16 MiB, which are written before it: a part is there wholly or not at all. A newer version of a part replaces the older one, never the other way round.
 */
public final class LayerFactsStore {

    private static final Logger log = LoggerFactory.getLogger(LayerFactsStore.class);

    /** Of all parts of a layer. Above what an analyzer's limits let through; larger facts are refused. In bytes. */
    public static final int MAX_FACTS = 256 * 1024 * 1024;

    static final int INLINE = 256 * 1024;
    static final int CHUNK = 1024 * 1024;
    private static final int MAX_PARTS = 40;

    private final MongoTemplate mongo;
    private final Leases leases;

    LayerFactsStore(MongoTemplate template, Clock clock) {
        this.mongo = FleetDatabase.durable(template);
        this.leases = new Leases(mongo, FleetDatabase.LAYER_CLAIMS, clock);
    }

    /**
     * The right to work on a layer, until the lease ends or another one takes it over.
     *
     * @param layer the compressed digest, as it was asked for
     * @param token grows with each claim of this layer: a later claim makes an earlier one worthless
     */
    public record Claim(Digest layer, String owner, long token) {}

    /**
     * Facts of one kind.
     *
     * @param kind letters and dashes
     * @param version of the kind
     */
    @SuppressWarnings("ArrayRecordComponent") // Held, never compared.
    public record Part(String kind, int version, byte[] bytes) {}

    /** All parts that are there of a layer; of each kind the newest version. Empty when nothing is. */
    public List<Part> find(Digest name) {
        Document layer = mongo.findById(name.toString(), Document.class, FleetDatabase.LAYERS);
        List<Part> parts = new ArrayList<>();
        if (layer != null) {
            Document stored = layer.get("parts", Document.class);
            for (String kind : stored.keySet()) {
                Part part = part(name, kind, stored.get(kind, Document.class));
                if (part != null) {
                    parts.add(part);
                }
            }
        }
        return parts;
    }

    /** Null when a chunk is missing, as when two writers crossed: who needs the part then reads the layer again. */
    private @Nullable Part part(Digest name, String kind, Document stored) {
        byte[] first = stored.get("data", Binary.class).getData();
        byte[] bytes = Arrays.copyOf(first, (int) FleetDatabase.number(stored, "length"));
        int filled = first.length;
        int chunks = (int) FleetDatabase.number(stored, "chunks");
        for (int n = 0; n < chunks; n++) {
            Document chunk = mongo.findById(
                    chunkId(name, kind, stored.getString("upload"), n), Document.class, FleetDatabase.LAYER_CHUNKS);
            byte[] data = chunk == null
                    ? new byte[0]
                    : chunk.get("data", Binary.class).getData();
            if (data.length == 0 || data.length > bytes.length - filled) {
                break;
            }
            System.arraycopy(data, 0, bytes, filled, data.length);
            filled += data.length;
        }
        if (filled != bytes.length) {
            log.warn(
                    "facts of a layer are incomplete layer={} kind={} bytes={} of={}",
                    name,
                    kind,
                    filled,
                    bytes.length);
            return null;
        }
        return new Part(kind, (int) FleetDatabase.number(stored, "version"), bytes);
    }

    /** Under which name facts of a layer are there, found by what the manifest calls it. */
    public Optional<Digest> nameOf(Digest compressed) {
        Query query = new Query(where("compressed").is(compressed.toString()));
        query.fields().include("_id");
        return Optional.ofNullable(mongo.findOne(query, Document.class, FleetDatabase.LAYERS))
                .map(layer -> Digest.parse(layer.getString("_id")));
    }

    /**
     * Claims a layer that nobody holds, or whose holder let the lease run out.
     *
     * @param layer the compressed digest
     * @param owner this process, for people
     * @param lease how long the claim holds unless it is renewed; by the clocks of the analyzers, which therefore must agree better than this
     * @return empty when another one works on it
     */
    public Optional<Claim> claim(Digest layer, String owner, Duration lease) {
        return leases.claim(layer.toString(), owner, lease).map(token -> new Claim(layer, owner, token));
    }

    /** Makes the lease end this long from now; false when another one holds the layer since. */
    public boolean renew(Claim claim, Duration lease) {
        return leases.extend(claim.layer().toString(), claim.token(), lease);
    }

    /** Lets go of a layer; nothing happens when another one holds it since. */
    public void release(Claim claim) {
        leases.release(claim.layer().toString(), claim.token());
    }

    /**
     * Keeps parts of the facts of a claimed layer, beside those of other kinds that are there. Durable when it returns. The claim stays: renew or release it.
     *
     * @param compressed what the manifest calls the layer; several of them may lead to one name
     * @param name under which the facts may be found: see {@link #find}
     * @param generation of what all parts of a layer hang on: those of an older one are dropped when a newer one is saved, and never replace it
     * @param parts none, to make the layer be found by one more compressed digest
     * @return false when the claim was taken over by another one meanwhile; then nothing is written that can be found
     * @throws IllegalArgumentException when the facts are larger than {@value #MAX_FACTS} bytes
     */
    public boolean save(Claim claim, Digest compressed, Digest name, int generation, List<Part> parts) {
        long length = parts.stream().mapToLong(part -> part.bytes().length).sum();
        if (length > MAX_FACTS || parts.size() > MAX_PARTS) {
            throw new IllegalArgumentException("facts of layer " + name + " have " + length + " bytes in "
                    + parts.size() + " parts, more than " + MAX_FACTS + " in " + MAX_PARTS
                    + "; lower the analyzer's limit for facts");
        }
        if (!isHeld(claim)) {
            return false;
        }
        Standing standing = standing(name);
        dropLeftovers(claim, name, standing);
        String upload = claim.layer() + "|" + claim.token() + "|" + UUID.randomUUID();
        Map<String, Document> made = new LinkedHashMap<>();
        for (Part part : parts) {
            made.put(part.kind(), upload(name, upload, part));
        }
        if (!isHeld(claim)) {
            drop(name, upload);
            return false;
        }
        List<Part> wanted = standing.admitted(parts, generation);
        while (!write(name, compressed, generation, standing, wanted, upload, made)) {
            // The same tar came by another compressed digest. Facts are made of the tar alone: those that are there now
            // are as good.
            standing = standing(name);
            wanted = standing.lacking(parts, generation);
        }
        for (Part part : parts) {
            if (!wanted.contains(part)) {
                drop(name, upload, part.kind());
            }
        }
        for (String kind : standing.uploads().keySet()) {
            boolean isReplaced = standing.generation() < generation
                    || wanted.stream().anyMatch(part -> part.kind().equals(kind));
            if (isReplaced) {
                drop(name, standing.uploads().getString(kind), kind);
            }
        }
        return true;
    }

    /** What is there of a layer, without the facts themselves. */
    private record Standing(long turn, long generation, Document versions, Document uploads) {

        static final Standing NOTHING = new Standing(0, 0, new Document(), new Document());

        List<Part> lacking(List<Part> parts, int inGeneration) {
            return parts.stream()
                    .filter(part ->
                            generation < inGeneration || (generation == inGeneration && version(part) < part.version()))
                    .toList();
        }

        /** Of the same version too: who saves it may have found it damaged. */
        List<Part> admitted(List<Part> parts, int inGeneration) {
            return parts.stream()
                    .filter(part -> generation < inGeneration
                            || (generation == inGeneration && version(part) <= part.version()))
                    .toList();
        }

        private long version(Part part) {
            return FleetDatabase.number(versions, part.kind());
        }
    }

    private Standing standing(Digest name) {
        Query query = new Query(where("_id").is(name.toString()));
        query.fields().include("turn", "generation", "versions", "uploads");
        Document layer = mongo.findOne(query, Document.class, FleetDatabase.LAYERS);
        return layer == null
                ? Standing.NOTHING
                : new Standing(
                        FleetDatabase.number(layer, "turn"),
                        FleetDatabase.number(layer, "generation"),
                        layer.get("versions", Document.class),
                        layer.get("uploads", Document.class));
    }

    /** Compare and set: false when somebody else wrote since what stands there was read. */
    private boolean write(
            Digest name,
            Digest compressed,
            int generation,
            Standing standing,
            List<Part> parts,
            String upload,
            Map<String, Document> made) {
        Update update = new Update().set("turn", standing.turn() + 1).addToSet("compressed", compressed.toString());
        if (standing.generation() < generation) {
            Document all = new Document();
            Document versions = new Document();
            Document uploads = new Document();
            for (Part part : parts) {
                all.append(part.kind(), made.get(part.kind()));
                versions.append(part.kind(), part.version());
                uploads.append(part.kind(), upload);
            }
            update.set("generation", generation)
                    .set("parts", all)
                    .set("versions", versions)
                    .set("uploads", uploads);
        } else {
            for (Part part : parts) {
                update.set("parts." + part.kind(), made.get(part.kind()))
                        .set("versions." + part.kind(), part.version())
                        .set("uploads." + part.kind(), upload);
            }
        }
        Query unchanged = new Query(
                where("_id").is(name.toString()).and("turn").is(standing.turn() == 0 ? null : standing.turn()));
        try {
            if (standing.turn() == 0) {
                mongo.upsert(unchanged, update, FleetDatabase.LAYERS);
                return true;
            }
            return mongo.updateFirst(unchanged, update, FleetDatabase.LAYERS).getMatchedCount() > 0;
        } catch (DuplicateKeyException e) {
            return false;
        }
    }

    private Document upload(Digest name, String upload, Part part) {
        byte[] bytes = part.bytes();
        int inline = Math.min(bytes.length, INLINE);
        int chunks = (bytes.length - inline + CHUNK - 1) / CHUNK;
        for (int n = 0; n < chunks; n++) {
            int from = inline + n * CHUNK;
            byte[] data = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + CHUNK));
            mongo.upsert(
                    new Query(where("_id").is(chunkId(name, part.kind(), upload, n))),
                    new Update()
                            .set("layer", name.toString())
                            .set("kind", part.kind())
                            .set("upload", upload)
                            .set("data", new Binary(data)),
                    FleetDatabase.LAYER_CHUNKS);
        }
        return new Document("version", part.version())
                .append("length", bytes.length)
                .append("chunks", chunks)
                .append("upload", upload)
                .append("data", new Binary(Arrays.copyOf(bytes, inline)));
    }

    private boolean isHeld(Claim claim) {
        return leases.isLatest(claim.layer().toString(), claim.token());
    }

    private void drop(Digest name, String upload) {
        mongo.remove(
                new Query(where("layer").is(name.toString()).and("upload").is(upload)), FleetDatabase.LAYER_CHUNKS);
    }

    private void drop(Digest name, String upload, String kind) {
        mongo.remove(
                new Query(where("layer")
                        .is(name.toString())
                        .and("upload")
                        .is(upload)
                        .and("kind")
                        .is(kind)),
                FleetDatabase.LAYER_CHUNKS);
    }

    /** What earlier holders of the claim, whose uploads were cut short, have left behind. */
    private void dropLeftovers(Claim claim, Digest name, Standing standing) {
        Query query = new Query(where("layer").is(name.toString()));
        query.fields().include("upload");
        List<Object> leftovers = mongo.find(query, Document.class, FleetDatabase.LAYER_CHUNKS).stream()
                .filter(chunk -> chunk.getString("upload").startsWith(claim.layer() + "|")
                        && !standing.uploads().containsValue(chunk.getString("upload")))
                .map(chunk -> chunk.get("_id"))
                .toList();
        if (!leftovers.isEmpty()) {
            mongo.remove(new Query(where("_id").in(leftovers)), FleetDatabase.LAYER_CHUNKS);
        }
    }

    private static String chunkId(Digest layer, String kind, String upload, int n) {
        return layer + "|" + kind + "|" + upload + "|" + n;
    }
}
