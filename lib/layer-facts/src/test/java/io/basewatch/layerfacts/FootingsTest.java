package io.basewatch.layerfacts;

import static io.basewatch.layerfacts.TestLayers.tar;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.TestLayers.Tar;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is taken from one image for another one that stands on the same layers. */
class FootingsTest {

    private static final int ROUNDS = Integer.getInteger("footings.rounds", 120);

    private static final FactsKind PROBED = TestLayers.kind(
            "probed", (entry, head) -> entry.name().equals("so") ? Want.probe("lengths", Length::new) : Want.NOTHING);
    private static final List<FactsKind> KINDS = List.of(TestLayers.KEEPS_ALL, PROBED);

    private static final List<String> NAMES = List.of("a", "b", "c", "so", "lib");
    private static final FileNames WANTED = FileNames.of("so", "c*");

    private static final class Length implements FileProbe {
        private byte length;

        @Override
        public void accept(byte[] buffer, int offset, int length) {
            this.length += (byte) length;
        }

        @Override
        public byte[] finish() {
            return length == 0 ? new byte[0] : new byte[] {length};
        }
    }

    /** Counts how often it was drawn. */
    private static final class Counted implements Conclusion<ImageView, String> {
        private final List<String> questions;
        private int drawn;

        Counted(String... questions) {
            this(List.of(questions));
        }

        Counted(List<String> questions) {
            this.questions = questions;
        }

        @Override
        public String draw(ImageView view) {
            drawn++;
            return questions.stream().map(question -> answer(view, question)).collect(Collectors.joining("\n"));
        }

        @Override
        public boolean isLasting(String answer) {
            return true;
        }

        @Override
        public int bytes(String answer) {
            return answer.length();
        }
    }

    private static String answer(ImageView view, String question) {
        String[] words = question.split(" ", -1);
        String path = words[1];
        return question + ": "
                + switch (words[0]) {
                    case "find" -> view.find(path).map(FootingsTest::shown).orElse("-");
                    case "link" ->
                        view.findNoFollow(path).map(FootingsTest::shown).orElse("-");
                    case "list" -> view.list(path).map(FootingsTest::shown).toList();
                    case "hidden" -> view.hidden(path).map(FootingsTest::shown).toList();
                    case "named" ->
                        view.filesNamed(WANTED).map(FootingsTest::shown).toList();
                    case "probed" ->
                        view.filesWithFacts("lengths").map(FootingsTest::shown).toList();
                    case "all" -> view.files().map(FootingsTest::shown).toList();
                    default -> view.inputs().env() + " " + view.isWhole();
                };
    }

    private static String shown(ImageFile file) {
        return file.entry() + " of " + file.layer() + " " + Arrays.toString(file.content()) + " "
                + Arrays.toString(file.facts("lengths"));
    }

    private static SquashedImage image(Footings footings, LayerFacts... layers) {
        return footings.lay(List.of(layers), ImageInputs.NONE, KINDS, true);
    }

    private static String ask(SquashedImage image, Counted question) {
        return image.conclude(String.class, ImageInputs.NONE, question.questions, question);
    }

    private static LayerFacts layer(Tar tar) {
        return tar.facts(KINDS);
    }

    /** Asks the question of two images on one base, then of a third one with this layer of its own. */
    private static int drawnForThird(Tar base, Tar own, String... questions) {
        Footings footings = new Footings(10 << 20);
        LayerFacts lower = layer(base);
        Counted question = new Counted(questions);
        ask(image(footings, lower, layer(tar().file("x/1", "1"))), question);
        ask(image(footings, lower, layer(tar().file("x/2", "2"))), question);
        int before = question.drawn;
        LayerFacts upper = layer(own);
        String answered = ask(image(footings, lower, upper), question);
        int drawn = question.drawn - before;
        assertThat(answered)
                .isEqualTo(new Counted(questions).draw(SquashedImage.of(List.of(lower, upper), ImageInputs.NONE)));
        return drawn;
    }

    @Test
    void whatWasConcludedHoldsForTheNextImageOnTheSameLayers() {
        Tar base = tar().file("etc/os-release", "ID=a").file("usr/lib/so", "1");

        assertThat(drawnForThird(base, tar().file("x/3", "3"), "find etc/os-release", "probed ", "named "))
                .isZero();
    }

    @Test
    void whatTheNextImageChangesIsLookedAtAnew() {
        assertThat(drawnForThird(tar().file("etc/a", "1"), tar().file("etc/a", "2"), "find etc/a"))
                .isOne();
        assertThat(drawnForThird(tar().file("etc/a", "1"), tar().whiteout("etc/a"), "find etc/a"))
                .isOne();
        assertThat(drawnForThird(tar().file("etc/a", "1"), tar().whiteout("etc"), "find etc/a"))
                .isOne();
        assertThat(drawnForThird(
                        tar().file("etc/a", "1"), tar().directory("etc").opaque("etc"), "find etc/a"))
                .isOne();
        assertThat(drawnForThird(tar().file("etc/a", "1"), tar().symlink("etc", "x"), "find etc/a"))
                .isOne();
    }

    @Test
    void whatWasNotThereAndIsNowIsLookedAtAnew() {
        assertThat(drawnForThird(tar().file("etc/a", "1"), tar().file("lib/b", "2"), "find lib/b"))
                .isOne();
        assertThat(drawnForThird(tar().file("etc/a", "1"), tar().file("lib/c", "2"), "find lib/b"))
                .as("whether there is such a directory")
                .isOne();
        assertThat(drawnForThird(tar().file("etc/a", "1").directory("lib"), tar().file("lib/c", "2"), "find lib/b"))
                .isZero();
    }

