package io.basewatch.layerfacts;

import static io.basewatch.layerfacts.TestLayers.KEEPS_ALL;
import static io.basewatch.layerfacts.TestLayers.listing;
import static io.basewatch.layerfacts.TestLayers.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootFsTest {

    @TempDir
    Path root;

    private void write(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private LayerFacts read() throws Exception {
        return RootFs.read(root, LayerLimits.defaults(), List.of(KEEPS_ALL));
    }

    private static ImageView view(LayerFacts facts) {
        return SquashedImage.of(List.of(LayerFacts.decode(facts.encode())), ImageInputs.NONE);
    }

    @Test
    void readsATreeWithItsLinksInsideTheRoot() throws Exception {
        write("usr/lib/os-release", "ID=debian\n");
        write(".wh.name", "just a name");
        Files.createDirectories(root.resolve("etc"));
        Files.createSymbolicLink(root.resolve("etc/os-release"), Path.of("../usr/lib/os-release"));
        Files.createSymbolicLink(root.resolve("lib"), Path.of("/usr/lib"));
        Files.setPosixFilePermissions(root.resolve(".wh.name"), PosixFilePermissions.fromString("rwxr-x--x"));

        ImageView image = view(read());

        assertThat(text(image, "etc/os-release")).isEqualTo("ID=debian\n");
        assertThat(text(image, "lib/os-release")).isEqualTo("ID=debian\n");
        assertThat(image.find(".wh.name").orElseThrow().entry().mode()).isEqualTo(0751);
        assertThat(image.find("etc/os-release").orElseThrow().layer()).isNull();
        assertThat(listing(image))
                .containsExactly(
                        ".wh.name", "etc/os-release -> ../usr/lib/os-release", "lib -> /usr/lib", "usr/lib/os-release");
        Files.delete(root.resolve("lib"));
    }

    @Test
    void neverReadsThroughLinksThatLeadOut(@TempDir Path outside) throws Exception {
        Files.writeString(outside.resolve("secret"), "secret");
        Files.createSymbolicLink(root.resolve("out"), outside);
        Files.createSymbolicLink(root.resolve("passwd"), outside.resolve("secret"));
        Files.createSymbolicLink(root.resolve("loop"), Path.of("."));

        ImageView image = view(read());

        assertThat(image.find("passwd")).isEmpty();
        assertThat(image.find("out/secret")).isEmpty();
        assertThat(image.files().map(f -> f.entry().type())).containsOnly(FileEntry.Type.SYMLINK);
    }

    @Test
    void notesFilesThatCannotBeReadAndKeepsTheirNames() throws Exception {
        write("etc/shadow", "root");
        write("etc/os-release", "ID=x\n");
        Files.setPosixFilePermissions(root.resolve("etc/shadow"), PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isReadable(root.resolve("etc/shadow")), "this user may read everything");

        LayerFacts facts = read();

        assertThat(facts.notes())
                .singleElement()
                .satisfies(n -> assertThat(n.message()).contains("etc/shadow"));
        assertThat(listing(view(facts))).containsExactly("etc/os-release", "etc/shadow");
    }

    @Test
    void doesNotOpenFifos() throws Exception {
        Process process = new ProcessBuilder("mkfifo", root.resolve("fifo").toString()).start();
        org.junit.jupiter.api.Assumptions.assumeTrue(process.waitFor() == 0, "no mkfifo here");

        assertThat(view(read()).find("fifo").orElseThrow().entry().type()).isEqualTo(FileEntry.Type.OTHER);
    }

    @Test
    void stopsAtALimitWithWhatIsKnown() throws Exception {
        write("a", "1");
        write("b", "2");
        write("c", "3");
        LayerLimits limits = new LayerLimits(100, 10, 2, 100, 10, 100, Duration.ofMinutes(1), 10_000);

        LayerException e =
                catchThrowableOfType(LayerException.class, () -> RootFs.read(root, limits, List.of(KEEPS_ALL)));

        assertThat(e.reason().code()).isEqualTo(Reason.Code.LIMIT_EXCEEDED);
        assertThat(listing(view(e.facts().orElseThrow()))).containsExactly("a", "b");
    }

    @Test
    void refusesWhatIsNoDirectory() throws Exception {
        write("file", "x");

        assertThatThrownBy(() -> RootFs.read(root.resolve("file"), LayerLimits.defaults(), List.of()))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> RootFs.read(root.resolve("missing"), LayerLimits.defaults(), List.of()))
                .isInstanceOf(IOException.class);
    }
}
