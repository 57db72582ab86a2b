package io.basewatch.fingerprint.runtime;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fleetmodel.Evidence;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks things up in the package databases that were found. */
final class Installed {

    private final Findings findings;
    private final String detector;

    Installed(Findings findings, String detector) {
        this.findings = findings;
        this.detector = detector;
    }

    /** The first package whose whole name matches. */
    Optional<InstalledPackage> named(Pattern name) {
        return named(name, version -> true);
    }

    Optional<InstalledPackage> named(Pattern name, Predicate<String> upstreamVersion) {
        // One matcher and no stream: each of many detectors asks this of each of many packages.
        Matcher matcher = name.matcher("");
        for (InstalledPackage installed : findings.packages()) {
            if (matcher.reset(installed.name()).matches() && upstreamVersion.test(upstream(installed.version()))) {
                return Optional.of(installed);
            }
        }
        return Optional.empty();
    }

    Evidence evidence(InstalledPackage installed) {
        String listed = installed.name() + " " + installed.version();
        return findings.databases().stream()
                .filter(database -> database.manager().equals(installed.manager()))
                .flatMap(database -> database.evidence().stream())
                .findFirst()
                .map(seen -> new Evidence(seen.path(), seen.layer(), listed, detector))
                .orElseGet(() -> new Evidence(installed.manager() + " database", null, listed, detector));
    }

    /** {@code 1.22.1} of {@code 1:1.22.1-9+deb12u1}, {@code 3.11.6} of {@code 3.11.6-r1}. */
    static String upstream(String version) {
        String rest = version.substring(version.indexOf(':') + 1);
        int end = 0;
        while (end < rest.length() && "-+~_".indexOf(rest.charAt(end)) < 0) {
            end++;
        }
        return rest.substring(0, end);
    }
}
