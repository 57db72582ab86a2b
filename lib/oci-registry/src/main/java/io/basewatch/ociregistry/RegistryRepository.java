package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import io.basewatch.ociregistry.RegistryHttp.Call;
import java.io.IOException;
import java.io.InputStream;
import java.time.LocalDate;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One repository of a registry. */
final class RegistryRepository implements ImageSource {

    static final int MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
    static final int MAX_CONFIG_BYTES = 8 * 1024 * 1024;

    /** Of a blob whose size nobody tells. */
    private static final long MAX_COUNTED_BYTES = 16L << 30;

    private static final String DIGEST_HEADER = "Docker-Content-Digest";

    private final RegistryHttp http;
    private final String name;

    /** What was read last, by digest and verified: resolving a tag reads what the reading of its image begins with. */
    private volatile @Nullable Manifest lastManifest;

    private volatile @Nullable LastConfig lastConfig;

    private record LastConfig(Digest digest, ImageConfig config) {}

    RegistryRepository(RegistryHttp http, String name) {
        this.http = http;
        this.name = name;
    }

    @Override
    public Optional<LocalDate> publisherEnds(Digest subject) throws RegistryException {
        return new ReferrersReader(http).firstEnd(name, subject);
    }

    @Override
    public String reference(String tagOrDigest) {
        return http.settings().host() + "/" + name + (tagOrDigest.indexOf(':') >= 0 ? "@" : ":") + tagOrDigest;
    }

