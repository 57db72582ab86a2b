package io.basewatch.fingerprint.distro;

import io.basewatch.elf.ElfFiles;
import io.basewatch.fingerprint.Detector;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Interest;
import io.basewatch.layerfacts.Want;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
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
 * Finds the distribution and release. The order of trust: os-release, release files ({@code release-files.tsv}), apk's repositories, installed packages
 * ({@code package-traces.tsv}), BusyBox's banner, the text before a login. The first that speaks names the distribution; those after it can add a version or
 * codename that is missing, and are reported where they cannot hold beside it.
 */
public final class DistroDetector implements Detector, Interest {

    static final String ID = "distro/4";

    /** In order; the last two are where Bottlerocket keeps the system beside the container's own tree. */
    private static final List<String> OS_RELEASE_PATHS = List.of(
            "etc/os-release",
            "usr/lib/os-release",
            "x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release",
            "aarch64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release");

    /** BusyBox's official images name the file after its first applet, {@code [}; all others are hard links to it. */
    private static final Set<String> BUSYBOX_PATHS =
            Set.of("bin/busybox", "bin/[", "usr/bin/busybox", "busybox/busybox");

    /** In NixOS and Guix System every file of etc is a link into the store: {@code nix/store/HASH-etc-os-release}. */
    private static final List<String> LINKED_DIRECTORIES =
            List.of("etc/", "usr/lib/", "lib/", "usr/share/", "nix/store/", "gnu/store/");

    private static final int MAX_EVIDENCE = 6;

    /** {@code 12 (bookworm)}, {@code 9.6 (Plow)}: the codename, where the field of its own is younger than the file. */
    private static final Pattern CODENAME_IN_VERSION = Pattern.compile("^[vV]?[\\d.]+ \\(([A-Za-z][A-Za-z ]*)\\)$");

    private static final Pattern REVISION = Pattern.compile("r\\d{3,7}(?:-[0-9a-f]{6,40})?");

    @Override
    public String id() {
        return ID;
    }

    /** Reads the tables that telling needs and reading layers does not. */
    public static void readTables() {
        Distribution.find("");
        PackageTraces.lacksItsOwn("", List.of());
    }

    /** Whether the image's label of that name says anything of its distribution. */
    public static boolean readsLabel(String name) {
        return Variants.readsLabel(name);
    }

    @Override
    public Hints hints() {
        return Hints.NONE
                .namedLike(BUSYBOX_PATHS)
                .namedLike(OS_RELEASE_PATHS)
                .namedLike(ReleaseFiles.rowsByPath().keySet())
                .namedLike(Variants.texts())
                .namedWith("os-release")
                .named("*-release", "*_release", "repositories", "sources.list", "*.list", "*.sources")
                .havingLine("ID=", LinkTargets.MAX_OS_RELEASE_BYTES)
                .stored();
    }

    @Override
    public Want wants(FileEntry file, byte[] head) {
        String path = file.path();
        if (BUSYBOX_PATHS.contains(path) && head.length > 0) {
            return Want.probe(BusyBoxBanner.KIND, BusyBoxBanner::new);
        }
        boolean wanted = OS_RELEASE_PATHS.contains(path)
                || ReleaseFiles.isReleaseFile(path)
                || path.equals(ApkRepositories.PATH)
                || AptSources.isSourceFile(path)
                || Variants.readsTextOf(path)
                || isLikelyTargetOfReleaseLink(file);
        return wanted ? Want.content(Text.MAX_BYTES) : Want.NOTHING;
    }

    @Override
    public Want wantsAsTarget(FileEntry file, byte[] head) {
        return LinkTargets.mayBeWanted(file, head) ? Want.content(Text.MAX_BYTES) : Want.NOTHING;
    }

