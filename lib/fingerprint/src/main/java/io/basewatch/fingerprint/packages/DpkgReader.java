package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fingerprint.OwnedFiles;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.FirstBytes;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.LinkStore;
import io.basewatch.layerfacts.Want;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * dpkg's status file, and the status.d directory that distroless images have instead: one control file for each package, which is installed because it is
 * there, unless it has a status that says otherwise. Owned files are in {@code info/NAME.list} or {@code info/NAME:ARCHITECTURE.list}, for status.d in {@code NAME.md5sums} beside the control file. Source:
 * dpkg, deb822(5), dpkg-query(1) "Package states"; GoogleContainerTools/distroless.
 */
final class DpkgReader implements PackageReader {

    private static final String STATUS = "var/lib/dpkg/status";
    private static final String STATUS_DIRECTORY = "var/lib/dpkg/status.d";
    private static final String INFO = "var/lib/dpkg/info";
    private static final String LIST_END = ".list";
    private static final String SUMS_END = ".md5sums";
    private static final int MAX_STATUS_BYTES = 24 << 20;
    private static final int MAX_ENTRY_BYTES = 256 << 10;
    private static final int MAX_NAMED = 5;
    private static final String STATUS_FOLDER = "status.d";
    private static final String INFO_FOLDER = "info";
    private static final String STANZA = "Package: ";
    private static final String BACKUPS = "var/backups/";
    private static final Pattern SUM_LINE = Pattern.compile("[0-9a-f]{32}  \\S");

    /** Programs that wait for a trigger of another package are there and configured. */
    private static final Set<String> INSTALLED = Set.of("installed", "triggers-awaited", "triggers-pending");

    private static final Set<String> HALF_INSTALLED = Set.of("half-installed", "unpacked", "half-configured");
    private static final Set<String> NOT_INSTALLED = Set.of("not-installed", "config-files");

    @Override
    public Hints hints() {
        return Hints.NONE
                .namedLike(List.of(STATUS))
                .named("*" + LIST_END)
                .in(STATUS_FOLDER)
                .beginning(STANZA)
                .stored();
    }

    @Override
    public Want wants(FileEntry file) {
        if (file.path().equals(STATUS)) {
            return Want.content(MAX_STATUS_BYTES);
        }
        if (file.folder().equals(INFO) && file.name().endsWith(LIST_END)) {
            return OwnedFilesProbe.ofDpkg();
        }
        if (!file.folder().equals(STATUS_DIRECTORY)) {
            return Want.NOTHING;
        }
        return file.path().endsWith(SUMS_END) ? OwnedFilesProbe.ofMd5sums() : Want.content(MAX_ENTRY_BYTES);
    }

    /** A status file begins with a stanza that has a status; copies that dpkg and others keep of it have names of their own. */
    @Override
    public Want wantsAsTarget(FileEntry file, byte[] head) {
        String path = file.path();
        if (isInFolder(STATUS_FOLDER, path)) {
            return path.endsWith(SUMS_END) ? OwnedFilesProbe.ofMd5sums() : Want.content(MAX_ENTRY_BYTES);
        }
        if (isInFolder(INFO_FOLDER, path) && path.endsWith(LIST_END)) {
            return OwnedFilesProbe.ofDpkg();
        }
        boolean isStanza = FirstBytes.startWith(head, STANZA);
        if (isStanza && FirstBytes.haveLine(head, "Status: ")) {
            return path.endsWith("-old") || path.startsWith(BACKUPS) ? Want.NOTHING : Want.content(MAX_STATUS_BYTES);
        }
        return LinkStore.holds(path) ? wantsStored(isStanza, head) : Want.NOTHING;
    }

    private static Want wantsStored(boolean isStanza, byte[] head) {
        if (isStanza) {
            return Want.content(MAX_ENTRY_BYTES);
        }
        if (FirstBytes.startWith(head, "/.\n")) {
            return OwnedFilesProbe.ofDpkg();
        }
        return SUM_LINE.matcher(FirstBytes.text(head)).lookingAt() ? OwnedFilesProbe.ofMd5sums() : Want.NOTHING;
    }

