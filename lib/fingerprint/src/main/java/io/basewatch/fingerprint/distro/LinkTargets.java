package io.basewatch.fingerprint.distro;

import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.FirstBytes;
import io.basewatch.layerfacts.LinkStore;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Files to which a release file may turn out to be a link: named like one wherever they lie, or beginning like an os-release whatever their name is. In a link store,
 * where names say nothing, all short texts.
 */
final class LinkTargets {

    private static final Set<String> NAMES = ReleaseFiles.rowsByPath().keySet().stream()
            .map(path -> path.substring(path.lastIndexOf('/') + 1))
            .collect(Collectors.toUnmodifiableSet());

    static final int MAX_OS_RELEASE_BYTES = 64 << 10;

    private LinkTargets() {}

    static boolean mayBeWanted(FileEntry file, byte[] head) {
        String path = file.path();
        return isNamedSo(path, file.name())
                || (file.size() <= MAX_OS_RELEASE_BYTES && isOsRelease(head))
                || (LinkStore.holds(path) && isShortText(file, head));
    }

    /** Programs have such names too: {@code usr/bin/lsb_release}. */
    private static boolean isNamedSo(String path, String name) {
        boolean isRelease = NAMES.contains(name) || name.endsWith("-release") || name.endsWith("_release");
        return (isRelease && !path.endsWith("bin/" + name))
                || path.endsWith("/apk/repositories")
                || path.endsWith("/sources.list")
                || ((name.endsWith(".list") || name.endsWith(".sources")) && path.contains("/sources.list.d/"));
    }

    private static boolean isOsRelease(byte[] head) {
        return FirstBytes.haveLine(head, "ID=")
                && (FirstBytes.haveLine(head, "NAME=") || FirstBytes.haveLine(head, "PRETTY_NAME="))
                && FirstBytes.areText(head);
    }

    private static boolean isShortText(FileEntry file, byte[] head) {
        boolean isSources = FirstBytes.haveLine(head, "Types: deb")
                || FirstBytes.haveLine(head, "deb ")
                || FirstBytes.haveLine(head, "# deb ")
                || FirstBytes.haveLine(head, "#deb ");
        return (file.size() == head.length || isSources)
                && FirstBytes.areText(head)
                && !FirstBytes.startWith(head, "<")
                && !FirstBytes.startWith(head, "{")
                && !FirstBytes.startWith(head, "#!");
    }
}