    /** Release files are often links to a file of the same kind elsewhere: {@code usr/lib/os.release.d/os-release-fedora}, {@code usr/lib/centos-release}. */
    private static boolean isLikelyTargetOfReleaseLink(FileEntry file) {
        String name = file.name();
        // Nearly all names end here.
        if (!name.contains("os-release") && !name.endsWith("-release") && !name.endsWith("_release")) {
            return false;
        }
        return LINKED_DIRECTORIES.stream().anyMatch(file.path()::startsWith)
                && file.path().chars().filter(c -> c == '/').count() <= 4;
    }

    @Override
    public void detect(ImageView image, ElfFiles elfFiles, Findings findings) {
        List<Claim> releaseFiles = ReleaseFiles.claims(image);
        List<Claim> packages = PackageTraces.claims(findings);
        OsReleases osReleases = osReleases(
                image, Stream.concat(releaseFiles.stream(), packages.stream()).toList(), findings);
        List<Claim> claims = new ArrayList<>(osReleases.claims());
        releaseFiles.stream()
                .filter(claim -> claim.source() != Claim.Source.ISSUE)
                .forEach(claims::add);
        claims.addAll(ApkRepositories.claims(image));
        claims.addAll(packages);
        releaseFiles.stream()
                .filter(claim -> claim.source() == Claim.Source.ISSUE)
                .forEach(claims::add);
        if (findings.databases().isEmpty() && image.isWhole()) {
            claims.addAll(banner(image, elfFiles));
        }
        claims = derivativeFirst(claims);
        if (!claims.isEmpty() && osReleases.fields() == null) {
            claims.addAll(deletedOsReleases(claims.get(0), image));
        }
        if (!claims.isEmpty()) {
            decide(claims, osReleases.fields(), image, findings);
        }
    }

    /**
     * A derivative keeps files of the distribution that it is made from, never the other way round: where a release file names a derivative of the first
     * claim's distribution, it speaks. Beside an os-release only for the same release (Scientific Linux 7.2 declared {@code ID=rhel}), as anything else is a
     * contradiction.
     */
    private static List<Claim> derivativeFirst(List<Claim> claims) {
        if (claims.isEmpty()) {
            return claims;
        }
        Claim first = claims.get(0);
        List<Claim> ordered = new ArrayList<>(claims);
        claims.stream()
                .filter(claim -> claim.source() == Claim.Source.RELEASE_FILE
                        && Distribution.families(claim.id(), List.of()).contains(first.id())
                        && (first.source() == Claim.Source.RELEASE_FILE || isSameRelease(first, claim)))
                .findFirst()
                .ifPresent(derivative -> {
                    ordered.remove(derivative);
                    ordered.add(0, derivative);
                });
        return ordered;
    }

    private static boolean isSameRelease(Claim one, Claim other) {
        return one.version() != null && other.version() != null && Versions.agree(one.version(), other.version());
    }

    /**
     * The os-release that a lower layer brought and a higher one deleted: the exact release, when all that is left tells of the same one. It never names
     * the distribution alone, as the layers above may have replaced all of it.
     */
    private static List<Claim> deletedOsReleases(Claim chosen, ImageView image) {
        return OS_RELEASE_PATHS.stream()
                .limit(2)
                .flatMap(path -> image.hidden(path).limit(1))
                .flatMap(file -> claim(OsRelease.parse(Text.of(file)), file, List.of()).stream())
                .filter(claim -> claim.id().equals(chosen.id())
                        && claim.version() != null
                        && (chosen.version() == null || Versions.startsWith(claim.version(), chosen.version())))
                .limit(1)
                .map(claim -> new Claim(
                        Claim.Source.DELETED,
                        claim.id(),
                        claim.version(),
                        claim.codename(),
                        claim.name(),
                        claim.like(),
                        claim.evidence()))
                .toList();
    }

    private record OsReleases(List<Claim> claims, @Nullable OsRelease fields) {}