    private static boolean isInFolder(String folder, String path) {
        int slash = path.lastIndexOf('/');
        return slash >= folder.length()
                && path.startsWith(folder, slash - folder.length())
                && (slash == folder.length() || path.charAt(slash - folder.length() - 1) == '/');
    }

    @Override
    public Optional<Database> read(ImageView image, Findings findings) {
        Reading reading = new Reading(image);
        List<Evidence> evidence = new ArrayList<>();
        ImageFile status = image.find(STATUS).orElse(null);
        byte[] content = status == null ? null : status.content();
        if (status != null && content != null) {
            reading.readStatus(content);
            reading.packages.lostWhenCut(status, content);
            reading.packages.report(status, findings);
            reading.tellHalfInstalled(status, findings);
            reading.tellForgotten(status, image.isWhole(), findings);
            evidence.add(PackagesDetector.evidence(status, PackagesDetector.counted(reading.packages.size())));
        }
        int before = reading.packages.size();
        List<ImageFile> entries = new ArrayList<>();
        for (String path : pathsIn(image, STATUS_DIRECTORY, name -> !name.endsWith(SUMS_END))) {
            ImageFile entry = image.find(path).orElse(null);
            if (entry == null || entry.content() == null) {
                continue;
            }
            entries.add(entry);
            reading.readEntry(entry, image.find(path + SUMS_END).orElse(null));
            reading.packages.report(entry, findings);
            reading.tellHalfInstalled(entry, findings);
        }
        if (!entries.isEmpty()) {
            evidence.add(PackagesDetector.evidence(
                    entries.get(0), PackagesDetector.counted(reading.packages.size() - before) + " in status.d"));
        }
        return evidence.isEmpty() ? Optional.empty() : Optional.of(reading.packages.toDatabase("dpkg", evidence));
    }

    /** As they are looked for, whatever links lie on the way; of more than a list of packages may have the first. */
    private static List<String> pathsIn(ImageView image, String directory, Predicate<String> wanted) {
        return image.list(directory)
                .map(file -> directory + "/" + file.entry().name())
                .filter(wanted)
                .limit(PackageList.MAX_PACKAGES + 1)
                .toList();
    }

    /** For tests of the text alone. */
    static void parse(byte[] content, PackageList packages) {
        new Reading(packages, new HashMap<>()).readStatus(content);
    }

    /** Both places while they are read. */
    private static final class Reading {

        private final PackageList packages;
        private final Map<String, ImageFile> lists;

        /** Names with architectures, so that a package in both places counts once. */
        private final Set<String> seen = new HashSet<>();

        /** Names of lists, in their order, of which no stanza yet, whatever its state, has the name. */
        private final Set<String> forgotten;

        private final List<String> halfInstalled = new ArrayList<>();

