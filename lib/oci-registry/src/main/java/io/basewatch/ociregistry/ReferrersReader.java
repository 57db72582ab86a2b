package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.PublishedEnd;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import io.basewatch.ociregistry.Referrers.Referrer;
import io.basewatch.ociregistry.RegistryHttp.Call;
import java.net.URI;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks what refers to a digest: the registry's interface for that (OCI distribution-spec 1.1, "Listing Referrers"), and where it has none the tag that clients keep instead ("Referrers Tag Schema"). A
 * registry that has it not is asked by the tag alone from then on. Thread-safe.
 */
final class ReferrersReader {

    private static final int MAX_PAGES = 10;

    private final RegistryHttp http;
    private volatile boolean withoutInterface;

    ReferrersReader(RegistryHttp http) {
        this.http = http;
    }

    Referrers of(String repository, Digest subject) throws RegistryException {
        if (!withoutInterface) {
            Optional<Referrers> told = byInterface(repository, subject);
            if (told.isPresent()) {
                return told.get();
            }
            withoutInterface = true;
        }
        return byTag(repository, subject);
    }

    /** The earliest day on which a publisher ends it, of those that the interface lists; empty without that interface: publishers who say so use registries that have it. */
    Optional<LocalDate> firstEnd(String repository, Digest subject) throws RegistryException {
        Referrers told = byInterface(repository, subject).orElse(null);
        if (told == null) {
            return Optional.empty();
        }
        Optional<LocalDate> first = told.found().stream()
                .map(Referrer::ends)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder());
        if (first.isEmpty() && told.more()) {
            throw RegistryException.permanent(
                    Reason.Code.LIMIT_EXCEEDED,
                    "registry " + http.settings().host() + ": referrers of " + repository + "@" + subject
                            + ": there are more than the " + Referrers.MAX + " that are read");
        }
        return first;
    }

    /** Empty where the registry has no such interface: one that has answers with an empty list. */
    private Optional<Referrers> byInterface(String repository, Digest subject) throws RegistryException {
        String path = "/v2/" + repository + "/referrers/" + subject;
        String what = "referrers of " + repository + "@" + subject;
        Map<Digest, Referrer> found = new LinkedHashMap<>();
        URI next = http.uri(path);
        for (int pages = 0; next != null && pages < MAX_PAGES && found.size() <= Referrers.MAX; pages++) {
            Call call = new Call(
                    "GET",
                    next,
                    Map.of("Accept", MediaTypes.OCI_INDEX),
                    "repository:" + repository + ":pull",
                    what,
                    Reason.Code.UNSUPPORTED_FORMAT);
            Optional<ListedPage> page = page(call);
            if (page.isEmpty()) {
                if (pages == 0) {
                    return Optional.empty();
                }
                throw http.failure(call, "the next page is not there");
            }
            take(index(call, page.get()), found);
            next = next(call, path, page.get());
        }
        return Optional.of(referrers(found, next != null));
    }

    private Optional<ListedPage> page(Call call) throws RegistryException {
        return http.exchange(call, answer -> {
            // Not every registry that lacks it says 404: the path may be none that it knows at all.
            if (answer.status() == 404 || answer.status() == 405 || answer.status() == 400) {
                answer.drain();
                return Optional.empty();
            }
            if (answer.status() != 200) {
                throw http.failure(call, answer);
            }
            byte[] body = http.bytes(answer, RegistryRepository.MAX_MANIFEST_BYTES);
            return Optional.of(new ListedPage(body, answer.headers("Link"), answer.uri()));
        });
    }

    private IndexManifest index(Call call, ListedPage page) throws RegistryException {
        try {
            Manifest manifest =
                    ManifestParser.parse(page.body(), Hashing.digest(page.body(), "sha256"), MediaTypes.OCI_INDEX);
            if (manifest instanceof IndexManifest index) {
                return index;
            }
            throw new MalformedException("it is no index");
        } catch (MalformedException e) {
            throw http.failure(call, "the answer is malformed: " + e.getMessage());
        }
    }

    private @Nullable URI next(Call call, String path, ListedPage page) throws RegistryException {
        String link = LinkHeader.next(page.links(), path).orElse(null);
        if (link == null) {
            return null;
        }
        String own = NextPage.of(link, path, page.uri());
        if (own == null || http.uri(own).equals(call.uri())) {
            throw http.failure(call, "the next page's Link '" + Printable.text(link) + "' leads to no other page");
        }
        return http.uri(own);
    }

    private Referrers byTag(String repository, Digest subject) throws RegistryException {
        Map<Digest, Referrer> found = new LinkedHashMap<>();
        try {
            Manifest manifest =
                    new RegistryRepository(http, repository).manifest(subject.algorithm() + "-" + subject.hex());
            if (manifest instanceof IndexManifest index) {
                take(index, found);
            }
        } catch (RegistryException e) {
            if (e.reason() != Reason.Code.MANIFEST_MISSING) {
                throw e;
            }
        }
        return referrers(found, false);
    }

    private static void take(IndexManifest index, Map<Digest, Referrer> found) {
        for (Descriptor entry : index.manifests()) {
            String type = entry.artifactType() == null ? "" : entry.artifactType();
            found.putIfAbsent(
                    entry.digest(),
                    new Referrer(
                            entry.digest(),
                            type.isEmpty() ? "unknown" : Printable.text(type),
                            PublishedEnd.of(type, entry.annotations()).orElse(null)));
        }
    }

    private static Referrers referrers(Map<Digest, Referrer> found, boolean unread) {
        return new Referrers(
                found.values().stream().limit(Referrers.MAX).toList(), unread || found.size() > Referrers.MAX);
    }
}
