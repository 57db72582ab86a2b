package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.ociregistry.RegistryEntries;
import io.basewatch.settings.Schema;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a file of settings before anything is started with it. */
class ConfigCommandTest {

    private static final Path ROOT = Path.of(System.getProperty("basewatch.root", ".."));

    /** Of the services' own files and of Spring's, not of a class. */
    private static final Set<String> OTHERS = Set.of(
            "basewatch.kafka.brokers",
            "basewatch.kafka.partitions",
            "basewatch.kafka.replication-factor",
            "basewatch.kafka.group-protocol",
            "basewatch.mongodb.uri",
            "basewatch.watcher.port",
            "basewatch.analyzer.port",
            "basewatch.report-api.port");

    @TempDir
    Path folder;

    @Test
    void theSchemaHasWhatServicesReadAndNothingElse() {
        Set<String> read = new TreeSet<>(OTHERS);
        SettingsTrial.kinds().forEach((prefix, type) -> collect(prefix, type, read));
        collect("basewatch", RegistryEntries.class, read);
        collect("basewatch.policy[]", io.basewatch.lifecycle.SupportPolicy.Entry.class, read);
        collect("basewatch.owners[]", io.basewatch.fleetmodel.Owners.Entry.class, read);

        assertThat(new TreeSet<>(Schema.bundled().names())).isEqualTo(read);
    }

    @Test
    void theSchemaInTheDocumentsIsTheOneThatIsPrinted() throws Exception {
        assertThat(ROOT.resolve("docs/basewatch.schema.json"))
                .content()
                .isEqualTo(Schema.bundled().text());
    }

    @Test
    void theExampleIsAFileThatCanBeUsed() throws Exception {
        Path example = ROOT.resolve("docs/basewatch.example.yaml");

        assertThat(SettingsTrial.problems(example)).isEmpty();
        assertThat(Files.readAllLines(example).get(0))
                .startsWith("# yaml-language-server: $schema=basewatch.schema.json");
    }

    @Test
    void allThatIsWrongIsToldAtOnceWithFileLineAndKey() throws Exception {
        Path file = write(
                "basewatch:",
                "  registries:",
                "    - url: https://one.example",
                "      certificates: [/nowhere/ca.pem]",
                "    - url: https://two.example",
                "      requests-per-second: fast",
                "    - url: https://three.example",
                "      kind: quay",
                "    - url: https://four.example",
                "      password: swordfish",
                "  watcher:",
                "    intervall: 5m",
                "  analyzer:",
                "    look-again: {first-pause: 1h, longest-pause: 1m}",
                "  owners:",
                "    - owner: platform");

        assertThat(SettingsTrial.problems(file))
                .satisfiesExactlyInAnyOrder(
                        each -> assertThat(each).startsWith(file + ":3: ").contains("/nowhere/ca.pem is not there"),
                        each -> assertThat(each)
                                .startsWith(
                                        file + ":6: basewatch.registries[1].requests-per-second 'fast' is no number"),
                        each -> assertThat(each).startsWith(file + ":7: ").contains("'acme/**'"),
                        each -> assertThat(each).startsWith(file + ":9: ").contains("password without a username"),
                        each -> assertThat(each)
                                .startsWith(file + ":12: basewatch.watcher.intervall")
                                .contains("did you mean basewatch.watcher.interval?"),
                        each -> assertThat(each).startsWith(file + ":14: ").contains("look-again.longest-pause"),
                        each -> assertThat(each).startsWith(file + ":16: ").contains("owner"))
                .noneMatch(each -> each.contains("swordfish"));
    }

    @Test
    void registriesOfOneNameAreToldWhereverTheyStand() throws Exception {
        assertThat(SettingsTrial.problems(write(
                        "basewatch:",
                        "  registries: [{url: 'https://one.example'}, {url: 'https://one.example:443'}]")))
                .singleElement()
                .asString()
                .contains("names the registry one.example twice");
    }

    @Test
    void aPasswordInAnAddressThatIsNoneIsNotTold() throws Exception {
        assertThat(SettingsTrial.problems(
                        write("basewatch:", "  registries: [{url: 'https://me:sword fish@one.example'}]")))
                .isNotEmpty()
                .noneMatch(each -> each.contains("fish"));
        assertThat(FailureText.of(new IllegalArgumentException("Illegal character: https://me:sword fish@one.example")))
                .doesNotContain("fish");
    }

    private Path write(String... lines) throws IOException {
        return Files.writeString(folder.resolve("basewatch.yaml"), String.join("\n", lines));
    }

    private static void collect(String prefix, Class<?> type, Set<String> names) {
        for (RecordComponent component : type.getRecordComponents()) {
            collect(prefix + "." + dashed(component.getName()), component.getGenericType(), names);
        }
    }

    private static void collect(String name, Type type, Set<String> names) {
        if (type instanceof ParameterizedType generic) {
            Class<?> raw = (Class<?>) generic.getRawType();
            Type last = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
            if (raw == Map.class) {
                names.add(name + ".*");
            } else if (raw == List.class && last instanceof Class<?> entry && entry.isRecord()) {
                collect(name + "[]", entry, names);
            } else {
                names.add(name);
            }
        } else if (type instanceof Class<?> one && one.isRecord()) {
            collect(name, one, names);
        } else if (type instanceof Class<?> one && one.getSimpleName().equals("NamePatterns")) {
            names.add(name + ".include");
            names.add(name + ".exclude");
        } else {
            names.add(name);
        }
    }

    private static String dashed(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(java.util.Locale.ROOT);
    }
}
