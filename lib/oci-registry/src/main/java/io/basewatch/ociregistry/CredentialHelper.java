package io.basewatch.ociregistry;

import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Asks one of docker's credential helpers: a program of its own, which may ask a cloud, a key ring, or a person that is not there. It gets so much time, and is ended with all that
 * it started. Source of the protocol: docker/docker-credential-helpers, README, "Development".
 */
final class CredentialHelper {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final int MAX_ANSWER_BYTES = 256 * 1024;

    /** For the rest of an answer after its writer has ended: what it started may hold its output open. */
    private static final Duration REST = Duration.ofSeconds(1);

    private CredentialHelper() {}

    /**
     * @param credentials null when the helper has none
     * @param trouble why there are none, for people; null when all is well
     * @param failed whether it might have some: it broke or took too long
     */
    record Answer(
            @Nullable Credentials credentials, @Nullable String trouble, boolean failed) {}

    /** Never runs longer than the limit and the second that the rest of an answer may take. */
    static Answer ask(DockerConfig.Helper helper, Duration limit) throws InterruptedException {
        if (!NAME.matcher(helper.name()).matches()) {
            return new Answer(null, "'" + Printable.text(helper.name()) + "' is no name of a credential helper", false);
        }
        String program = "docker-credential-" + helper.name();
        Process process;
        try {
            process = new ProcessBuilder(program, "get")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            return new Answer(null, "cannot start " + program + ", is it installed?", false);
        }
        try {
            Output output = new Output(process.getInputStream());
            try (OutputStream in = process.getOutputStream()) {
                in.write(helper.server().getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It did not want to know; its answer is what counts.
            }
            if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                return new Answer(
                        null, program + " did not answer within " + limit.toMillis() + " ms and was ended", true);
            }
            return answer(program, process.exitValue(), output.bytes());
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static Answer answer(String program, int exit, byte[] output) {
        if (exit != 0) {
            boolean none = new String(output, StandardCharsets.UTF_8).contains("credentials not found");
            return none
                    ? new Answer(null, null, false)
                    : new Answer(null, program + " failed with exit code " + exit, true);
        }
        try {
            JsonNode root = LenientJson.object(output);
            Credentials credentials =
                    new Credentials(LenientJson.textOr(root, "Username", ""), LenientJson.textOr(root, "Secret", ""));
            return new Answer(credentials, null, false);
        } catch (MalformedException | IllegalArgumentException e) {
            // What it answered may be half a secret.
            return new Answer(null, program + " gave an answer that is not understood", true);
        }
    }

    /** What a process writes, read all the while so that it never has to wait; only so much of it is kept. */
    private static final class Output {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private final Thread reader;

        Output(InputStream in) {
            reader = new Thread(() -> read(in), "credential-helper-output");
            reader.setDaemon(true);
            reader.start();
        }

        private void read(InputStream in) {
            byte[] buffer = new byte[4 * 1024];
            try (in) {
                int count;
                while ((count = in.read(buffer)) >= 0) {
                    synchronized (kept) {
                        kept.write(buffer, 0, Math.min(count, MAX_ANSWER_BYTES - kept.size()));
                    }
                }
            } catch (IOException e) {
                // It was ended.
            }
        }

        byte[] bytes() throws InterruptedException {
            reader.join(REST.toMillis());
            synchronized (kept) {
                return kept.toByteArray();
            }
        }
    }
}
