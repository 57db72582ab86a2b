package io.basewatch.layerfacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IsalLibraryTest extends RawInflaterContract {

    private static final Path STATUS = Path.of("/proc/self/status");

    private IsalLibrary library;

    @BeforeEach
    void load() {
        Optional<File> file = Isal.installed().file();
        assumeTrue(file.isPresent(), "no libisal on this machine");
        library = new IsalLibrary(file.get());
    }

    @Override
    RawInflater open() {
        return library.open();
    }

    @Test
    void onceItIsClosedItTouchesNoMemoryAnyMore() {
        RawInflater inflater = open();
        inflater.setInput(new byte[100], 0, 100);
        inflater.close();
        assertThatThrownBy(() -> inflater.inflate(new byte[100], 0, 100)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(inflater::reset).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anotherLibraryIsNotTakenForIt() {
        assertThatThrownBy(() -> new IsalLibrary(new File("libc.so.6"))).isInstanceOf(LinkageError.class);
        assertThatThrownBy(() -> new IsalLibrary(new File("/nowhere/libisal.so.2")))
                .isInstanceOf(LinkageError.class)
                .hasMessageContaining("/nowhere/libisal.so.2");
    }

    @Test
    void itsMemoryIsGivenBack() throws IOException {
        assumeTrue(Files.exists(STATUS), "only Linux tells how large a process is");
        long before = kilobytes();
        for (int n = 0; n < 20_000; n++) {
            try (RawInflater inflater = open()) {
                assertThat(inflater.hasEnded()).isFalse();
            }
        }
        assertThat(kilobytes() - before).as("had it been kept it were 6 GB").isLessThan(1 << 20);
    }

    private static long kilobytes() throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith("VmSize:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }
}
