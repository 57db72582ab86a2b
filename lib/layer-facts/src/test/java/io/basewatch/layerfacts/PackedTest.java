package io.basewatch.layerfacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PackedTest {

    private static byte[] sample() {
        return new PackedWriter()
                .u8(200)
                .flag(true)
                .number(0)
                .number(127)
                .number(128)
                .number(Long.MAX_VALUE)
                .number(-1)
                .text("")
                .text("größer")
                .textOrNull(null)
                .textOrNull("")
                .textOrNull("x")
                .texts(List.of("a", "", "c"))
                .numbers(List.of(3L, 300L))
                .bytes(new byte[] {1, 2, 3})
                .raw(new byte[] {4, 5, 6}, 1, 2)
                .toBytes();
    }

    private static void read(byte[] bytes) {
        PackedReader in = new PackedReader("sample", bytes);
        in.u8();
        in.flag();
        for (int i = 0; i < 5; i++) {
            in.number();
        }
        in.text();
        in.text();
        in.textOrNull();
        in.textOrNull();
        in.textOrNull();
        in.texts();
        in.numbers();
        in.bytes();
        in.raw(2);
        in.end();
    }

    @Test
    void readsWhatWasWritten() {
        PackedReader in = new PackedReader("sample", sample());
        assertThat(in.u8()).isEqualTo(200);
        assertThat(in.flag()).isTrue();
        assertThat(in.number()).isZero();
        assertThat(in.number()).isEqualTo(127);
        assertThat(in.number()).isEqualTo(128);
        assertThat(in.number()).isEqualTo(Long.MAX_VALUE);
        assertThat(in.number()).isEqualTo(-1);
        assertThat(in.text()).isEmpty();
        assertThat(in.text()).isEqualTo("größer");
        assertThat(in.textOrNull()).isNull();
        assertThat(in.textOrNull()).isEmpty();
        assertThat(in.textOrNull()).isEqualTo("x");
        assertThat(in.texts()).containsExactly("a", "", "c");
        assertThat(in.numbers()).containsExactly(3L, 300L);
        assertThat(in.bytes()).containsExactly(1, 2, 3);
        assertThat(in.left()).isEqualTo(2);
        assertThat(in.raw(2)).containsExactly(5, 6);
        in.end();
    }

    @Test
    void refusesBytesThatWereCutAnywhere() {
        byte[] whole = sample();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(cut))
                    .as("cut at %d", length)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("sample");
        }
        assertThatThrownBy(() -> read(Arrays.copyOf(whole, whole.length + 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too many");
    }

    @Test
    void endsWithAnErrorOfItsOwnWhateverTheBytesAre() {
        Random random = new Random(8);
        for (int i = 0; i < 50_000; i++) {
            byte[] damaged = sample();
            for (int j = 0; j <= random.nextInt(4); j++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                read(damaged);
            } catch (IllegalArgumentException expected) {
                // Told apart from a mistake of ours.
            }
        }
    }

    @Test
    void allocatesNothingForALengthThatIsNotThere() {
        byte[] claims = new PackedWriter().number(Integer.MAX_VALUE).toBytes();
        assertThatThrownBy(() -> new PackedReader("sample", claims).bytes()).hasMessageContaining("count 2147483647");
        assertThatThrownBy(() -> new PackedReader("sample", claims).texts()).hasMessageContaining("count 2147483647");
        assertThatThrownBy(() -> new PackedReader("sample", claims).textOrNull())
                .hasMessageContaining("length of a text 2147483647");
        assertThatThrownBy(() ->
                        new PackedReader("sample", new PackedWriter().number(-1).toBytes()).number(9, "size"))
                .hasMessageContaining("size 18446744073709551615 is more than 9");
    }

    @Test
    void refusesNumbersOfMoreThanSixtyFourBits() {
        byte[] eleven = new byte[11];
        Arrays.fill(eleven, (byte) 0x80);
        assertThatThrownBy(() -> new PackedReader("sample", eleven).number()).hasMessageContaining("64 bits");
        byte[] seventy = new byte[10];
        Arrays.fill(seventy, (byte) 0xff);
        seventy[9] = 2;
        assertThatThrownBy(() -> new PackedReader("sample", seventy).number()).hasMessageContaining("64 bits");
    }
}
