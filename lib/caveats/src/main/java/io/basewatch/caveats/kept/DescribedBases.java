package io.basewatch.caveats.kept;

import io.basewatch.fleetmodel.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The descriptions of well-known bases that this build carries: files beside this class, listed by {@code bases/list.txt}, a line for each of name, architecture and
 * file. Where each comes from it says itself.
 */
public final class DescribedBases {

    private static final String FOLDER = "bases/";

    private static final List<Listed> LIST = read();

    private DescribedBases() {}

    /**
     * @param name such as {@code alpine:3.20.3}
     * @param architecture as a {@link Platform} has it
     */
    public record Listed(String name, String architecture, String file) {}

    /** In order of their names. */
    public static List<Listed> list() {
        return LIST;
    }

    /**
     * @param platform of what would stand on it; null for any
     * @return empty when there is none of that name, or none for that architecture; decoded anew with each call
     */
    public static Optional<BaseDescription> find(String name, @Nullable Platform platform) {
        return LIST.stream()
                .filter(listed -> listed.name().equals(name))
                .filter(listed -> platform == null || listed.architecture().equals(platform.architecture()))
                .findFirst()
                .map(listed -> BaseDescription.decode(listed.file(), resource(listed.file())));
    }

    private static List<Listed> read() {
        List<Listed> list = new ArrayList<>();
        for (String line : new String(resource("list.txt"), StandardCharsets.UTF_8).split("\n")) {
            String[] words = line.trim().split(" +");
            if (words.length == 3 && !words[0].startsWith("#")) {
                list.add(new Listed(words[0], words[1], words[2]));
            }
        }
        return List.copyOf(list);
    }

    private static byte[] resource(String name) {
        try (InputStream in = DescribedBases.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException("resource '" + FOLDER + name + "' is missing beside "
                        + DescribedBases.class.getName() + ": this build is broken");
            }
            return in.readNBytes(BaseDescription.MAX_BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException("resource '" + FOLDER + name + "' cannot be read", e);
        }
    }
}