    @Test
    void whatLiesBehindALinkIsLookedAtAnew() {
        Tar base = tar().file("usr/lib/a", "1").symlink("lib", "usr/lib");

        assertThat(drawnForThird(base, tar().file("lib/a", "2"), "find usr/lib/a"))
                .isOne();
        base = tar().file("usr/lib/a", "1").symlink("lib", "usr/lib");
        assertThat(drawnForThird(base, tar().file("usr/lib/a", "2"), "find lib/a"))
                .isOne();
        base = tar().file("usr/lib/a", "1").symlink("lib", "usr/lib");
        assertThat(drawnForThird(base, tar().file("usr/share/a", "2"), "find lib/a"))
                .isZero();
    }

    @Test
    void aNewNameForAnOldFileIsLookedAtAnew() {
        assertThat(drawnForThird(tar().file("a", "1"), tar().hardLink("b", "a"), "find a"))
                .isOne();
    }

    @Test
    void aListedDirectoryWithOneMoreNameIsListedAnew() {
        Tar base = tar().file("etc/a", "1").directory("etc/b");

        assertThat(drawnForThird(base, tar().file("etc/c", "2"), "list etc")).isOne();
        base = tar().file("etc/a", "1").directory("etc/b");
        assertThat(drawnForThird(base, tar().file("etc/b/c", "2"), "list etc")).isZero();
    }

    @Test
    void whatIsGivenOtherwiseIsConcludedAnew() {
        Footings footings = new Footings(10 << 20);
        LayerFacts lower = layer(tar().file("etc/a", "1"));
        for (int n = 0; n < 2; n++) {
            ask(image(footings, lower, layer(tar().file("x/" + n, "1"))), new Counted("inputs "));
        }
        Counted question = new Counted("inputs ");
        ImageInputs inputs = new ImageInputs(List.of(), List.of(), List.of("LANG=C"), Map.of());

        String answer = image(footings, lower, layer(tar().file("x/3", "1")))
                .conclude(String.class, inputs, question.questions, question);

        assertThat(answer).isEqualTo("inputs : [LANG=C] true");
    }

    @Test
    void littleRoomHoldsFewGroundsAndAnswersAllTheSame() {
        Footings footings = new Footings(1);
        LayerFacts lower = layer(tar().file("etc/a", "1"));
        Counted question = new Counted("find etc/a");
        for (int n = 0; n < 5; n++) {
            assertThat(ask(image(footings, lower, layer(tar().file("x/" + n, "1"))), question))
                    .contains("etc/a");
        }
    }

    /** Random bases, images on them, and questions; the same as when each image is looked at alone. */
    @Test
    void answersAreThoseOfAnImageThatIsLookedAtAlone() {
        long seed = Long.getLong("footings.seed", new Random().nextLong());
        int[] asked = {0, 0};
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(seed + round);
            Footings footings = new Footings(10 << 20);
            List<LayerFacts> shared = new ArrayList<>();
            for (int n = 0; n < 1 + random.nextInt(3); n++) {
                shared.add(layer(random(random, 12)));
            }
            List<Counted> questions = new ArrayList<>();
            for (int n = 0; n < 4; n++) {
                questions.add(new Counted(questions(random)));
            }
            Map<Integer, List<LayerFacts>> images = new HashMap<>();
            for (int n = 0; n < 12; n++) {
                List<LayerFacts> layers = new ArrayList<>(shared.subList(0, 1 + random.nextInt(shared.size())));
                for (int own = 0; own < 1 + random.nextInt(2); own++) {
                    layers.add(layer(random(random, 1 + random.nextInt(3)).file("x/" + n, "own")));
                }
                images.put(n, layers);
            }
            for (int look = 0; look < 40; look++) {
                List<LayerFacts> layers = images.getOrDefault(random.nextInt(images.size()), shared);
                Counted question = questions.get(random.nextInt(questions.size()));
                SquashedImage image = footings.lay(layers, ImageInputs.NONE, KINDS, true);
                int before = question.drawn;

                String answer = ask(image, question);

                asked[question.drawn - before]++;
                assertThat(answer)
                        .as("seed %d, round %d, look %d", seed, round, look)
                        .isEqualTo(new Counted(question.questions)
                                .draw(new SquashedImage(layers, ImageInputs.NONE, KINDS, true)));
            }
        }
        assertThat(asked[0]).as("taken from another image, seed %d", seed).isGreaterThan(asked[1] / 30);
    }

    private static List<String> questions(Random random) {
        List<String> questions = new ArrayList<>();
        List<String> kinds = List.of("find", "link", "list", "hidden", "find", "link", "named", "probed", "all");
        for (int n = 0; n < 1 + random.nextInt(3); n++) {
            questions.add(kinds.get(random.nextInt(random.nextInt(4) == 0 ? 9 : 6)) + " " + path(random));
        }
        return questions;
    }

    private static Tar random(Random random, int entries) {
        Tar tar = tar();
        for (int n = 0; n < entries; n++) {
            String path = (random.nextInt(3) == 0 ? "x/" : "") + path(random);
            switch (random.nextInt(15)) {
                case 0 -> tar.symlink(path, (random.nextBoolean() ? "/" : "") + path(random));
                case 1 -> tar.symlink(path, "../" + path(random));
                case 2 -> tar.directory(path);
                case 3 -> tar.whiteout(path);
                case 4 -> tar.opaque(path);
                case 5 -> tar.hardLink(path, path(random));
                default -> tar.file(path, String.valueOf(random.nextInt(100)));
            }
        }
        return tar;
    }

    private static String path(Random random) {
        StringBuilder path = new StringBuilder();
        for (int n = 0; n < 1 + random.nextInt(3); n++) {
            path.append(n == 0 ? "" : "/").append(NAMES.get(random.nextInt(NAMES.size())));
        }
        return path.toString();
    }
}
