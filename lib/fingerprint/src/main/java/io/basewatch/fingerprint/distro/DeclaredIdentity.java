package io.basewatch.fingerprint.distro;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which distribution an os-release file declares, and which release of it. Derivatives borrow their parent's {@code ID} so that software for the parent
 * installs (Scientific Linux 7.1: {@code ID="rhel"}, Puppy and Parrot: {@code ID=debian}); where the rest of the file names another distribution, the ID is
 * not believed, as the parent's dates are not the derivative's. A brand is none: whoever only renames {@code PRETTY_NAME}, or leaves the parent's name in any
 * of the names and addresses, still ships the parent.
 *
 * @param id in lower case
 * @param version null when the file does not say
 * @param borrowed the ID that is not believed; null when the ID is
 * @param quoted the fields that say so, the most telling first
 */
record DeclaredIdentity(
        String id, @Nullable String version, @Nullable String borrowed, List<String> quoted) {

    private static final int MAX_ID = 64;

    /** What builders write who were not told: apko {@code unknown}, os-release(5) {@code linux}. */
    private static final Pattern NO_ID = Pattern.compile("unknown|linux|generic|default|none|n/a|[@%{$].*|template.*");

    private static final Pattern PROPER_ID = Pattern.compile("[a-z0-9._-]+");

    /** Arch's package has TEMPLATE_VERSION_ID where its images have a date, apko's default is {@code unknown}. */
    private static final Pattern NO_VERSION = Pattern.compile("(?i)unknown|none|n/a|[@%{$].*|TEMPLATE_.*");

    /** {@code 7.8.1}, {@code v1.4.2}, {@code 15-SP6} at the beginning of what is left of a text after the name. */
    private static final Pattern VERSION = Pattern.compile("^([vV]?\\d[\\w.+]*)(?:-SP(\\d+)\\b)?(?![\\w.+-])");

    private static final Pattern ROLLING = Pattern.compile("(?i)\\brolling\\b");

    DeclaredIdentity {
        quoted = List.copyOf(quoted);
    }

    /**
     * Empty when the file names no distribution.
     *
     * @param others what else the image says, which tells a brand from a derivative where the names are of no help
     */
    static Optional<DeclaredIdentity> of(OsRelease fields, List<Claim> others) {
        String declared = declaredId(fields);
        if (declared == null) {
            return named(fields.get("NAME")).map(named -> believed(named.id(), fields, "NAME"));
        }
        return ownName(declared, fields, others).or(() -> Optional.of(believed(declared, fields, "ID")));
    }

    private static DeclaredIdentity believed(String id, OsRelease fields, String key) {
        Version version = Version.of(id, fields);
        return new DeclaredIdentity(id, version.text(), null, version.quotedWith(key));
    }

    /** In lower case; {@code Zorin OS}, which os-release(5) does not allow, is looked up as a name. Null for none. */
    private static @Nullable String declaredId(OsRelease fields) {
        String id = fields.get("ID");
        if (id == null || id.length() > MAX_ID) {
            return null;
        }
        String lower = id.toLowerCase(Locale.ROOT);
        if (NO_ID.matcher(lower).matches()) {
            return null;
        }
        if (Distribution.find(lower).isPresent() || PROPER_ID.matcher(lower).matches()) {
            return lower;
        }
        String made = Distribution.named(id).map(Distribution::id).orElseGet(() -> Distribution.idFrom(id));
        return made.isEmpty() ? null : made;
    }

    /** The distribution that the file's names tell of where its ID cannot be meant. */
    private static Optional<DeclaredIdentity> ownName(String declared, OsRelease fields, List<Claim> others) {
        Distribution parent = Distribution.find(declared).orElse(null);
        if (parent == null) {
            return Optional.empty();
        }
        String name = fields.get("NAME");
        String prettyName = fields.get("PRETTY_NAME");
        Distribution byName = named(name).orElse(null);
        if (byName != null && isDerivative(byName, parent) && !parent.isNamedAtStartOf(name)) {
            return Optional.of(borrowed(byName.id(), declared, "NAME", Version.of(byName.id(), fields)));
        }
        Distribution byPrettyName = named(prettyName).orElse(null);
        if (prettyName != null
                && byPrettyName != null
                && isDerivative(byPrettyName, parent)
                && !parent.isNamedAtStartOf(prettyName)
                && byPrettyName.isNamedIn(fields.get("HOME_URL"))) {
            // NAME is the parent's, so VERSION_ID may be, too.
            Version version = Version.after(byPrettyName, prettyName);
            return Optional.of(borrowed(
                    byPrettyName.id(),
                    declared,
                    "PRETTY_NAME",
                    version.text() == null && !parent.isNamedIn(name)
                            ? Version.of(byPrettyName.id(), fields)
                            : version));
        }
        if (isParentNowhereIn(fields, parent) && !isProvenBy(others, declared, fields)) {
            String key = name != null ? "NAME" : "PRETTY_NAME";
            String made = Distribution.idFrom(withoutVersion(Objects.requireNonNullElse(fields.get(key), "")));
            return made.isEmpty() || made.length() > MAX_ID
                    ? Optional.empty()
                    : Optional.of(borrowed(made, declared, key, Version.of(made, fields)));
        }
        return Optional.empty();
    }

    private static DeclaredIdentity borrowed(String id, String declared, String key, Version version) {
        List<String> quoted = new ArrayList<>(version.quotedWith(key));
        quoted.add(1, "ID");
        return new DeclaredIdentity(id, version.text(), declared, quoted);
    }

    /** Whether one can be made from the other or from a relative of it, and not the other from the one. */
    private static boolean isDerivative(Distribution one, Distribution parent) {
        if (one.id().equals(parent.id())) {
            return false;
        }
        Set<String> parents = Distribution.families(parent.id(), List.of());
        Set<String> families = Distribution.families(one.id(), List.of());
        return !parents.contains(one.id())
                && (one.manager() == null
                        || families.contains(parent.id())
                        || families.stream().anyMatch(parents::contains));
    }

    private static boolean isParentNowhereIn(OsRelease fields, Distribution parent) {
        List<String> names = Stream.of("NAME", "PRETTY_NAME", "CPE_NAME", "HOME_URL")
                .map(fields::get)
                .filter(Objects::nonNull)
                .toList();
        return (fields.get("NAME") != null || fields.get("PRETTY_NAME") != null)
                && names.stream().noneMatch(parent::isNamedIn);
    }

    /** Whether something else in the image tells of the very release that the file declares: then the name is a brand. */
    private static boolean isProvenBy(List<Claim> others, String declared, OsRelease fields) {
        String version = fields.get("VERSION_ID");
        String codename = fields.get("VERSION_CODENAME");
        boolean isRelease = version != null
                && codename != null
                && Distribution.codename(declared, version)
                        .filter(codename::equalsIgnoreCase)
                        .isPresent();
        return isRelease
                || others.stream()
                        .anyMatch(other -> other.id().equals(declared)
                                && (version == null
                                        || (other.version() != null && Versions.agree(version, other.version()))));
    }

    private static Optional<Distribution> named(@Nullable String name) {
        return name == null
                ? Optional.empty()
                : Distribution.named(name).or(() -> Distribution.named(withoutVersion(name)));
    }

    /** {@code Garden Linux 27.1.0}: what stands before the first number. */
    private static String withoutVersion(String name) {
        return name.replaceFirst("(?:^|\\s)[vV]?\\d.*$", "").strip();
    }

    /** @param key the field that says it; null with the text */
    private record Version(@Nullable String text, @Nullable String key) {

        private static final Version NONE = new Version(null, null);

        /**
         * VERSION_ID; where it is absent, what VERSION, IMAGE_VERSION or PRETTY_NAME begin with. None of these for a distribution without releases, whose
         * VERSION is a snapshot's. Tools that build images write IMAGE_VERSION for the image, so it counts only where the distribution's own name has it.
         */
        static Version of(String id, OsRelease fields) {
            String versionId = fields.get("VERSION_ID");
            if (versionId != null && !NO_VERSION.matcher(versionId).matches()) {
                return new Version(versionId, "VERSION_ID");
            }
            String version = fields.get("VERSION");
            Optional<Distribution> known = Distribution.find(id);
            if (known.map(Distribution::rolling).orElse(false)
                    || "rolling".equals(fields.get("BUILD_ID"))
                    || (version != null && ROLLING.matcher(version).find())) {
                return NONE;
            }
            String name = Objects.requireNonNullElse(fields.get("NAME"), "");
            String prettyName = fields.get("PRETTY_NAME");
            String image = fields.get("IMAGE_VERSION");
            String fromVersion = atStart(version, name);
            if (fromVersion != null) {
                return new Version(fromVersion, "VERSION");
            }
            String fromName = name.isEmpty() ? null : atStart(prettyName, name);
            if (image != null && image.equals(fromName)) {
                return new Version(image, "IMAGE_VERSION");
            }
            return fromName == null || prettyName == null || prettyName.length() == fromName.length()
                    ? NONE
                    : new Version(fromName, "PRETTY_NAME");
        }

        /** The version that stands after the distribution's name. */
        static Version after(Distribution distribution, String prettyName) {
            String rest = prettyName.substring(withoutVersion(prettyName).length());
            String found = distribution.isNamedAtStartOf(prettyName) ? atStart(rest, "") : null;
            return found == null ? NONE : new Version(found, "PRETTY_NAME");
        }

        /** The text may have the name first: {@code Cumulus Linux 3.7.2}. */
        private static @Nullable String atStart(@Nullable String text, String name) {
            if (text == null) {
                return null;
            }
            String rest = text.startsWith(name) ? text.substring(name.length()).strip() : text;
            Matcher matcher = VERSION.matcher(rest);
            if (!matcher.find()) {
                return null;
            }
            return matcher.group(2) == null ? matcher.group(1) : matcher.group(1) + "." + matcher.group(2);
        }

        List<String> quotedWith(String first) {
            return key == null || key.equals(first) ? List.of(first) : List.of(first, key);
        }
    }
}
