package io.basewatch.caveats;

import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.LanguageRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Python on musl: how its packages were made, and which there are none of. That installed ones do not load is {@link LoadFailures}' business. */
final class PythonPackages {

    private static final Pattern NO_MUSL_WHEELS = Pattern.compile(
            "(?mi)^\\s*(?:Requires-Dist:\\s*|\")?(torch|tensorflow|onnxruntime|jaxlib|triton)\\b(?![-.\\w])[^;\\n]*$");
    private static final Pattern PIP = Pattern.compile(".*/pip-(\\d+(?:\\.\\d+)*)\\.dist-info/[^/]+");
    private static final ReleaseRange MISJUDGES_STACK = ReleaseRange.parse(">=3.14 <3.15");

    private PythonPackages() {}

    static Rule table() {
        return new RuleTable(
                "python/1",
                List.of(
                        RuleTable.Row.musl("python-stack-overflow-misdetect-3.14", PythonPackages::stackOverflow),
                        RuleTable.Row.musl("python-no-manylinux-source-build", PythonPackages::sourceBuilds),
                        RuleTable.Row.musl("python-ml-no-musl-wheels", PythonPackages::learning)));
    }

    private static List<Sighting> stackOverflow(Traits traits, String rule) {
        return traits.runtimes("python").stream()
                .filter(python -> python.version() != null && MISJUDGES_STACK.holds(python.version()))
                .map(python -> Sighting.risk(
                        Severity.MEDIUM,
                        "CPython " + python.version()
                                + " checks the real stack, which is small on musl: recursion may be stopped early; later changes of 3.14 repair it, from which one on is not known",
                        python.evidence()))
                .toList();
    }

    /** @param bytes as packages say */
    private record Weight(long packages, long bytes, List<Evidence> evidence) {}

    private static @Nullable Weight weight(Traits traits, String runtime) {
        return traits.runtimes(runtime).stream()
                .findFirst()
                .map(found -> new Weight(number(found, "packages"), number(found, "bytes"), found.evidence()))
                .orElse(null);
    }

    private static long number(LanguageRuntime runtime, String detail) {
        String text = runtime.details().getOrDefault(detail, "0");
        return text.matches("\\d{1,15}") ? Long.parseLong(text) : 0;
    }

    private static List<Sighting> sourceBuilds(Traits traits, String rule) {
        List<LanguageRuntime> python = traits.runtimes("python");
        if (python.isEmpty()) {
            return List.of();
        }
        long built = number(python.get(0), "wheels.linux");
        Weight compilers = weight(traits, "compilers");
        Weight headers = weight(traits, "dev-packages");
        String wheels =
                built == 0 ? "" : "; " + built + " of its packages " + (built == 1 ? "was" : "were") + " compiled here";
        if (compilers != null) {
            List<Evidence> evidence = new ArrayList<>(compilers.evidence);
            long bytes = compilers.bytes;
            long packages = compilers.packages;
            if (headers != null) {
                evidence.addAll(headers.evidence);
                bytes += headers.bytes;
                packages += headers.packages;
            }
            return List.of(Sighting.risk(
                    Severity.MEDIUM,
                    "Python on musl takes no manylinux wheels, and what compiles its packages stayed in the image: "
                            + Counted.of(packages, "package", "packages") + " of compilers and headers with "
                            + megabytes(bytes)
                            + ", which the slim variant does not need where there are wheels" + wheels,
                    evidence));
        }
        if (built > 0) {
            return List.of(Sighting.risk(
                            Severity.MEDIUM,
                            "Python on musl takes no manylinux wheels" + wheels + ", which makes builds slow",
                            python.get(0).evidence())
                    .mitigatedBy("no compiler stayed in the image"));
        }
        return oldPip(traits, rule);
    }

    private static List<Sighting> oldPip(Traits traits, String rule) {
        return traits.texts().stream()
                .map(text -> PIP.matcher(text.entry().path()))
                .filter(pip -> pip.matches() && ReleaseRange.parse("<21.2").holds(pip.group(1)))
                .map(pip -> Sighting.risk(
                        Severity.MEDIUM,
                        "pip " + pip.group(1)
                                + " does not know musllinux wheels (from 21.2 on): every package with native parts is compiled",
                        List.of(traits.evidence(pip.group(), null, rule))))
                .limit(1)
                .toList();
    }

    private static String megabytes(long bytes) {
        return bytes < 1 << 20 ? (bytes >> 10) + " KiB" : (bytes >> 20) + " MiB";
    }

    private static List<Sighting> learning(Traits traits, String rule) {
        if (traits.runtimes("python").isEmpty()) {
            return List.of();
        }
        List<Evidence> evidence = new ArrayList<>();
        for (JudgedImage.KeptText text : traits.texts()) {
            String name = text.entry().name();
            boolean asks = name.startsWith("requirements")
                    || name.equals("pyproject.toml")
                    || (name.equals("METADATA") && text.entry().path().contains(".dist-info/"));
            Matcher wanted = NO_MUSL_WHEELS.matcher(asks ? text.text() : "");
            if (wanted.find()) {
                evidence.add(new Evidence(
                        text.entry().path(), text.layer(), wanted.group().strip(), rule));
            }
        }
        String packaged = Stream.of("py3-pytorch", "py3-tensorflow", "py3-onnxruntime")
                .filter(name -> traits.apk().has(name))
                .map(name -> "Alpine's package " + name + " is installed")
                .findFirst()
                .orElse(null);
        return evidence.isEmpty()
                ? List.of()
                : List.of(Sighting.risk(
                                Severity.HIGH,
                                "the image asks for a package that has no wheels for musl ("
                                        + evidence.get(0).path() + ": "
                                        + evidence.get(0).excerpt() + "): pip finds none, or builds an ancient one",
                                evidence)
                        .mitigatedBy(packaged));
    }
}
