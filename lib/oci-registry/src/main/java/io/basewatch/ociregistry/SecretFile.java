package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A secret in a file of its own, as orchestrators mount them; read again when it has changed. The line's end behind it is none of it. Thread-safe. */
final class SecretFile {

    private static final int MAX_BYTES = 64 * 1024;

    private final Path file;
    private final String what;
    private final ChangingFile changing;
    private @Nullable String secret;

    /**
     * @param what it has, for people
     */
    SecretFile(Path file, String what) {
        this.file = file;
        this.what = what;
        this.changing = new ChangingFile(file);
    }

    /**
     * What it says now.
     *
     * @param prefix of messages
     * @throws RegistryException temporary, as the file may be about to be replaced
     */
    synchronized String read(String prefix) throws RegistryException {
        String known = changing.hasChanged() ? null : secret;
        if (known == null) {
            // Not the one before when the next cannot be read.
            secret = null;
            known = text(prefix);
            secret = known;
        }
        return known;
    }

    private String text(String prefix) throws RegistryException {
        String trouble;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            String text = new String(bytes, StandardCharsets.UTF_8).replaceFirst("\\R$", "");
            if (bytes.length <= MAX_BYTES && !text.isEmpty() && text.chars().noneMatch(Character::isISOControl)) {
                return text;
            }
            trouble = text.isEmpty() ? "is empty" : "is not one line of text";
        } catch (NoSuchFileException e) {
            trouble = "is not there";
        } catch (AccessDeniedException e) {
            trouble = "may not be read by this user";
        } catch (IOException e) {
            trouble = "cannot be read: " + e.getClass().getSimpleName();
        }
        throw RegistryException.temporary(
                Reason.Code.UNAUTHORIZED, prefix + "the file " + file + " with the " + what + " " + trouble);
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
