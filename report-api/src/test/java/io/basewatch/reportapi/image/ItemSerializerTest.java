package io.basewatch.reportapi.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lineage.Member.CaveatKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.json.JsonMapper;

class ItemSerializerTest {

    private static final JsonMapper MAPPER = builder().build();

    private static final JsonMapper BY_FIELDS =
            builder().addMixIn(ImageItem.class, ByFields.class).build();

    @JsonSerialize(using = ValueSerializer.None.class)
    private interface ByFields {}

    private static JsonMapper.Builder builder() {
        return JsonMapper.builder()
                .changeDefaultPropertyInclusion(
                        inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL));
    }

    @Test
    void linesAreWrittenAsTheirFieldsWouldBe() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int page = 0; page < 2_000; page++) {
            List<ImageItem> items = some(random, 5, ItemSerializerTest::item);
            byte[] expected = BY_FIELDS.writeValueAsBytes(items);
            assertThat(new String(MAPPER.writeValueAsBytes(items), StandardCharsets.UTF_8))
                    .as("seed %s, page %s", seed, page)
                    .isEqualTo(new String(expected, StandardCharsets.UTF_8));
            assertThat(MAPPER.writeValueAsString(items))
                    .as("seed %s, page %s", seed, page)
                    .isEqualTo(new String(expected, StandardCharsets.UTF_8));
        }
    }

    @Test
    void timesOfAllYearsAreWrittenAsTheyAreElsewhere() {
        for (String time : List.of(
                "-1000000000-01-01T00:00:00Z",
                "-0001-12-31T23:59:59.999999999Z",
                "0000-01-01T00:00:00Z",
                "0000-02-29T00:00:00.1Z",
                "1969-12-31T23:59:59.000001Z",
                "1970-01-01T00:00:00Z",
                "2024-02-29T09:08:07.120Z",
                "9999-12-31T23:59:59.999999999Z",
                "+10000-01-01T00:00:00Z",
                "+1000000000-12-31T23:59:59.999999999Z")) {
            same(item(Instant.parse(time), 0L));
        }
    }

    @Test
    void sizesOfAnyLengthAreWrittenAsTheyAreElsewhere() {
        same(item(null, Long.MIN_VALUE));
        same(item(null, -1L));
        same(item(null, Long.MAX_VALUE));
        for (long size = 1; size > 0; size *= 10) {
            same(item(null, size - 1));
            same(item(null, size));
        }
    }

    private static void same(ImageItem item) {
        assertThat(MAPPER.writeValueAsString(item)).isEqualTo(BY_FIELDS.writeValueAsString(item));
    }

    private static ImageItem item(@Nullable Instant created, Long bytes) {
        Digest digest = Digest.sha256Of(new byte[0]);
        return new ImageItem(
                digest.toString(), List.of(), 0, digest, null, "pending", null, null, null, null, created, null, bytes);
    }

    private static final List<Support> SUPPORTS = List.of(
            support("alpine", "3.18"), support("debian", "12"), support("debian", "99"), support("größe\"\\\n", "1"));

    private static Support support(String distro, String version) {
        return Lifecycle.bundled().support(distro, version, null, null, LocalDate.of(2026, 1, 1));
    }

    private static ImageItem item(Random random) {
        return new ImageItem(
                text(random),
                some(random, random.nextInt(20) == 0 ? 200 : 4, ItemSerializerTest::reference),
                random.nextInt(),
                Digest.sha256Of(new byte[] {(byte) random.nextInt()}),
                orNull(random, () -> new Platform(text(random), text(random), orNull(random, () -> text(random)))),
                text(random),
                orNull(
                        random,
                        () -> new ImageItem.Release(
                                text(random),
                                orNull(random, () -> text(random)),
                                orNull(random, () -> text(random)),
                                orNull(random, () -> text(random)))),
                orNull(random, () -> any(random, List.of(Libc.Family.values()))),
                orNull(random, () -> any(random, SUPPORTS)),
                orNull(random, () -> ImageItem.Caveats.of(some(random, 6, ItemSerializerTest::caveat))),
                orNull(random, () -> time(random)),
                orNull(random, () -> time(random)),
                orNull(random, () -> random.nextLong() >> random.nextInt(64)));
    }

    private static ImageReference reference(Random random) {
        String tag = orNull(random, () -> text(random));
        Digest digest = tag == null || random.nextInt(4) == 0 ? Digest.sha256Of(new byte[0]) : null;
        return new ImageReference(
                new Repository("r" + text(random).replace('/', '.'), "n" + text(random)), tag, digest);
    }

    private static CaveatKey caveat(Random random) {
        return new CaveatKey(
                text(random),
                any(random, List.of(Caveat.Kind.values())),
                any(random, List.of(Caveat.Severity.values())));
    }

    private static Instant time(Random random) {
        int[] parts = {1, 1_000, 1_000_000, 1_000_000_000};
        int part = parts[random.nextInt(parts.length)];
        return Instant.ofEpochSecond(
                (random.nextLong() >> 24) / 100, (long) part * random.nextInt(1_000_000_000 / part));
    }

    /** Most as they are, some with what JSON escapes, and with one, two, three and four bytes in UTF-8. */
    private static String text(Random random) {
        int[] rare = {'"', '\\', '\n', 0, 0x1f, 0x7f, 0x80, 'é', 0x2028, '…', 0xfffd, 0x1f600};
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(random.nextInt(50) == 0 ? 5_000 : 40);
        boolean isPlain = random.nextBoolean();
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(
                    isPlain || random.nextInt(10) > 0 ? 'a' + random.nextInt(26) : rare[random.nextInt(rare.length)]);
        }
        return text.toString();
    }

    private static <T> T any(Random random, List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private static <T> @Nullable T orNull(Random random, Supplier<T> value) {
        return random.nextInt(4) == 0 ? null : value.get();
    }

    private static <T> List<T> some(Random random, int most, Function<Random, T> one) {
        List<T> some = new ArrayList<>();
        for (int count = random.nextInt(most + 1); count > 0; count--) {
            some.add(one.apply(random));
        }
        return some;
    }
}
