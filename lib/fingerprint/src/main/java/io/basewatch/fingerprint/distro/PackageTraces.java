package io.basewatch.fingerprint.distro;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.PackageDatabase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the installed packages say of the distribution they belong to: the rows of {@code package-traces.tsv}. */
final class PackageTraces {

    private static final List<Row> ROWS =
            Table.rows("package-traces.tsv", 5).stream().map(Row::parse).toList();

    /** A pattern of names that stand for themselves, with a bar between them. */
    private static final Pattern PLAIN_NAMES = Pattern.compile("[\\w/-]+(?:\\|[\\w/-]+)*");

    private PackageTraces() {}

    /** Claims from the system's own package database, those that name a release first. */
    static List<Claim> claims(Findings findings) {
        if (findings.databases().isEmpty()) {
            return List.of();
        }
        PackageDatabase database = findings.databases().get(0);
        List<Row> rows = ROWS.stream()
                .filter(row -> row.manager().equals(database.manager()))
                .toList();
        // Of thousands of packages a handful.
        List<InstalledPackage> named = findings.packages().stream()
                .filter(installed -> installed.manager().equals(database.manager()))
                .filter(anyOf(rows))
                .toList();
        List<Claim> claims = new ArrayList<>();
        for (Row row : rows) {
            named.stream()
                    .flatMap(installed -> row.claim(installed, database).stream())
                    .findFirst()
                    .ifPresent(claims::add);
        }
        return releasesFirst(claims);
    }

    /** Whether a row is about a package. Most name theirs as they are: these are looked up. */
    private static Predicate<InstalledPackage> anyOf(List<Row> rows) {
        Set<String> names = new HashSet<>();
        List<Row> patterns = new ArrayList<>();
        for (Row row : rows) {
            if (PLAIN_NAMES.matcher(row.names()).matches()) {
                names.addAll(List.of(row.names().split("\\|")));
            } else {
                patterns.add(row);
            }
        }
        return installed ->
                names.contains(installed.name()) || patterns.stream().anyMatch(row -> row.concerns(installed));
    }

    /** The distribution is that of the first row that holds; of its claims, those that know the release come first. */
    private static List<Claim> releasesFirst(List<Claim> claims) {
        List<String> ids = claims.stream().map(Claim::id).distinct().toList();
        claims.sort(Comparator.<Claim>comparingInt(claim -> ids.indexOf(claim.id()))
                .thenComparing(claim -> claim.version() == null));
        return claims;
    }

    /**
     * Whether a distribution has packages that give it away, and none of them is among the claims. Not for those of apk: postmarketOS and Chainguard install
     * packages of the distribution they are made from as they are.
     */
    static boolean lacksItsOwn(String id, List<Claim> claims) {
        return ROWS.stream()
                        .anyMatch(row -> row.id().equals(id) && !row.manager().equals("apk"))
                && claims.stream()
                        .noneMatch(claim -> claim.source() == Claim.Source.PACKAGES
                                && claim.id().equals(id));
    }

    private record Row(
            String manager,
            String names,
            LatePattern name,
            LatePattern version,
            @Nullable LatePattern vendor,
            String id,
            @Nullable String release) {

        static Row parse(List<String> cells) {
            LatePattern version = new LatePattern(cells.get(2));
            String[] proof = cells.get(4).split(" ", 2);
            return new Row(
                    cells.get(0),
                    cells.get(1),
                    new LatePattern(cells.get(1)),
                    version,
                    cells.get(3).equals("-") ? null : new LatePattern(cells.get(3)),
                    proof[0],
                    proof.length > 1 ? proof[1] : version.names("version") ? "{version}" : null);
        }

        boolean concerns(InstalledPackage installed) {
            return name.matcher(installed.name()).matches();
        }

        Optional<Claim> claim(InstalledPackage installed, PackageDatabase database) {
            if (!concerns(installed)) {
                return Optional.empty();
            }
            Matcher found = version.matcher(withoutEpoch(installed.version()));
            if (!found.find() || !isFrom(installed)) {
                return Optional.empty();
            }
            Evidence where = database.evidence().get(0);
            return Optional.of(new Claim(
                    Claim.Source.PACKAGES,
                    id,
                    version(found),
                    null,
                    null,
                    List.of(),
                    new Evidence(where.path(), where.layer(), installed.name(), DistroDetector.ID)));
        }

        private static String withoutEpoch(String version) {
            int colon = version.indexOf(':');
            return version.substring(colon + 1);
        }

        private boolean isFrom(InstalledPackage installed) {
            return vendor == null
                    || (installed.vendor() != null
                            && vendor.matcher(installed.vendor()).find());
        }

        private @Nullable String version(Matcher found) {
            if (version.names("libc")) {
                return Distribution.releaseByLibc(id, found.group("libc")).orElse(null);
            }
            return release == null
                    ? null
                    : release.replace("{version}", group(found, "version")).replace("{minor}", group(found, "minor"));
        }

        private String group(Matcher found, String name) {
            return version.names(name) ? found.group(name) : "";
        }
    }
}
