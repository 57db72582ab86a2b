package io.basewatch.fingerprint.libc;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ImageElfFiles;
import io.basewatch.elf.LinkedLibc;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.layerfacts.CorpusImages;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Scores;
import io.basewatch.layerfacts.SquashedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Each image of the corpus against the truth that other tools established. */
@ExtendWith(Scores.class)
class LibcCorpusTest {

    @Test
    void tellsTheLibcOfEveryImage() throws Exception {
        CorpusImages corpus = CorpusImages.open(Kinds.all());
        SoftAssertions softly = new SoftAssertions();
        int families = 0;
        int versions = 0;
        int versioned = 0;
        int statics = 0;
        int knownStatics = 0;
        List<String> told = new ArrayList<>();
        for (JsonNode image : corpus.images()) {
            String name = CorpusImages.name(image);
            Fingerprinter.Result result = Fingerprinter.fingerprint(corpus.layers(image), corpus.inputs(image));
            softly.assertThat(result.reasons()).as(name).isEmpty();
            Fingerprint fingerprint = result.fingerprint();
            Libc system = fingerprint.systemLibc();
            JsonNode libc = image.get("truth").get("libc");
            told.add(name + " | " + fingerprint.libc() + " | " + fingerprint.contradictions());

            String family = libc.get("family").asString();
            families += system.family().toString().equals(family) ? 1 : 0;
            softly.assertThat(system.family()).as(name).hasToString(family);
            softly.assertThat(system.evidence().isEmpty()).as(name).isEqualTo(family.equals("none"));

            if (!libc.get("version_from_binary").isNull()) {
                versioned++;
                String version = libc.get("version_from_binary").asString();
                versions += version.equals(system.version()) ? 1 : 0;
                softly.assertThat(system.version()).as(name).isEqualTo(version);
            } else {
                softly.assertThat(system.version()).as(name).isNull();
            }
            JsonNode facts = image.path("known_facts");
            if (family.equals("static") && facts.has("libc_family")) {
                knownStatics++;
                String linked = facts.get("libc_family").asString();
                statics += linked.equals(String.valueOf(system.linkedInto())) ? 1 : 0;
                softly.assertThat(String.valueOf(system.linkedInto())).as(name).isEqualTo(linked);
            }
            if (facts.has("static_libc")) {
                String linked = facts.get("static_libc").asString();
                // What left no trace is not guessed; what is told must be true.
                softly.assertThat(system.linkedInto() == null
                                || linked.startsWith(system.linkedInto().toString()))
                        .as(name + " " + system)
                        .isTrue();
            }
        }
        Scores.tell("images: libc", families, corpus.images().size());
        Scores.tell("images: libc version", versions, versioned);
        Scores.tell("images: libc inside static", statics, knownStatics);
        if (Boolean.getBoolean("basewatch.tell")) {
            told.forEach(System.out::println);
        }
        softly.assertAll();
    }

    @Test
    void countsTheElfFilesOfEveryImageByKindAndByTheLibcTheyWereBuiltFor() throws Exception {
        CorpusImages corpus = CorpusImages.open(Kinds.all());
        SoftAssertions softly = new SoftAssertions();
        for (JsonNode image : corpus.images()) {
            ImageView view = SquashedImage.of(corpus.layers(image), corpus.inputs(image));
            Map<String, Integer> linked = new TreeMap<>();
            Map<String, Integer> kinds = new TreeMap<>();
            view.filesWithFacts(ElfFacts.KIND).forEach(file -> {
                ElfFacts facts = ElfFacts.decode(file.facts(ElfFacts.KIND));
                Libc.Family family = LinkedLibc.of(facts);
                if (family != null) {
                    linked.merge(family.toString(), 1, Integer::sum);
                }
                kinds.merge(facts.kind().toString(), 1, Integer::sum);
                softly.assertThat(facts.reading().truncated())
                        .as(CorpusImages.name(image) + " " + file.entry().path() + " "
                                + facts.reading().problem())
                        .isFalse();
            });
            Map<String, Integer> expected = new TreeMap<>();
            image.get("truth")
                    .get("libc")
                    .get("linked_against")
                    .properties()
                    .forEach(entry ->
                            expected.put(entry.getKey(), entry.getValue().asInt()));
            softly.assertThat(linked).as(CorpusImages.name(image)).isEqualTo(expected);
            Map<String, Integer> expectedKinds = new TreeMap<>();
            image.get("truth")
                    .get("elf_census")
                    .properties()
                    .forEach(entry -> expectedKinds.merge(
                            switch (entry.getKey().substring(0, entry.getKey().indexOf('/'))) {
                                case "dynamic-exec" -> "DYNAMIC_EXECUTABLE";
                                case "static-exec" -> "STATIC_EXECUTABLE";
                                case "static-pie" -> "STATIC_PIE";
                                case "shared-lib" -> "SHARED_LIBRARY";
                                case "object" -> "OBJECT";
                                default -> "OTHER";
                            },
                            entry.getValue().asInt(),
                            Integer::sum));
            softly.assertThat(kinds).as(CorpusImages.name(image)).isEqualTo(expectedKinds);
        }
        softly.assertAll();
    }

    @Test
    void namesTheProgramsWhoseLoaderIsMissingOrAnothers() throws Exception {
        CorpusImages corpus = CorpusImages.open(Kinds.all());
        SoftAssertions softly = new SoftAssertions();
        for (JsonNode image : corpus.images()) {
            ImageView view = SquashedImage.of(corpus.layers(image), corpus.inputs(image));
            Programs programs = new Programs(new ImageElfFiles(view));
            Set<String> missing = new TreeSet<>();
            Set<String> foreign = new TreeSet<>();
            for (ElfFile program : programs.dynamicExecutables) {
                programs.loaderOf(program)
                        .ifPresentOrElse(
                                loader -> {
                                    if (loader.family() != program.outline().builtFor()) {
                                        foreign.add(program.path());
                                    }
                                },
                                () -> missing.add(program.path()));
            }
            JsonNode truth = image.get("truth");
            softly.assertThat(missing)
                    .as(CorpusImages.name(image))
                    .isEqualTo(paths(truth.get("execs_with_missing_interpreter")));
            softly.assertThat(foreign)
                    .as(CorpusImages.name(image))
                    .isEqualTo(paths(truth.get("execs_started_by_other_libc_loader")));
        }
        softly.assertAll();
        assertThat(corpus.images()).isNotEmpty();
    }

    private static Set<String> paths(JsonNode list) {
        Set<String> paths = new TreeSet<>();
        list.forEach(item -> paths.add(item.get("path").asString()));
        return paths;
    }
}
