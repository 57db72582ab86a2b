package io.basewatch.fingerprint.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.CorpusImages;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.SquashedImage;
import io.basewatch.layerfacts.Want;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The names that are asked first leave out nothing that a row is about. */
class SettingsNamesTest {

    private static void assertNothingIsLeftOut(String path) {
        if (!Settings.asRowsSay(path).equals(Want.NOTHING)) {
            assertThat(Settings.isNamedLikeOne(path)).as("%s", path).isTrue();
        }
    }

    @Test
    void ofAllPathsOfTheCorpus() throws Exception {
        CorpusImages corpus = CorpusImages.open(List.of());
        Set<LayerFacts> layers = new HashSet<>();
        for (JsonNode image : corpus.images()) {
            layers.addAll(corpus.layers(image));
        }
        for (LayerFacts layer : layers) {
            SquashedImage.of(List.of(layer), ImageInputs.NONE)
                    .files()
                    .forEach(file -> assertNothingIsLeftOut(file.entry().path()));
        }
    }

    /** Put together from the pieces that the rows are made of. */
    @Test
    void ofRandomPaths() {
        List<String> folders = List.of(
                "",
                "etc",
                "usr",
                "lib",
                "ld.so.conf.d",
                "pam.d",
                "apk",
                "default",
                "security",
                "gconv-modules.d",
                "supervisor",
                "conf.d",
                "supervisor.d",
                "php",
                "php.d",
                "x.dist-info",
                "app");
        List<String> pieces = new ArrayList<>(List.of(
                "ld-musl-",
                "x86_64",
                ".path",
                "ld.so",
                ".conf",
                ".preload",
                ".cache",
                "resolv",
                "nsswitch",
                "host",
                "gai",
                "shadow",
                "locale",
                ".gen",
                "timezone",
                "TZ",
                "world",
                "arch",
                "gconv-modules",
                "php",
                "-cli",
                "-fpm",
                ".ini",
                ".php",
                "WHEEL",
                "METADATA",
                "RECORD",
                "requirements",
                ".txt",
                "pyproject",
                ".toml",
                "constraints",
                "pip",
                "pyvenv",
                ".cfg",
                ".deps",
                ".json",
                ".runtimeconfig",
                "jvm",
                ".options",
                ".config",
                ".vmoptions",
                "setenv",
                ".sh",
                "supervisor",
                "d",
                "inittab",
                "limits",
                "sysctl",
                "Procfile",
                "vm",
                ".args",
                ".npmrc",
                ".node-version",
                ".nvmrc",
                "a"));
        Random random = new Random(3);
        int told = 0;
        for (int round = 0; round < 500_000; round++) {
            StringBuilder path = new StringBuilder();
            for (int depth = random.nextInt(4); depth > 0; depth--) {
                String folder = folders.get(random.nextInt(folders.size()));
                path.append(folder).append(folder.isEmpty() ? "" : "/");
            }
            for (int parts = 1 + random.nextInt(3); parts > 0; parts--) {
                path.append(pieces.get(random.nextInt(pieces.size())));
            }
            told += Settings.asRowsSay(path.toString()).equals(Want.NOTHING) ? 0 : 1;
            assertNothingIsLeftOut(path.toString());
        }
        assertThat(told).isGreaterThan(1000);
    }
}
