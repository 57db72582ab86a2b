package io.basewatch.elf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Symbols as they are kept. */
class SymbolTableTest {

    private record Key(String name, int version) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            return Comparator.comparing(Key::name)
                    .thenComparingInt(Key::version)
                    .compare(this, other);
        }
    }

    @Test
    void symbolsComeInTheOrderOfTheirNamesAndVersionsWhateverTheOrderInWhichTheyWereAdded() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<SymbolTable.Version> versions =
                List.of(new SymbolTable.Version(null, "A"), new SymbolTable.Version("lib", "B"));
        int twice = 0;
        for (int round = 0; round < 500; round++) {
            SymbolTable.Builder builder = new SymbolTable.Builder();
            TreeMap<Key, Integer> model = new TreeMap<>();
            int count = random.nextInt(120);
            for (int i = 0; i < count; i++) {
                byte[] name = new byte[1 + random.nextInt(random.nextInt(20) == 0 ? 3000 : 4)];
                for (int j = 0; j < name.length; j++) {
                    name[j] = (byte) (random.nextInt(8) == 0 ? 128 + random.nextInt(128) : 'a' + random.nextInt(2));
                }
                int version = random.nextInt(3);
                int flags = random.nextInt(64);
                int before = model.size();
                // Not commutative, so that the order in which both were added counts.
                model.merge(
                        new Key(new String(name, StandardCharsets.ISO_8859_1), version),
                        flags,
                        (one, other) -> 3 * one + other);
                twice += model.size() == before ? 1 : 0;
                builder.add(name, 0, name.length, version, flags);
            }
            SymbolTable table = builder.build((one, other) -> 3 * one + other, versions);
            List<SymbolTable.Symbol> expected = new ArrayList<>();
            model.forEach((key, flags) -> expected.add(new SymbolTable.Symbol(
                    key.name(), key.version() == 0 ? null : versions.get(key.version() - 1), flags)));
            assertThat(table.stream().toList())
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(expected);
        }
        assertThat(twice).isGreaterThan(1000);
    }
}
