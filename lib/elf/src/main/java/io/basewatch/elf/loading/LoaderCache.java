package io.basewatch.elf.loading;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** glibc's table of libraries, /etc/ld.so.cache: names with paths, as ldconfig(8) found them. Format: sysdeps/generic/dl-cache.h. */
final class LoaderCache {

    private static final String MAGIC = "glibc-ld.so.cache1.1";
    private static final int HEADER_BYTES = 48;
    private static final int ENTRY_BYTES = 24;
    private static final int MAX_ENTRIES = 100_000;
    private static final int MAX_TEXT = 4_096;

    /** The first of that name, for whatever machine. */
    static final int ANY = -1;

    /** For what machine an entry is; the loader looks at those of its own alone. */
    private record Key(String name, int flags) {}

    private final Map<Key, String> paths = new HashMap<>();

    /** Names of which there are some for processors with more than the least. */
    private final Map<Key, String> pathsOfSomeProcessors = new HashMap<>();

    private LoaderCache() {}

    /** @return empty when these bytes are no such table, or cut off */
    static Optional<LoaderCache> parse(String bytes) {
        byte[] table = bytes.getBytes(StandardCharsets.ISO_8859_1);
        // Older releases of ldconfig write a table for still older loaders before it.
        int start = bytes.indexOf(MAGIC);
        if (start < 0 || table.length - start < HEADER_BYTES) {
            return Optional.empty();
        }
        boolean isBigEndian = (table[start + 28] & 3) == 3;
        long count = u32(table, start + 20, isBigEndian);
        if (count > MAX_ENTRIES || start + HEADER_BYTES + count * ENTRY_BYTES > table.length) {
            return Optional.empty();
        }
        LoaderCache cache = new LoaderCache();
        for (int i = 0; i < count; i++) {
            int at = start + HEADER_BYTES + i * ENTRY_BYTES;
            long optional = u32(table, at + 16, isBigEndian) | u32(table, at + 20, isBigEndian);
            String name = text(table, start + u32(table, at + 4, isBigEndian));
            String path = text(table, start + u32(table, at + 8, isBigEndian));
            if (name == null || path == null) {
                return Optional.empty();
            }
            // What asks for a processor with more than the least usually comes besides what does not.
            Map<Key, String> paths = optional == 0 ? cache.paths : cache.pathsOfSomeProcessors;
            paths.putIfAbsent(new Key(name, (int) u32(table, at, isBigEndian)), path);
            paths.putIfAbsent(new Key(name, ANY), path);
        }
        return Optional.of(cache);
    }

    private static long u32(byte[] bytes, int at, boolean isBigEndian) {
        long value = 0;
        for (int i = 0; i < 4; i++) {
            value = value << 8 | (bytes[isBigEndian ? at + i : at + 3 - i] & 0xff);
        }
        return value;
    }

    private static @Nullable String text(byte[] bytes, long at) {
        if (at < 0 || at >= bytes.length) {
            return null;
        }
        int end = (int) at;
        while (end < bytes.length && end - at < MAX_TEXT && bytes[end] != 0) {
            end++;
        }
        return end == bytes.length || bytes[end] != 0
                ? null
                : new String(bytes, (int) at, end - (int) at, StandardCharsets.ISO_8859_1);
    }

    /** @param flags as {@code ldconfig} marks libraries of the machine; {@link #ANY} where that is not known */
    Optional<String> find(String name, int flags) {
        return Optional.ofNullable(paths.get(new Key(name, flags)));
    }

    /** Like {@link #find}, of those that only some processors are given. */
    Optional<String> findForSomeProcessors(String name, int flags) {
        return Optional.ofNullable(pathsOfSomeProcessors.get(new Key(name, flags)));
    }
}
