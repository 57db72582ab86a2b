package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fingerprint.OwnedFiles;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Want;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Void Linux's package database: an XML property list, a dictionary of packages by name, each a dictionary of its properties. Source: xbps, lib/pkgdb.c;
 * proplib(3).
 */
final class XbpsReader extends OneFileReader {

    private static final List<String> PATHS = List.of("var/db/xbps/pkgdb-0.38.plist", "var/db/xbps/pkgdb-0.21.plist");
    private static final DateTimeFormatter INSTALL_DATE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT);
    private static final int MAX_BYTES = 16 << 20;

    /** {@code var/db/xbps/.NAME-files.plist} */
    private static final String DIRECTORY = "var/db/xbps/";

    private static final String FILES_END = "-files.plist";

    XbpsReader() {
        super("xbps", MAX_BYTES, PATHS);
    }

    @Override
    public Hints hints() {
        return super.hints().named("*" + FILES_END);
    }

    @Override
    public Want wants(FileEntry file) {
        return file.path().startsWith(DIRECTORY + ".") && file.path().endsWith(FILES_END)
                ? OwnedFilesProbe.ofXbps()
                : super.wants(file);
    }

    @Override
    public Want wantsAsTarget(FileEntry file, byte[] head) {
        return file.name().startsWith(".") && file.name().endsWith(FILES_END)
                ? OwnedFilesProbe.ofXbps()
                : super.wantsAsTarget(file, head);
    }

    @Override
    boolean isTarget(FileEntry file, byte[] head) {
        return hasItsName(file);
    }

    @Override
    void parse(byte[] content, ImageView image, PackageList packages) {
        parse(
                content,
                packages,
                name -> OwnedFilesProbe.files(
                        image.find(DIRECTORY + "." + name + FILES_END).orElse(null)));
    }

    /** The packages before the first broken place are listed, whatever follows. */
    static void parse(byte[] content, PackageList packages, Function<String, OwnedFiles> filesOf) {
        try {
            PropertyList.read(new String(content, StandardCharsets.UTF_8), new Packages(packages, filesOf));
        } catch (BrokenDatabaseException e) {
            packages.lost(e.problem());
        }
    }

    /** Dictionaries at depth 2 are packages. */
    private static final class Packages implements PropertyList.Visitor {

        private final PackageList packages;
        private final Function<String, OwnedFiles> filesOf;
        private final Map<String, String> properties = new HashMap<>();
        private int depth;
        private @Nullable String name;
        private @Nullable String key;

        Packages(PackageList packages, Function<String, OwnedFiles> filesOf) {
            this.packages = packages;
            this.filesOf = filesOf;
        }

        @Override
        public void start(String element) {
            if (element.equals("dict") || element.equals("array")) {
                depth++;
                if (depth == 2) {
                    properties.clear();
                }
            }
        }

        @Override
        public void end(String element, String text) {
            switch (element) {
                case "key" -> {
                    if (depth == 1) {
                        name = text;
                    } else if (depth == 2) {
                        key = text;
                    }
                }
                case "string", "integer" -> {
                    if (depth == 2 && key != null && properties.size() < 64) {
                        properties.put(key, text);
                    }
                }
                case "dict", "array" -> {
                    if (depth == 2) {
                        addPackage();
                    }
                    depth--;
                }
                default -> {
                    // true, false, data, date: of no use here.
                }
            }
        }

        /** Entries without a version are the manager's own notes ({@code _XBPS_ALTERNATIVES_}). */
        private void addPackage() {
            String versioned = properties.get("pkgver");
            int dash = versioned == null ? -1 : versioned.lastIndexOf('-');
            boolean isInstalled = "installed".equals(properties.getOrDefault("state", "installed"));
            if (versioned != null && name != null && dash > 0 && isInstalled) {
                String installed = versioned.substring(0, dash);
                packages.add(new InstalledPackage(
                        "xbps",
                        installed,
                        versioned.substring(dash + 1),
                        properties.get("architecture"),
                        sourceOf(properties.get("source-revisions")),
                        properties.get("maintainer"),
                        time(properties.get("install-date")),
                        Numbers.parseCount(properties.get("installed_size")),
                        filesOf.apply(installed)));
            }
        }

        /** {@code 2024-09-23 12:34 UTC}. */
        private static @Nullable Instant time(@Nullable String date) {
            try {
                return date == null
                        ? null
                        : INSTALL_DATE.parse(date, LocalDateTime::from).toInstant(ZoneOffset.UTC);
            } catch (DateTimeParseException e) {
                return null;
            }
        }

        /** {@code glibc:35b3d4c9f1}. */
        private static @Nullable String sourceOf(@Nullable String revisions) {
            if (revisions == null) {
                return null;
            }
            int colon = revisions.indexOf(':');
            return colon > 0 ? revisions.substring(0, colon) : null;
        }
    }
}
