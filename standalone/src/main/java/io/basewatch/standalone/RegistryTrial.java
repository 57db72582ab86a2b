package io.basewatch.standalone;

import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.ImageTargets;
import io.basewatch.ociregistry.Listing;
import io.basewatch.ociregistry.Pages;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistryEntry;
import io.basewatch.ociregistry.RegistryException;
import io.basewatch.ociregistry.RegistryKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What became of trying to watch a registry.
 *
 * @param works whether all that watching takes is there
 * @param lines for people
 */
record RegistryTrial(boolean works, List<String> lines) {

    /** Repositories whose tags are looked at: what the others have is reckoned from these. */
    private static final int SAMPLE = 20;

    /** Of a longer list the rest is not read. */
    private static final int MAX_PAGES = 100;

    RegistryTrial {
        lines = List.copyOf(lines);
    }

    static RegistryTrial of(Registry registry, RegistryEntry entry) {
        Trial trial = new Trial(registry, entry);
        boolean works = trial.run();
        return new RegistryTrial(works, trial.lines);
    }

    /** A list and what it took to read it. */
    private record Listed(List<String> names, long all, long pages, boolean whole, Map<String, Digest> digests) {}

    private static final class Trial {

        private final Registry registry;
        private final RegistryEntry entry;
        private final List<String> lines = new ArrayList<>();

        Trial(Registry registry, RegistryEntry entry) {
            this.registry = registry;
            this.entry = entry;
        }

        private void say(String line) {
            lines.add("  " + line);
        }

        private boolean problem(String what, RegistryException e) {
            say("missing: " + what + ": " + e.getMessage());
            String hint = hint(e.reason());
            if (hint != null) {
                say("  " + hint);
            }
            return false;
        }

        private @Nullable String hint(Reason.Code code) {
            return switch (code) {
                case UNAUTHORIZED ->
                    "give username and password, or docker-config, of an account that may pull"
                            + (entry.username() == null ? "; none is given here" : "");
                case UNSUPPORTED_FORMAT ->
                    "name repositories under repositories.include, or the registry's kind: see docs/registries.md";
                case REGISTRY_UNAVAILABLE -> "is the url right, and does it lead there from this machine?";
                default -> null;
            };
        }

        boolean run() {
            lines.add(registry.host());
            try {
                registry.check();
                say("ok: it is there and lets us in");
            } catch (RegistryException e) {
                return problem("it does not let us in", e);
            }
            Listing listing = registry.listing(entry.watchedRepositories());
            Listed repositories;
            try {
                RegistryKind kind = registry.kind(entry.watchedRepositories());
                say("ok: it is asked as kind " + kind.word()
                        + (entry.settings().kind() == RegistryKind.AUTO ? ", as it says itself" : ""));
                repositories = read(listing.repositories(), entry.watchedRepositories()::accepts);
            } catch (RegistryException e) {
                return problem("it does not tell which repositories it has", e);
            }
            say("ok: repositories: " + (repositories.whole() ? "" : "at least ") + repositories.all() + ", of which "
                    + isOrAre(repositories.names().size()) + " watched");
            if (repositories.names().isEmpty()) {
                say(
                        "missing: nothing is watched: look at repositories.include and exclude, and at what the account may see");
                return false;
            }
            return tags(listing, repositories);
        }

        private boolean tags(Listing listing, Listed repositories) {
            long seen = 0;
            long watched = 0;
            long told = 0;
            long still = 0;
            long pages = 0;
            String first = null;
            String of = null;
            List<String> sample = sample(repositories.names());
            for (String repository : sample) {
                try {
                    Listed tags = read(listing.tags(repository), entry.watchedTags()::accepts);
                    seen += tags.all();
                    watched += tags.names().size();
                    told += tags.names().stream()
                            .filter(tags.digests()::containsKey)
                            .count();
                    still += tags.names().stream().filter(entry.immutable()).count();
                    pages += tags.pages();
                    if (first == null && !tags.names().isEmpty()) {
                        first = tags.names().get(0);
                        of = repository;
                    }
                } catch (RegistryException e) {
                    return problem("the tags of " + repository + " cannot be listed", e);
                }
            }
            say("ok: tags: " + seen + " in " + sample.size() + " of these repositories, of which "
                    + isOrAre(watched) + " watched; "
                    + (told == 0
                            ? "none is listed with its digest"
                            : isOrAre(told) + " listed with " + (told == 1 ? "its digest" : "their digests")));
            boolean works = first == null || of == null || manifest(of, first);
            cost(repositories, sample.size(), pages, watched, Math.max(told, still));
            return works;
        }

        private static String isOrAre(long number) {
            return number + (number == 1 ? " is" : " are");
        }

        private boolean manifest(String repository, String tag) {
            try {
                Optional<Digest> digest = registry.digest(repository, tag);
                if (digest.isEmpty()) {
                    say("missing: " + repository + ":" + tag + " is listed and not there");
                    return false;
                }
                ImageTargets targets =
                        registry.repository(repository).resolve(tag).only(entry.wantedPlatforms());
                say("ok: " + repository + ":" + tag + " can be read: "
                        + Counted.of(targets.images().size(), "image", "images")
                        + (targets.unwatched().isEmpty()
                                ? ""
                                : "; left out by platforms: "
                                        + targets.unwatched().size()));
                return true;
            } catch (RegistryException e) {
                return problem(repository + ":" + tag + " cannot be read", e);
            }
        }

        /** Of an unchanged registry: what changes costs some requests more for each tag, and its layers. */
        private void cost(Listed repositories, int sampled, long pages, long watched, long free) {
            double all = (double) repositories.names().size() / sampled;
            long forTags = Math.round(pages * all);
            long heads = Math.round((watched - free) * all);
            long sum = repositories.pages() + forTags + heads;
            double perSecond = entry.settings().requestsPerSecond();
            say("cost: a sweep in which nothing changed takes "
                    + (sampled == repositories.names().size() ? "" : "about ")
                    + Counted.of(sum, "request", "requests") + ": " + repositories.pages()
                    + " for repositories, " + forTags + " for tags, "
                    + heads + " to ask where a tag leads; " + Math.max(1, Math.round(sum / perSecond))
                    + " s or more at " + Math.round(perSecond) + " a second");
            if (heads > forTags) {
                say("  immutable-tags, or the registry's kind where its interface lists digests, makes it cheaper");
            }
        }

        private static List<String> sample(List<String> names) {
            if (names.size() <= SAMPLE) {
                return names;
            }
            List<String> sample = new ArrayList<>();
            for (int n = 0; n < SAMPLE; n++) {
                sample.add(names.get((int) ((long) n * names.size() / SAMPLE)));
            }
            return sample;
        }

        private static Listed read(Pages list, Predicate<String> watched) throws RegistryException {
            List<String> names = new ArrayList<>();
            Map<String, Digest> digests = new HashMap<>();
            long all = 0;
            long pages = 0;
            Optional<List<String>> page = list.next();
            while (page.isPresent() && pages < MAX_PAGES) {
                pages++;
                all += page.get().size();
                page.get().stream().filter(watched).forEach(names::add);
                digests.putAll(list.digests());
                page = list.next();
            }
            return new Listed(names, all, Math.max(1, pages), page.isEmpty(), digests);
        }
    }
}
