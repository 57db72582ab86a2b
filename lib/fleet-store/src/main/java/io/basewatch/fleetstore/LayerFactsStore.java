package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.Digest;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bson.Document;
import org.bson.types.Binary;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * Encoded layer facts, kept once for each diffID and facts version and never changed, and the claims by which one analyzer of many does
 * the work on a layer.
 *
 * <p>Facts larger than one chunk are spread over several documents, none near MongoDB's 16 MiB. The layer's own document has the first
 * chunk and the number of the others and is written last: facts are there wholly or not at all.
 */
public final class LayerFactsStore {

    /** Above what an analyzer's limits let through; larger facts are refused. In bytes. */
    public static final int MAX_FACTS = 256 * 1024 * 1024;

    static final int CHUNK = 1024 * 1024;

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
    public record Claim(Digest layer, String factsVersion, String owner, long token) {}

    /** The facts as they were saved; empty when there are none of this version. */
    public Optional<byte[]> find(Digest diffId, String factsVersion) {
        String id = id(diffId, factsVersion);
        Document layer = mongo.findById(id, Document.class, FleetDatabase.LAYERS);
        if (layer == null) {
            return Optional.empty();
        }
        byte[] first = layer.get("data", Binary.class).getData();
        int length = (int) FleetDatabase.number(layer, "length");
        byte[] facts = Arrays.copyOf(first, length);
        int filled = first.length;
        int chunks = (int) FleetDatabase.number(layer, "chunks");
        for (int n = 1; n < chunks; n++) {
            Document chunk = mongo.findById(
                    chunkId(id, layer.getString("upload"), n), Document.class, FleetDatabase.LAYER_CHUNKS);
            if (chunk == null) {
                throw new IllegalStateException("facts of layer " + id + " have no chunk " + n + " of " + chunks);
            }
            byte[] data = chunk.get("data", Binary.class).getData();
            System.arraycopy(data, 0, facts, filled, data.length);
            filled += data.length;
        }
        if (filled != length) {
            throw new IllegalStateException("facts of layer " + id + " have " + filled + " bytes instead of " + length);
        }
        return Optional.of(facts);
    }

    /** Whether {@link #find} would give them, without reading them. */
    public boolean isThere(Digest diffId, String factsVersion) {
        return mongo.exists(new Query(where("_id").is(id(diffId, factsVersion))), FleetDatabase.LAYERS);
    }

    /** The diffID of a layer of which facts of this version are there, found by what the manifest calls it. */
    public Optional<Digest> diffIdOf(Digest compressed, String factsVersion) {
        Query query = new Query(where("compressed")
                .is(compressed.toString())
                .and("factsVersion")
                .is(factsVersion));
        query.fields().include("diffId");
        return Optional.ofNullable(mongo.findOne(query, Document.class, FleetDatabase.LAYERS))
                .map(layer -> Digest.parse(layer.getString("diffId")));
    }

    /**
     * Claims a layer that nobody holds, or whose holder let the lease run out.
     *
     * @param layer the compressed digest
     * @param owner this process, for people
     * @param lease how long the claim holds unless it is renewed; by the clocks of the analyzers, which therefore must agree better than this
     * @return empty when another one works on it
     */
    public Optional<Claim> claim(Digest layer, String factsVersion, String owner, Duration lease) {
        return leases.claim(id(layer, factsVersion), owner, lease)
                .map(token -> new Claim(layer, factsVersion, owner, token));
    }

    /** Makes the lease end this long from now; false when another one holds the layer since. */
    public boolean renew(Claim claim, Duration lease) {
        return leases.extend(id(claim), claim.token(), lease);
    }

    /** Lets go of a layer; nothing happens when another one holds it since. */
    public void release(Claim claim) {
        leases.release(id(claim), claim.token());
    }

    private static String id(Claim claim) {
        return id(claim.layer(), claim.factsVersion());
    }

    /**
     * Keeps the facts of a claimed layer. Durable when it returns. The claim stays: renew or release it.
     *
     * @param compressed what the manifest calls the layer; several of them may lead to one diffID
     * @return false when the claim was taken over by another one meanwhile; then nothing is written that can be found
     * @throws IllegalArgumentException when the facts are larger than {@value #MAX_FACTS} bytes
     */
    public boolean save(Claim claim, Digest compressed, Digest diffId, byte[] facts) {
        if (facts.length > MAX_FACTS) {
            throw new IllegalArgumentException("facts of layer " + diffId + " have " + facts.length
                    + " bytes, more than " + MAX_FACTS + "; lower the analyzer's limit for facts");
        }
        if (!isHeld(claim)) {
            return false;
        }
        String id = id(diffId, claim.factsVersion());
        if (addName(id, compressed)) {
            return true;
        }
        String upload = id(claim.layer(), Long.toString(claim.token()));
        int chunks = Math.max(1, (facts.length + CHUNK - 1) / CHUNK);
        for (int n = 1; n < chunks; n++) {
            byte[] data = Arrays.copyOfRange(facts, n * CHUNK, Math.min(facts.length, (n + 1) * CHUNK));
            mongo.upsert(
                    new Query(where("_id").is(chunkId(id, upload, n))),
                    new Update().set("layer", id).set("upload", upload).set("data", new Binary(data)),
                    FleetDatabase.LAYER_CHUNKS);
        }
        if (!isHeld(claim)) {
            dropUpload(id, upload);
            return false;
        }
        Document layer = new Document("_id", id)
                .append("diffId", diffId.toString())
                .append("factsVersion", claim.factsVersion())
                .append("compressed", List.of(compressed.toString()))
                .append("length", facts.length)
                .append("chunks", chunks)
                .append("upload", upload)
                .append("data", new Binary(Arrays.copyOf(facts, Math.min(facts.length, CHUNK))));
        try {
            mongo.insert(layer, FleetDatabase.LAYERS);
            dropOtherUploads(id, upload);
        } catch (DuplicateKeyException e) {
            // The same tar came by another compressed digest and was faster. Facts are made of the tar alone, so its
            // are as good.
            addName(id, compressed);
            dropUpload(id, upload);
        }
        return true;
    }

    private boolean isHeld(Claim claim) {
        return leases.isLatest(id(claim), claim.token());
    }

    private boolean addName(String id, Digest compressed) {
        return mongo.updateFirst(
                                new Query(where("_id").is(id)),
                                new Update().addToSet("compressed", compressed.toString()),
                                FleetDatabase.LAYERS)
                        .getMatchedCount()
                > 0;
    }

    private void dropUpload(String layer, String upload) {
        mongo.remove(new Query(where("layer").is(layer).and("upload").is(upload)), FleetDatabase.LAYER_CHUNKS);
    }

    /** What uploads that were cut short have left behind. */
    private void dropOtherUploads(String layer, String upload) {
        mongo.remove(new Query(where("layer").is(layer).and("upload").ne(upload)), FleetDatabase.LAYER_CHUNKS);
    }

    private static String id(Digest digest, String factsVersion) {
        return digest + "|" + factsVersion;
    }

    private static String chunkId(String layer, String upload, int n) {
        return layer + "|" + upload + "|" + n;
    }
}
