package io.basewatch.ociregistry;

import com.google.cloud.tools.jib.api.Credential;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.LogEvent;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import com.google.cloud.tools.jib.registry.credentials.CredentialRetrievalException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The credentials of one registry: those of the settings, or those docker's configuration has for it. Looked up when first needed, and again when they were refused or have
 * been kept for some minutes, since credential helpers hand out passwords that run out.
 */
final class RegistryCredentials {

    private static final System.Logger LOG = System.getLogger(RegistryCredentials.class.getName());
    private static final Duration KEPT_FOR = Duration.ofMinutes(5);

    private final RegistrySettings settings;
    private @Nullable Credentials found;
    private boolean looked;
    private long lookedNanos;
    private String trouble = "";

    RegistryCredentials(RegistrySettings settings) {
        this.settings = settings;
    }

    /**
     * Null when there are none.
     *
     * @param anew whether those known were refused
     */
    synchronized @Nullable Credentials find(boolean anew) {
        if (settings.credentials() != null) {
            return settings.credentials();
        }
        Path config = settings.dockerConfig();
        if (config == null) {
            return null;
        }
        if (anew || !looked || System.nanoTime() - lookedNanos > KEPT_FOR.toNanos()) {
            found = look(config);
            looked = true;
            lookedNanos = System.nanoTime();
        }
        return found;
    }

    /** For messages: {@code in the registry's settings}. */
    synchronized String whereFrom() {
        if (settings.credentials() != null) {
            return "in the registry's settings";
        }
        if (settings.dockerConfig() == null) {
            return "(none are configured)";
        }
        return (found == null ? "(none found in " : "in ")
                + settings.dockerConfig()
                + (found == null ? ")" : "")
                + (trouble.isEmpty() ? "" : " (" + trouble + ")");
    }

    private @Nullable Credentials look(Path config) {
        trouble = "";
        if (!Files.isRegularFile(config)) {
            trouble = "the file is absent";
            return null;
        }
        try {
            Optional<Credential> credential = CredentialRetrieverFactory.forImage(
                            ImageReference.of(settings.host(), "any", null), this::told)
                    .dockerConfig(config)
                    .retrieve();
            // Never printed whole: jib's credential shows its password.
            return credential.isEmpty() ? null : credentials(credential.get());
        } catch (CredentialRetrievalException | RuntimeException e) {
            trouble("docker configuration cannot be used: " + e.getClass().getSimpleName());
            return null;
        }
    }

    private static Credentials credentials(Credential credential) {
        return credential.isOAuth2RefreshToken()
                ? Credentials.refreshToken(credential.getPassword())
                : new Credentials(credential.getUsername(), credential.getPassword());
    }

    /** A helper that is not installed is no reason to stop: the registry may let us read without. But it is said. */
    private void told(LogEvent event) {
        if (event.getLevel() == LogEvent.Level.WARN || event.getLevel() == LogEvent.Level.ERROR) {
            trouble(Printable.text(event.getMessage()));
        }
    }

    private void trouble(String what) {
        trouble = what;
        LOG.log(System.Logger.Level.WARNING, "credentials of registry {0}: {1}", settings.host(), what);
    }
}