    private static OsReleases osReleases(ImageView image, List<Claim> others, Findings findings) {
        List<Claim> claims = new ArrayList<>();
        Set<String> seen = new LinkedHashSet<>();
        OsRelease first = null;
        for (String path : OS_RELEASE_PATHS) {
            ImageFile file = image.find(path).orElse(null);
            if (file != null && seen.add(file.entry().path())) {
                OsRelease fields = OsRelease.parse(Text.of(file));
                if (fields.isCut()) {
                    findings.invalid(file.entry().path(), "ends within quotes: its last line and more may be missing");
                }
                Optional<Claim> claim = claim(fields, file, others);
                if (claim.isPresent()) {
                    claims.add(claim.get());
                    first = first == null ? fields : first;
                }
            }
        }
        return new OsReleases(claims, first);
    }

    private static Optional<Claim> claim(OsRelease fields, ImageFile file, List<Claim> others) {
        return DeclaredIdentity.of(fields, others)
                .map(identity -> new Claim(
                        Claim.Source.OS_RELEASE,
                        identity.id(),
                        identity.version(),
                        codename(identity.id(), fields),
                        fields.get("PRETTY_NAME"),
                        like(identity, fields),
                        evidence(file, OsRelease.quote(Text.asItStands(file), identity.quoted()))));
    }

    /** ID_LIKE beside an ID that is not believed is of the same origin: what the ID itself was like. */
    private static List<String> like(DeclaredIdentity identity, OsRelease fields) {
        if (identity.borrowed() == null) {
            return like(fields);
        }
        return Distribution.families(identity.id(), List.of()).contains(identity.borrowed())
                ? List.of()
                : List.of(identity.borrowed());
    }

    private static List<String> like(OsRelease fields) {
        String like = fields.get("ID_LIKE");
        return like == null ? List.of() : List.of(like.toLowerCase(Locale.ROOT).split("[\\s,]+"));
    }

    private static @Nullable String codename(String id, OsRelease fields) {
        String codename = fields.get("VERSION_CODENAME");
        if (codename == null && id.equals("ubuntu")) {
            codename = fields.get("UBUNTU_CODENAME");
        }
        if (codename != null) {
            return codename;
        }
        String version = fields.get("VERSION");
        Matcher matcher = CODENAME_IN_VERSION.matcher(version == null ? "" : version);
        if (!matcher.matches()) {
            return codenameOfName(id, fields.get("PRETTY_NAME"));
        }
        String found = matcher.group(1);
        // Fedora writes the edition there.
        boolean isEdition =
                found.equals(fields.get("VARIANT")) || (id.equals("fedora") && fields.get("VARIANT") != null);
        return isEdition || !Distribution.isCodename(id, found) ? null : found;
    }

    /** {@code Devuan GNU/Linux ascii}: all that its file said before there was a number. */
    private static @Nullable String codenameOfName(String id, @Nullable String name) {
        String lastWord = name == null ? "" : name.substring(name.lastIndexOf(' ') + 1);
        return Distribution.releaseByCodename(id, lastWord).isPresent() ? lastWord : null;
    }

    private static List<Claim> banner(ImageView image, ElfFiles elfFiles) {
        for (String path : List.of("bin/busybox", "bin/[", "usr/bin/busybox", "busybox/busybox")) {
            ImageFile file = image.find(path).orElse(null);
            String banner =
                    file == null ? null : BusyBoxBanner.of(file, elfFiles).orElse(null);
            if (file != null && banner != null) {
                Optional<String> version = BusyBoxBanner.version(banner);
                if (version.isPresent()) {
                    return List.of(new Claim(
                            Claim.Source.BANNER,
                            "busybox",
                            version.get(),
                            null,
                            "BusyBox " + version.get(),
                            List.of(),
                            evidence(file, banner)));
                }
            }
        }
        return List.of();
    }