    /**
     * What a tag points at; empty when there is no such tag. A HEAD, which registries do not count as a pull, is believed only where it names a digest: registries (and proxies
     * before them) answer it with any refusal, also for tags that a GET gives.
     */
    Optional<Digest> digest(String tag) throws RegistryException {
        Optional<Digest> told = http.exchange(
                manifestCall("HEAD", tag),
                answer -> Optional.ofNullable(answer.status() == 200 ? digestOf(answer.header(DIGEST_HEADER)) : null));
        if (told.isPresent()) {
            return told;
        }
        try {
            return Optional.of(fetch(tag).digest);
        } catch (RegistryException e) {
            if (e.reason() == Reason.Code.MANIFEST_MISSING) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public Manifest manifest(String tagOrDigest) throws RegistryException {
        Manifest last = lastManifest;
        if (last != null && last.digest().toString().equals(tagOrDigest)) {
            return last;
        }
        Fetched fetched = fetch(tagOrDigest);
        try {
            Manifest manifest =
                    Blobs.sized(ManifestParser.parse(fetched.bytes, fetched.digest, fetched.contentType), this::sizeOf);
            lastManifest = manifest;
            return manifest;
        } catch (MalformedException e) {
            throw RegistryException.permanent(
                    Reason.Code.MANIFEST_INVALID,
                    http.prefix(manifestCall("GET", tagOrDigest)) + "the manifest is invalid: " + e.getMessage());
        }
    }

    /** A manifest as it came; no record, whose equality would not hold for bytes. */
    private static final class Fetched {
        private final byte[] bytes;
        private final Digest digest;
        private final String contentType;

        Fetched(byte[] bytes, Digest digest, String contentType) {
            this.bytes = bytes;
            this.digest = digest;
            this.contentType = contentType;
        }
    }

    private Fetched fetch(String tagOrDigest) throws RegistryException {
        Call call = manifestCall("GET", tagOrDigest);
        Digest asked = tagOrDigest.indexOf(':') >= 0 ? Digest.parse(tagOrDigest) : null;
        return http.get(call, answer -> {
            byte[] bytes = http.bytes(answer, MAX_MANIFEST_BYTES);
            String contentType = answer.header("Content-Type");
            Digest told = digestOf(answer.header(DIGEST_HEADER));
            // A schema 1 manifest is signed within, so its digest is not that of its bytes: it is refused for what it
            // is.
            boolean comparable = !MediaTypes.isSchema1(MediaTypes.essence(contentType));
            Digest expected = asked != null ? asked : comparable ? told : null;
            Digest actual = Hashing.digest(bytes, expected == null ? "sha256" : expected.algorithm());
            if (comparable && expected != null && !actual.equals(expected)) {
                throw RegistryException.temporary(
                        Reason.Code.DIGEST_MISMATCH,
                        http.prefix(call) + "the manifest's bytes have the digest " + actual + ", not " + expected);
            }
            return new Fetched(bytes, actual, contentType);
        });
    }

    private Call manifestCall(String method, String tagOrDigest) {
        boolean byDigest = tagOrDigest.indexOf(':') >= 0;
        String checked = byDigest ? Digest.parse(tagOrDigest).toString() : Names.requireTag(tagOrDigest);
        return new Call(
                method,
                http.uri("/v2/" + name + "/manifests/" + checked),
                Map.of("Accept", MediaTypes.ACCEPT),
                scope(),
                "manifest " + name + (byDigest ? "@" : ":") + checked,
                Reason.Code.MANIFEST_MISSING);
    }

    private String scope() {
        return "repository:" + name + ":pull";
    }

    private static @Nullable Digest digestOf(String header) {
        try {
            return header.isEmpty() ? null : Digest.parse(header.trim());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    @Override
    public ImageConfig config(Descriptor config) throws RegistryException {
        Call call = blobCall("config", config, Reason.Code.CONFIG_MISSING, Map.of());
        Blobs.requireConfigSize(config, http.prefix(call));
        LastConfig last = lastConfig;
        if (last != null && last.digest().equals(config.digest())) {
            return last.config();
        }
        byte[] bytes = http.get(call, answer -> http.bytes(answer, MAX_CONFIG_BYTES));
        ImageConfig read = Blobs.config(bytes, config, http.prefix(call));
        lastConfig = new LastConfig(config.digest(), read);
        return read;
    }

    private Call blobCall(String what, Descriptor blob, Reason.Code missing, Map<String, String> headers) {
        return new Call(
                "GET",
                http.uri("/v2/" + name + "/blobs/" + blob.digest()),
                headers,
                scope(),
                what + " " + name + "@" + blob.digest(),
                missing);
    }

    /** As the registry says it; by counting where it does not. */
    private long sizeOf(Descriptor blob) throws RegistryException {
        Call call = blobCall("blob", blob, Reason.Code.BLOB_MISSING, Map.of());
        return http.get(call, answer -> {
            return answer.contentLength() >= 0 ? answer.contentLength() : counted(call, answer.body());
        });
    }

    private long counted(Call call, InputStream body) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        long total = 0;
        int count;
        while ((count = body.read(buffer)) >= 0) {
            total += count;
            if (total > MAX_COUNTED_BYTES) {
                throw RegistryException.permanent(
                        Reason.Code.LIMIT_EXCEEDED,
                        http.prefix(call)
                                + "neither the manifest nor the registry tells its size, and it has more than "
                                + MAX_COUNTED_BYTES + " bytes");
            }
        }
        return total;
    }

    @Override
    public InputStream blob(Descriptor wanted) throws RegistryException {
        Blobs.requireOwn(
                wanted, "registry " + http.settings().host() + ": blob " + name + "@" + wanted.digest() + ": ");
        Descriptor blob = wanted.hasSize() ? wanted : wanted.withSize(sizeOf(wanted));
        return new BlobStream(http, blob, (offset) -> {
            Map<String, String> range = offset == 0 ? Map.of() : Map.of("Range", "bytes=" + offset + "-");
            return blobCall("blob", blob, Reason.Code.BLOB_MISSING, range);
        });
    }

    @Override
    public Optional<InputStream> range(Descriptor blob, long offset, long length) throws RegistryException {
        Objects.checkFromIndexSize(offset, /* size= */ length, /* length= */ blob.size());
        if (length == 0) {
            return Optional.of(InputStream.nullInputStream());
        }
        Blobs.requireOwn(blob, "registry " + http.settings().host() + ": blob " + name + "@" + blob.digest() + ": ");
        long end = offset + length;
        return BlobStream.part(
                http,
                blob,
                from -> blobCall(
                        "blob", blob, Reason.Code.BLOB_MISSING, Map.of("Range", "bytes=" + from + "-" + (end - 1))),
                offset,
                end);
    }

    @Override
    public ImageTargets resolve(String tagOrDigest) throws RegistryException {
        return TargetResolver.resolve(this, tagOrDigest, false);
    }

    @Override
    public void close() {}
}
