package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.DockerConfig.Given;
import io.basewatch.ociregistry.DockerConfig.Helper;
import io.basewatch.ociregistry.DockerConfig.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The credentials of one registry: those of the settings, or those docker's configuration has for the repository that is asked for. Looked up when first needed, and again when they
 * were refused or have been kept for some minutes, since credential helpers hand out passwords that run out. A helper is asked outside of all locks, by a thread of its own: only
 * who wants its answer waits for it.
 */
final class RegistryCredentials {

    private static final System.Logger LOG = System.getLogger(RegistryCredentials.class.getName());
    private static final Duration KEPT_FOR = Duration.ofMinutes(5);

    /** A helper that failed is not asked again for each of many requests. */
    private static final Duration FAILURE_KEPT_FOR = Duration.ofSeconds(30);

    private final RegistrySettings settings;
    private final @Nullable SecretFile passwordFile;
    private final @Nullable ChangingFile changing;
    private final Map<Helper, CompletableFuture<Answered>> asked = new HashMap<>();
    private @Nullable DockerConfig config;
    private long configReadNanos;
    private volatile String trouble = "";

    private record Answered(CredentialHelper.Answer answer, long atNanos) {

        boolean isFresh() {
            Duration kept = answer.failed() ? FAILURE_KEPT_FOR : KEPT_FOR;
            return System.nanoTime() - atNanos <= kept.toNanos();
        }
    }

    RegistryCredentials(RegistrySettings settings) {
        this.settings = settings;
        this.passwordFile =
                settings.passwordFile() == null ? null : new SecretFile(settings.passwordFile(), "password");
        this.changing = settings.dockerConfig() == null ? null : new ChangingFile(settings.dockerConfig());
    }

    /**
     * Null when there are none. Takes as long as a helper may take.
     *
     * @param repository empty for the registry as a whole
     * @param anew whether those known were refused
     * @param prefix of messages
     * @throws RegistryException temporary, when a helper failed: it might have had some, and what a registry tells nobody in particular may be wrong
     */
    @Nullable
    Credentials find(String repository, boolean anew, String prefix) throws RegistryException, InterruptedException {
        if (settings.credentials() != null) {
            return passwordFile == null
                    ? settings.credentials()
                    : new Credentials(settings.credentials().username(), passwordFile.read(prefix));
        }
        String failure = null;
        for (Way way : ways(repository, anew)) {
            if (way instanceof Given given) {
                if (given.credentials() != null) {
                    return given.credentials();
                }
                trouble("entry '" + Printable.text(given.key()) + "': " + given.trouble());
            } else if (way instanceof Helper helper) {
                CredentialHelper.Answer answer = ask(helper, anew);
                if (answer.credentials() != null) {
                    return answer.credentials();
                }
                if (answer.trouble() != null) {
                    trouble(answer.trouble());
                    failure = answer.failed() ? answer.trouble() : failure;
                }
            }
        }
        if (failure != null) {
            throw RegistryException.temporary(
                    Reason.Code.UNAUTHORIZED,
                    prefix + failure + "; repair that credential helper, or take it out of " + settings.dockerConfig());
        }
        return null;
    }

    /** What {@link #find} would give without asking anybody; null when it would have to. */
    synchronized @Nullable Credentials known(String repository) {
        if (settings.credentials() != null) {
            try {
                return passwordFile == null
                        ? settings.credentials()
                        : new Credentials(settings.credentials().username(), passwordFile.read(""));
            } catch (RegistryException e) {
                // Told by whoever has to find them.
                return null;
            }
        }
        if (config == null || (changing != null && changing.hasChanged())) {
            config = null;
            return null;
        }
        for (Way way : config.ways(settings.host(), repository)) {
            if (way instanceof Given given && given.credentials() != null) {
                return given.credentials();
            }
            if (way instanceof Helper helper) {
                CompletableFuture<Answered> before = asked.get(helper);
                if (before == null || !before.isDone() || !before.join().isFresh()) {
                    return null;
                }
                if (before.join().answer().credentials() != null) {
                    return before.join().answer().credentials();
                }
            }
        }
        return null;
    }

    /** For messages: {@code in the registry's settings}. */
    String whereFrom(String repository) {
        if (settings.credentials() != null) {
            return passwordFile == null ? "in the registry's settings" : "in " + passwordFile;
        }
        if (settings.dockerConfig() == null) {
            return "(none are configured)";
        }
        boolean none = known(repository) == null;
        return (none ? "(none found in " : "in ")
                + settings.dockerConfig()
                + (none ? ")" : "")
                + (trouble.isEmpty() ? "" : " (" + trouble + ")");
    }

    private synchronized List<Way> ways(String repository, boolean anew) {
        Path file = settings.dockerConfig();
        if (file == null) {
            return List.of();
        }
        boolean changed = changing != null && changing.hasChanged();
        if (anew || changed || config == null || System.nanoTime() - configReadNanos > KEPT_FOR.toNanos()) {
            trouble = "";
            config = read(file);
            configReadNanos = System.nanoTime();
        }
        return config == null ? List.of() : config.ways(settings.host(), repository);
    }

    private @Nullable DockerConfig read(Path file) {
        if (!Files.isRegularFile(file)) {
            trouble("the file is absent");
            return null;
        }
        try {
            return DockerConfig.read(file);
        } catch (IOException e) {
            trouble("the file cannot be used: " + Printable.text(String.valueOf(e.getMessage())));
            return null;
        }
    }

    private CredentialHelper.Answer ask(Helper helper, boolean anew) throws InterruptedException {
        CompletableFuture<Answered> answer;
        boolean mine = false;
        synchronized (this) {
            CompletableFuture<Answered> before = asked.get(helper);
            boolean good = before != null
                    && (!before.isDone() || (!anew && before.join().isFresh()));
            if (before != null && good) {
                answer = before;
            } else {
                answer = new CompletableFuture<>();
                asked.put(helper, answer);
                mine = true;
            }
        }
        if (mine) {
            Thread asking = new Thread(() -> ask(helper, answer), "credential-helper");
            asking.setDaemon(true);
            asking.start();
        }
        try {
            return answer.get().answer();
        } catch (ExecutionException e) {
            throw new IllegalStateException("asking a credential helper broke", e.getCause());
        }
    }

    private void ask(Helper helper, CompletableFuture<Answered> answer) {
        try {
            CredentialHelper.Answer given = CredentialHelper.ask(helper, settings.requestTimeout());
            answer.complete(new Answered(given, System.nanoTime()));
        } catch (InterruptedException | RuntimeException | Error e) {
            answer.completeExceptionally(e);
            synchronized (this) {
                asked.remove(helper, answer);
            }
        }
    }

    private void trouble(String what) {
        if (!what.equals(trouble)) {
            LOG.log(System.Logger.Level.WARNING, "credentials of registry {0}: {1}", settings.host(), what);
        }
        trouble = what;
    }
}
