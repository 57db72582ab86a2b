package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.FileEntry;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.ImageFile;
import io.basewatch.fingerprint.ImageView;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fingerprint.Want;
import java.io.ByteArrayInputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * Void Linux's package database: an XML property list, a dictionary of packages by name, each a dictionary of its properties. Source: xbps, lib/pkgdb.c;
 * proplib(3).
 */
final class XbpsReader implements PackageReader {

    private static final List<String> PATHS = List.of("var/db/xbps/pkgdb-0.38.plist", "var/db/xbps/pkgdb-0.21.plist");
    private static final int MAX_BYTES = 16 << 20;
    private static final int MAX_DEPTH = 32;
    private static final int MAX_TEXT = 4096;

    @Override
    public Want wants(FileEntry file) {
        return PATHS.contains(file.path()) ? Want.content(MAX_BYTES) : Want.NOTHING;
    }

    @Override
    public Optional<Database> read(ImageView image, Findings findings) {
        for (ImageFile file : PackagesDetector.keptFiles(image, PATHS)) {
            byte[] content = file.content();
            if (content != null) {
                PackageList packages = new PackageList();
                parse(content, packages).ifPresent(problem -> {
                    packages.markIncomplete();
                    findings.invalid(file.entry().path(), problem);
                });
                return Optional.of(new Database(
                        "xbps",
                        packages.isIncomplete() ? null : packages.size(),
                        packages.packages(),
                        List.of(PackagesDetector.evidence(file, packages.size() + " packages"))));
            }
        }
        return Optional.empty();
    }

    /**
     * @return what is wrong with the file; the packages before that place are listed all the same
     */
    static Optional<String> parse(byte[] content, PackageList packages) {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        // The file names Apple's document type; nothing of it is needed, and nothing outside the file may be read.
        // What is wrong is told by an exception; the reader would also print it.
        factory.setXMLReporter((message, error, information, location) -> {});
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try {
            XMLStreamReader xml = factory.createXMLStreamReader(new ByteArrayInputStream(content));
            new Plist(xml, packages).read();
            xml.close();
        } catch (XMLStreamException e) {
            return Optional.of("is no XML property list from line " + line(e) + " on");
        }
        return packages.isIncomplete()
                ? Optional.of("more than " + PackageList.MAX_PACKAGES + " packages")
                : Optional.empty();
    }

    private static int line(XMLStreamException e) {
        return e.getLocation() == null ? 1 : e.getLocation().getLineNumber();
    }

    /** Walks the elements; dictionaries at depth 2 are packages. */
    private static final class Plist {

        private final XMLStreamReader xml;
        private final PackageList packages;
        private final Map<String, String> properties = new HashMap<>();
        private final StringBuilder text = new StringBuilder();
        private int depth;
        private @Nullable String name;
        private @Nullable String key;

        Plist(XMLStreamReader xml, PackageList packages) {
            this.xml = xml;
            this.packages = packages;
        }

        void read() throws XMLStreamException {
            while (xml.hasNext()) {
                switch (xml.next()) {
                    case XMLStreamConstants.START_ELEMENT -> start(xml.getLocalName());
                    case XMLStreamConstants.CHARACTERS -> {
                        if (text.length() < MAX_TEXT) {
                            text.append(xml.getText());
                        }
                    }
                    case XMLStreamConstants.END_ELEMENT -> end(xml.getLocalName());
                    default -> {
                        // Comments and the document type.
                    }
                }
            }
        }

        private void start(String element) throws XMLStreamException {
            text.setLength(0);
            if (element.equals("dict") || element.equals("array")) {
                depth++;
                if (depth > MAX_DEPTH) {
                    throw new XMLStreamException("deeper than a property list is", xml.getLocation());
                }
                if (depth == 2) {
                    properties.clear();
                }
            }
        }

        private void end(String element) {
            switch (element) {
                case "key" -> {
                    if (depth == 1) {
                        name = text.toString();
                    } else if (depth == 2) {
                        key = text.toString();
                    }
                }
                case "string", "integer" -> {
                    if (depth == 2 && key != null && properties.size() < 64) {
                        properties.put(key, text.toString());
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
                packages.add(new InstalledPackage(
                        "xbps",
                        versioned.substring(0, dash),
                        versioned.substring(dash + 1),
                        properties.get("architecture"),
                        sourceOf(properties.get("source-revisions")),
                        properties.get("maintainer"),
                        null,
                        Numbers.parseCount(properties.get("installed_size")),
                        List.of()));
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
