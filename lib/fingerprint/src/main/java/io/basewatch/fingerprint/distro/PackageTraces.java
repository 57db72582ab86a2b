package io.basewatch.fingerprint.distro;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.PackageDatabase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/** What the installed packages say of the distribution they belong to: the rows of {@code package-traces.tsv}. */
final class PackageTraces {

    private static final List<Row> ROWS =
            Table.rows("package-traces.tsv", 5).stream().map(Row::parse).toList();

    private PackageTraces() {}

    /** Claims from the system's own package database, those that name a release first. */
    static List<Claim> claims(Findings findings) {
        if (findings.databases().isEmpty()) {
            return List.of();
        }
        PackageDatabase database = findings.databases().get(0);
        List<Claim> claims = new ArrayList<>();
        for (Row row : ROWS) {
            if (row.manager().equals(database.manager())) {
                findings.packages().stream()
                        .filter(installed -> installed.manager().equals(database.manager()))
                        .flatMap(installed -> row.claim(installed, database).stream())
                        .findFirst()
                        .ifPresent(claims::add);
            }
        }
        return releasesFirst(claims);
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
                    new LatePattern(cells.get(1)),
                    version,
                    cells.get(3).equals("-") ? null : new LatePattern(cells.get(3)),
                    proof[0],
                    proof.length > 1 ? proof[1] : version.names("version") ? "{version}" : null);
        }

        Optional<Claim> claim(InstalledPackage installed, PackageDatabase database) {
            if (!name.matcher(installed.name()).matches()) {
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
