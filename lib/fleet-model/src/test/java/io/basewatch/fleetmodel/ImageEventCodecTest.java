package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageEventCodecTest {

    private static final Digest A = Digest.parse("sha256:" + "a".repeat(64));
    private static final Digest B = Digest.parse("sha256:" + "b".repeat(64));
    private static final Instant TIME = Instant.parse("2026-11-22T10:15:30Z");
    private static final Repository APP = new Repository("registry.example.com", "team/app");

    @Test
    void readsTheGoldenPushedEventAndIgnoresFieldsOfALaterProducer() {
        assertThat(ImageEventCodec.decode(golden("pushed.json")))
                .isEqualTo(new ImagePushed(
                        new Repository("registry.example.com:5000", "team/app"),
                        "1.2",
                        A,
                        B,
                        Platform.parse("linux/arm64/v8"),
                        1763806530000L,
                        TIME));
    }

    @Test
    void readsTheGoldenPushedEventOfAnImageThatOnlyItsConfigKnowsThePlatformOf() {
        assertThat(ImageEventCodec.decode(golden("pushed-without-platform.json")))
                .isEqualTo(new ImagePushed(new Repository("localhost:5000", "app"), "latest", B, B, null, 7, TIME));
    }

    @Test
    void readsTheGoldenTagEvents() {
        assertThat(ImageEventCodec.decode(golden("tag-moved.json"))).isEqualTo(new TagMoved(APP, "1", A, B, 8, TIME));
        assertThat(ImageEventCodec.decode(golden("tag-removed.json"))).isEqualTo(new TagRemoved(APP, "1", B, 9, TIME));
    }

    @Test
    void whatIsWrittenIsReadBackEqual() {
        for (ImageEvent event : new ImageEvent[] {
            new ImagePushed(APP, "1", A, B, Platform.parse("linux/amd64"), 1, TIME),
            new ImagePushed(APP, "1", B, B, null, 2, TIME),
            new TagMoved(APP, "1", A, B, 3, TIME),
            new TagRemoved(APP, "1", A, 4, TIME)
        }) {
            assertThat(ImageEventCodec.decode(ImageEventCodec.encode(event))).isEqualTo(event);
        }
    }

    @Test
    void theSameEventHasTheSameIdAndATagThatComesBackAnother() {
        Platform amd64 = Platform.parse("linux/amd64");
        ImageEvent once = new ImagePushed(APP, "1", A, B, amd64, 1, TIME);
        ImageEvent repeated = new ImagePushed(APP, "1", A, B, amd64, 1, TIME.plusSeconds(60));
        ImageEvent cameBack = new ImagePushed(APP, "1", A, B, amd64, 3, TIME.plusSeconds(60));
        ImageEvent otherPlatform = new ImagePushed(APP, "1", A, B, Platform.parse("linux/arm64"), 1, TIME);
        assertThat(repeated.id()).isEqualTo(once.id());
        assertThat(cameBack.id()).isNotEqualTo(once.id());
        assertThat(otherPlatform.id()).isNotEqualTo(once.id());
        assertThat(new TagRemoved(APP, "1", B, 1, TIME).id()).isNotEqualTo(once.id());
        assertThat(new TagRemoved(APP, "1", B, 1, TIME).id()).isNotEqualTo(new TagRemoved(APP, "1", B, 2, TIME).id());
        assertThat(new TagMoved(APP, "1", A, B, 1, TIME).id()).isNotEqualTo(new TagMoved(APP, "1", A, B, 2, TIME).id());
    }

    @Test
    void anIdIsTheSameFromVersionToVersion() {
        assertThat(ImageEventCodec.decode(golden("pushed.json")).id())
                .isEqualTo("95f0a36c-9d71-3246-a254-3af143f06657");
        assertThat(ImageEventCodec.decode(golden("tag-moved.json")).id())
                .isEqualTo("c5e7cee4-6175-394b-a0b1-516d762a50a6");
        assertThat(ImageEventCodec.decode(golden("tag-removed.json")).id())
                .isEqualTo("df8a54dd-ea12-3830-a419-e638c1ded51a");
    }

    @Test
    void eventsOfOneRepositoryShareTheirKey() {
        assertThat(ImageEventCodec.key(new TagRemoved(APP, "1", A, 1, TIME)))
                .isEqualTo(ImageEventCodec.key(new TagMoved(APP, "2", A, B, 1, TIME)))
                .isEqualTo("registry.example.com/team/app");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"schemaversion\" : 1 | \"schemaversion\" : 2 | schemaversion '2'",
                "image.pushed | image.vanished | unknown type 'io.basewatch.image.vanished'",
                "\"revision\" : 1763806530000 | \"revision\" : \"x\" | 'revision'",
                "sha256:bbbb | sha257:bbbb | 'digest'",
                "linux/arm64/v8 | linux | platform 'linux'",
                "\"tag\" : \"1.2\" | \"tag\" : \"\" | 'tag'",
                "2026-11-22T10 | yesterday | 'time'"
            })
    void refusesWhatItDoesNotUnderstandAndNamesTheField(String good, String bad, String named) {
        String event = new String(golden("pushed.json"), StandardCharsets.UTF_8);
        assertThat(event).contains(good);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> ImageEventCodec.decode(event.replace(good, bad).getBytes(StandardCharsets.UTF_8)))
                .withMessageContaining(named);
    }

    @Test
    void refusesAnEventThatIsTooLargeWithoutParsingIt() {
        assertThatThrownBy(() -> ImageEventCodec.decode(new byte[ImageEventCodec.MAX_BYTES + 1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("larger than 65536 bytes");
    }

    @Test
    void cutOrChangedAnywhereItIsReadOrRefusedButNothingElse() {
        byte[] good = golden("pushed.json");
        for (int length = 0; length < good.length; length++) {
            decodesOrRefuses(Arrays.copyOf(good, length));
        }
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] changed = good.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            decodesOrRefuses(changed);
        }
    }

    private static void decodesOrRefuses(byte[] bytes) {
        try {
            ImageEventCodec.decode(bytes);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).contains("image event");
        }
    }

    private static byte[] golden(String name) {
        try (var in = ImageEventCodecTest.class.getResourceAsStream("events/v1/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
