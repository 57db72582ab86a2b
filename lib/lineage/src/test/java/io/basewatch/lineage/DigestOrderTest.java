package io.basewatch.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DigestOrderTest {

    private static Image image(int number) {
        Digest digest = Digest.sha256Of(("image " + number).getBytes(StandardCharsets.UTF_8));
        Image.Content nothing = new Image.Content(
                null,
                null,
                null,
                new LayerPool.Layer[0],
                null,
                false,
                0,
                new long[0],
                null,
                Libc.Family.UNKNOWN,
                0,
                null,
                null,
                null,
                null,
                null,
                null);
        return new Image(Hash.of(digest), nothing);
    }

    @Test
    void whateverComesAndGoesAllAreInOrderWheneverThatIsAskedFor() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        DigestOrder order = new DigestOrder();
        TreeMap<Hash, Image> model = new TreeMap<>();
        for (int step = 0; step < 20_000; step++) {
            Image image = image(random.nextInt(300));
            Image there = model.remove(image.digest);
            if (there == null) {
                order.add(image);
                model.put(image.digest, image);
            } else {
                order.remove(there);
            }
            if (random.nextInt(50) == 0) {
                Image[] all = order.all();
                assertThat(all)
                        .as("seed %s, step %s", seed, step)
                        .containsExactly(model.values().toArray(Image[]::new));
                Hash asked = image(random.nextInt(300)).digest;
                assertThat(DigestOrder.firstBehind(all, asked))
                        .as("seed %s, step %s", seed, step)
                        .isEqualTo(model.headMap(asked, true).size());
            }
        }
    }

    @Test
    void whatHasGoneIsNotKeptThoughNobodyAsks() {
        DigestOrder order = new DigestOrder();
        List<Image> stay = new ArrayList<>();
        int most = 0;
        for (int n = 0; n < 50_000; n++) {
            Image image = image(n);
            order.add(image);
            if (n % 100 == 0) {
                stay.add(image);
            } else {
                order.remove(image);
            }
            most = Math.max(most, order.pending());
        }
        assertThat(most).isLessThan(1_500);
        assertThat(order.all()).containsExactlyInAnyOrderElementsOf(stay);
    }
}
