package io.basewatch.elf.reading;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NeedleTest {

    @Test
    void isFoundWhereTextIsFound() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int n = 0; n < 20_000; n++) {
            String text = random(random, 1 + random.nextInt(6));
            String hay = random(random, random.nextInt(60));
            int from = random.nextInt(hay.length() + 3);
            assertThat(new Needle(text).in(hay.getBytes(StandardCharsets.ISO_8859_1), from))
                    .as("'%s' in '%s' from %s, seed %s", text, hay, from, seed)
                    .isEqualTo(from > hay.length() ? -1 : hay.indexOf(text, from));
        }
    }

    @Test
    void bytesAboveAsciiAreNoTextAndNoTrap() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (255 - i);
        }
        assertThat(new Needle("a").in(bytes, 0)).isEqualTo(255 - 'a');
        assertThat(new Needle("ab").in(bytes, 0)).isEqualTo(-1);
    }

    /** Of few letters, so that much is nearly found. */
    private static String random(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(3)));
        }
        return text.toString();
    }
}
