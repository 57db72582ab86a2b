package io.basewatch.fingerprint.distro;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fleetmodel.PackageDatabase;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Tells which claims cannot hold beside the one that was chosen, and why that one was. */
final class Contradictions {

    private Contradictions() {}

    /** Nearly always there is one claim, and the first time that records are compared costs a short run ten milliseconds. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(Claim claim, Claim other) {
        return claim == other || (claim.source() == other.source() && claim.equals(other));
    }

    /**
     * @param isWhole whether all of the image was read: only then what is not listed is not there
     */
    static void report(
            Claim chosen,
            List<Claim> claims,
            Set<String> families,
            boolean rolling,
            boolean isWhole,
            Findings findings) {
        Set<String> told = new HashSet<>();
        boolean foreign = false;
        for (Claim claim : claims) {
            if (!isSame(claim, chosen) && !holdsBeside(chosen, claim, claims, families, rolling, isWhole)) {
                foreign |= !claim.id().equals(chosen.id());
                if (told.add(claim.evidence().path() + " " + claim.id())) {
                    findings.contradiction(
                            "distro",
                            chosen.evidence().path() + " says " + chosen.label() + ", "
                                    + claim.evidence().path() + " says " + claim.label() + ": taken is "
                                    + chosen.label() + ", because "
                                    + chosen.source().why(),
                            DistroDetector.eachFileOnce(Stream.of(chosen.evidence(), claim.evidence()))
                                    .toList());
                }
            }
        }
        if (!foreign) {
            reportForeignManager(chosen, families, findings);
        }
    }

    private static boolean holdsBeside(
            Claim chosen, Claim claim, List<Claim> claims, Set<String> families, boolean rolling, boolean isWhole) {
        if (claim.source() == Claim.Source.ISSUE || claim.source() == Claim.Source.BANNER) {
            return true;
        }
        if (!claim.id().equals(chosen.id())) {
            if (isWhole && claim.source() == Claim.Source.PACKAGES && PackageTraces.lacksItsOwn(chosen.id(), claims)) {
                // Ubuntu's os-release over Debian's packages: the derivative would have built them itself.
                return false;
            }
            // A derivative carries traces of its family: Ubuntu has a debian_version, Oracle Linux a redhat-release.
            // Wolfi can install from the repositories
            // of its derivative. And a name that nobody knows may be another spelling of the chosen one.
            return families.contains(claim.id())
                    || (claim.source() == Claim.Source.REPOSITORIES
                            && Distribution.families(claim.id(), List.of()).contains(chosen.id()))
                    || (claim.source() == Claim.Source.RELEASE_FILE
                            && Distribution.find(claim.id()).isEmpty());
        }
        if (DistroDetector.agree(chosen, claim, rolling)) {
            return true;
        }
        // One further repository (edge, for single packages) is usual as long as the release's own is there.
        return claim.source() == Claim.Source.REPOSITORIES
                && claims.stream()
                        .anyMatch(other -> other.source() == Claim.Source.REPOSITORIES
                                && other.id().equals(chosen.id())
                                && DistroDetector.agree(chosen, other, rolling));
    }

    /** An os-release copied over another distribution's tree shows in the kind of its packages. */
    private static void reportForeignManager(Claim chosen, Set<String> families, Findings findings) {
        if (findings.databases().isEmpty()) {
            return;
        }
        PackageDatabase database = findings.databases().get(0);
        Optional<String> expected = Distribution.find(chosen.id()).map(Distribution::manager);
        for (String family : families) {
            expected =
                    expected.isPresent() ? expected : Distribution.find(family).map(Distribution::manager);
        }
        boolean isExpected = expected.isEmpty()
                || expected.get().equals(database.manager())
                || (expected.get().equals("dpkg") && database.manager().equals("chisel"));
        if (!isExpected) {
            findings.contradiction(
                    "distro",
                    chosen.evidence().path() + " says " + chosen.label() + ", whose packages " + expected.get()
                            + " installs, but the packages here are those of " + database.manager() + ": taken is "
                            + chosen.label() + ", because " + chosen.source().why(),
                    List.of(chosen.evidence(), database.evidence().get(0)));
        }
    }
}