    private static void decide(List<Claim> claims, @Nullable OsRelease osRelease, ImageView image, Findings findings) {
        Claim chosen = claims.get(0);
        Set<String> families = Distribution.families(chosen.id(), chosen.like());
        Optional<Distribution> known = Distribution.find(chosen.id());
        boolean rolling = known.map(Distribution::rolling).orElse(false);
        List<Claim> supporting = claims.stream()
                .filter(claim -> claim.id().equals(chosen.id()) && agree(chosen, claim, rolling))
                .toList();

        String version = version(chosen, supporting, rolling);
        String codename = supporting.stream()
                .map(Claim::codename)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseGet(() -> version == null
                        ? null
                        : Distribution.codename(chosen.id(), version).orElse(null));
        String variant = Variants.of(new Variants.Subject(chosen.id(), version, families, osRelease, image, findings))
                .orElse(rolling ? "rolling" : null);
        findings.distro(new Distro(
                chosen.id(),
                version == null || version.equals("edge") ? null : version,
                codename != null && Objects.equals(variant, "sid") ? "sid" : codename,
                name(chosen, known, version, codename),
                "edge".equals(version) ? "edge" : variant,
                List.copyOf(families),
                eachFileOnce(supporting.stream().map(Claim::evidence))
                        .limit(MAX_EVIDENCE)
                        .toList(),
                chosen.source() == Claim.Source.OS_RELEASE && osRelease != null ? supportEnd(osRelease) : null));
        Contradictions.report(chosen, claims, families, rolling, image.isWhole(), findings);
    }

    /** Null where it is no day; os-release(5). */
    private static @Nullable LocalDate supportEnd(OsRelease osRelease) {
        String text = osRelease.get("SUPPORT_END");
        try {
            return text != null && text.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}") ? LocalDate.parse(text) : null;
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static @Nullable String version(Claim chosen, List<Claim> supporting, boolean rolling) {
        String version = chosen.version() != null ? chosen.version() : addedVersion(chosen, supporting, rolling);
        return supporting.stream()
                .filter(claim -> claim.source() == Claim.Source.DELETED)
                .map(Claim::version)
                .findFirst()
                .orElse(version);
    }

    /** A version that another file adds: never one that only packages have where the distribution's own file leaves it out on purpose. */
    private static @Nullable String addedVersion(Claim chosen, List<Claim> supporting, boolean rolling) {
        boolean isWeak =
                !rolling && chosen.source() != Claim.Source.OS_RELEASE && chosen.source() != Claim.Source.RELEASE_FILE;
        return supporting.stream()
                .filter(claim -> isWeak || claim.source() == Claim.Source.RELEASE_FILE)
                .map(Claim::version)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    static boolean agree(Claim one, Claim other, boolean rolling) {
        if (rolling
                || one.version() == null
                || other.version() == null
                || isRevision(one.version())
                || isRevision(other.version())) {
            return true;
        }
        if (other.version().equals("edge")) {
            return one.version().equals("edge") || one.version().contains("_alpha");
        }
        return Versions.agree(one.version(), other.version());
    }

    /** {@code r23497-6637af95aa}: which commit OpenWrt was built from, whatever the release. */
    private static boolean isRevision(String version) {
        return REVISION.matcher(version).matches();
    }

    private static String name(
            Claim chosen, Optional<Distribution> known, @Nullable String version, @Nullable String codename) {
        if (chosen.name() != null) {
            return chosen.name();
        }
        String name = known.map(Distribution::name).orElse(chosen.id());
        return name + (version == null ? "" : " " + version) + (codename == null ? "" : " (" + codename + ")");
    }

    /** The first of each file's, as several rows of a table may read the same one. */
    static Stream<Evidence> eachFileOnce(Stream<Evidence> evidence) {
        Set<List<Object>> files = new HashSet<>();
        return evidence.filter(each -> files.add(List.of(each.path(), String.valueOf(each.layer()))));
    }

    /** @param excerpt as it stands in the file; where line ends were made plain in between, its first line is quoted */
    static Evidence evidence(ImageFile file, String excerpt) {
        String quoted = excerpt;
        if (file.content() != null && !Text.asItStands(file).contains(excerpt)) {
            quoted = excerpt.lines().findFirst().orElse("");
        }
        quoted = quoted.substring(0, Math.min(quoted.length(), Evidence.MAX_EXCERPT));
        return new Evidence(file.entry().path(), file.layer(), quoted.isEmpty() ? null : quoted, ID);
    }
}
