package io.basewatch.reportapi.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CursorTest {

    @Test
    void givesBackTheKeyItWasWrittenWith() {
        Cursor start = Cursor.read("tags", null, key -> true);
        assertThat(start.key()).isNull();

        String key = "registry.example.com:5000/team/größe:1.0";
        assertThat(Cursor.read("tags", start.write(key), read -> true).key()).isEqualTo(key);
    }

    @Test
    void refusesEveryCutAndEveryMutationOrReadsAKeyOfItsList() {
        String good = new Cursor("tags", null).write("registry.example.com/team/app:1");
        for (int length = 0; length < 6; length++) {
            refused(good.substring(0, length));
        }
        Random random = new Random(7);
        for (int round = 0; round < 5_000; round++) {
            byte[] bytes = good.getBytes(StandardCharsets.ISO_8859_1);
            for (int change = 0; change <= random.nextInt(3); change++) {
                bytes[random.nextInt(bytes.length)] = (byte) (32 + random.nextInt(200));
            }
            String mutated = new String(bytes, StandardCharsets.ISO_8859_1);
            try {
                assertThat(Cursor.read("tags", mutated, key -> key.contains("/"))
                                .key())
                        .contains("/");
            } catch (BadParameterException e) {
                assertThat(e).hasMessageContaining("'after'");
            }
        }
    }

    @Test
    void refusesWhatIsTooLongOrNoText() {
        refused("A".repeat(5_000));
        refused(Base64.getUrlEncoder().encodeToString(new byte[] {'t', 'a', 'g', 's', ':', (byte) 0xff, (byte) 0xfe}));
    }

    private static void refused(String after) {
        assertThatExceptionOfType(BadParameterException.class)
                .isThrownBy(() -> Cursor.read("tags", after, key -> true))
                .withMessageContaining("'after'");
    }
}