        Reading(ImageView image) {
            this(
                    new PackageList(),
                    pathsIn(image, INFO, path -> path.endsWith(LIST_END)).stream()
                            .flatMap(path -> image.find(path).map(file -> Map.entry(listed(path), file)).stream())
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey, Map.Entry::getValue, (one, same) -> one, TreeMap::new)));
        }

        Reading(PackageList packages, Map<String, ImageFile> lists) {
            this.packages = packages;
            this.lists = lists;
            this.forgotten = new LinkedHashSet<>(lists.keySet());
        }

        void readStatus(byte[] content) {
            ControlFile.read(content, this::addFromStatus, packages);
            if (!Lines.breakOff(content) && !Lines.endBlank(content)) {
                packages.doubt("does not end with a blank line, as dpkg writes it: packages may be missing");
            }
        }

        private void addFromStatus(ControlFile.Stanza stanza) {
            String name = stanza.name();
            String status = stanza.status();
            if (name == null || status == null) {
                packages.lost(name == null ? "a package has no name" : "package " + name + " has no status");
                return;
            }
            String qualified = name + ":" + stanza.architecture();
            forgotten.remove(name);
            forgotten.remove(qualified);
            if (isInstalled(name, status)) {
                ImageFile list = lists.get(qualified);
                add(name, qualified, stanza, list == null ? lists.get(name) : list);
            }
        }

        private boolean isInstalled(String name, String status) {
            // Three words: what is wanted, an error flag, and the state.
            String state = status.substring(status.lastIndexOf(' ') + 1);
            if (INSTALLED.contains(state)) {
                return true;
            }
            if (HALF_INSTALLED.contains(state)) {
                halfInstalled.add(name + " " + state);
            } else if (!NOT_INSTALLED.contains(state)) {
                packages.lost("package " + name + " has a state that dpkg does not know: " + state);
            }
            return false;
        }

        void readEntry(ImageFile entry, @Nullable ImageFile sums) {
            byte[] content = Objects.requireNonNull(entry.content());
            int[] stanzas = {0};
            ControlFile.read(
                    content,
                    stanza -> {
                        stanzas[0]++;
                        String name = stanza.name();
                        String status = stanza.status();
                        if (name == null) {
                            packages.lost("has no name");
                        } else if (status == null || isInstalled(name, status)) {
                            add(name, name + ":" + stanza.architecture(), stanza, sums);
                        }
                    },
                    packages);
            if (stanzas[0] == 0) {
                packages.lost("has no package");
            }
            packages.lostWhenCut(entry, content);
        }

        private void add(String name, String qualified, ControlFile.Stanza stanza, @Nullable ImageFile list) {
            String version = stanza.version();
            if (version == null) {
                packages.lost("package " + name + " has no version");
            } else if (seen.add(qualified)) {
                packages.add(installed(name, version, stanza, OwnedFilesProbe.files(list)));
            }
        }

        /** Of the file that was read last. */
        void tellHalfInstalled(ImageFile file, Findings findings) {
            if (!halfInstalled.isEmpty()) {
                findings.contradiction(
                        "packages",
                        file.entry().path() + " has packages whose installation did not end; they are not counted: "
                                + some(halfInstalled),
                        List.of(PackagesDetector.evidence(file, halfInstalled.get(0))));
                halfInstalled.clear();
            }
        }

        /** dpkg removes a package's list together with its stanza. */
        void tellForgotten(ImageFile status, boolean isWhole, Findings findings) {
            if (!forgotten.isEmpty()) {
                packages.markIncomplete();
            }
            if (!forgotten.isEmpty() && isWhole) {
                findings.contradiction(
                        "packages",
                        INFO + " has file lists of packages that " + STATUS
                                + " does not mention, so that the count is unknown: " + some(List.copyOf(forgotten)),
                        List.of(PackagesDetector.evidence(status, PackagesDetector.counted(packages.size()))));
            }
        }
    }

    /** {@code libc6:amd64} of {@code libc6:amd64.list}. */
    private static String listed(String path) {
        return path.substring(INFO.length() + 1, path.length() - LIST_END.length());
    }

    private static String some(List<String> names) {
        return String.join(", ", names.subList(0, Math.min(MAX_NAMED, names.size())))
                + (names.size() > MAX_NAMED ? " and " + (names.size() - MAX_NAMED) + " more" : "");
    }

    private static InstalledPackage installed(
            String name, String version, ControlFile.Stanza stanza, OwnedFiles files) {
        String source = stanza.source();
        if (source == null) {
            source = name;
        } else if (source.indexOf(' ') > 0) {
            // "glibc (2.36-9)": the source's version where it differs.
            source = source.substring(0, source.indexOf(' '));
        }
        return new InstalledPackage(
                "dpkg",
                name,
                version,
                stanza.architecture(),
                source,
                stanza.maintainer(),
                null,
                Numbers.parseCount(stanza.installedSize()) * 1024,
                files);
    }
}
