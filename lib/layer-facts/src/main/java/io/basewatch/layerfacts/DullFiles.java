package io.basewatch.layerfacts;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Tells by name and mode alone which files are of no interest to any detector: texts, sources, pictures and the like. What nobody loads as a program or library
 * can say nothing about a libc. Which names these are is data, {@code dull-files.txt}.
 */
final class DullFiles {

    private static final byte[] UNSEEN = {};
    private static final int EXECUTABLE = 0111;

    private static final Set<String> ENDINGS = new HashSet<>();
    private static final List<String> FOLDERS = new ArrayList<>();

    static {
        try (InputStream in = DullFiles.class.getResourceAsStream("dull-files.txt")) {
            if (in == null) {
                throw new IllegalStateException("dull-files.txt is missing");
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("#")) {
                    continue;
                }
                for (String word : line.trim().split("\\s+")) {
                    if (word.endsWith("/")) {
                        FOLDERS.add(word);
                    } else if (word.startsWith(".")) {
                        ENDINGS.add(word.substring(1));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final List<FactsKind> kinds;

    DullFiles(List<FactsKind> kinds) {
        this.kinds = kinds;
    }

    /** Whether the content need not be looked at: nobody asks for it by its name, and nobody would by its first bytes. */
    boolean isDull(String path, long size, int mode) {
        if (!isNamedSo(path, mode)) {
            return false;
        }
        FileEntry entry = new FileEntry(path, FileEntry.Type.FILE, size, mode, null);
        for (FactsKind kind : kinds) {
            try {
                if (!kind.wants(entry, UNSEEN).isNothing()
                        || !kind.wantsAsTarget(entry, UNSEEN).isNothing()) {
                    return false;
                }
            } catch (RuntimeException e) {
                // It is told when the file is read.
                return false;
            }
        }
        return true;
    }

    /** Told by name and mode alone: its first bytes are shown to nobody who is asked for targets. */
    static boolean isNamedSo(String path, int mode) {
        return (mode & EXECUTABLE) == 0 && isNamedSo(path);
    }

    private static boolean isNamedSo(String path) {
        int dot = path.lastIndexOf('.');
        if (dot > path.lastIndexOf('/')
                && ENDINGS.contains(path.substring(dot + 1).toLowerCase(Locale.ROOT))) {
            return true;
        }
        for (String folder : FOLDERS) {
            if (path.startsWith(folder)) {
                return true;
            }
        }
        return false;
    }
}
