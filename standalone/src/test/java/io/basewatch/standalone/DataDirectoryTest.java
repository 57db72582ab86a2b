package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.embeddedstore.EmbeddedStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs({OS.LINUX, OS.MAC})
class DataDirectoryTest {

    @TempDir
    Path folder;

    private static String rights(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static void open(Path path, String rights) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(rights));
    }

    @Test
    void aNewFolderCanBeEnteredByItsOwnerOnly() throws IOException {
        Path data = folder.resolve("some/where/data");
        try (DataDirectory directory = DataDirectory.open(data)) {
            assertThat(rights(data)).isEqualTo("rwx------");
            assertThat(rights(data.resolve("lock"))).isEqualTo("rw-------");
            assertThat(directory.warning()).isNull();
            EmbeddedStore.start(directory.store()).close();
            assertThat(rights(directory.store())).isEqualTo("rw-------");
        }
    }

    @Test
    void aFolderOfAnEarlierRunIsClosedWithAllThatIsInIt() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        Path kafka = Files.createDirectories(data.resolve("kafka/basewatch.images.live-0"));
        Path segment = Files.createFile(kafka.resolve("00000000000000000000.log"));
        Path elsewhere = Files.createFile(folder.resolve("elsewhere"));
        Files.createSymbolicLink(kafka.resolve("link"), elsewhere);
        List<Path> files = List.of(
                segment,
                Files.createFile(data.resolve("store")),
                Files.createFile(data.resolve("lock")),
                Files.createFile(data.resolve("basewatch.log")),
                Files.createFile(data.resolve("basewatch.log.1")));
        for (Path each : List.of(data, data.resolve("kafka"), kafka)) {
            open(each, "rwxrwxrwx");
        }
        for (Path each : files) {
            open(each, "rw-rw-rw-");
        }
        open(elsewhere, "rwxr-xr-x");

        try (DataDirectory directory = DataDirectory.open(data)) {
            assertThat(directory.warning()).isNull();
            for (Path each : List.of(data, data.resolve("kafka"), kafka)) {
                assertThat(rights(each)).as("%s", each).isEqualTo("rwx------");
            }
            for (Path each : files) {
                assertThat(rights(each)).as("%s", each).isEqualTo("rw-------");
            }
            assertThat(rights(elsewhere)).isEqualTo("rwxr-xr-x");
        }
    }

    @Test
    void aFolderThatHasSomethingElseInItIsLeftOpenAndThatIsSaid() throws IOException {
        Path data = Files.createDirectory(folder.resolve("home"));
        open(data, "rwxr-xr-x");
        Path script = Files.createFile(data.resolve("script.sh"));
        open(script, "rwxr-xr-x");
        Path store = Files.createFile(data.resolve("store"));
        open(store, "rw-r--r--");

        try (DataDirectory directory = DataDirectory.open(data)) {
            assertThat(directory.warning())
                    .isEqualTo("--data " + data + " can be entered by others than its owner (rwxr-xr-x) and is left so,"
                            + " as it also has script.sh: better give a folder of its own");
            assertThat(rights(data)).isEqualTo("rwxr-xr-x");
            assertThat(rights(script)).isEqualTo("rwxr-xr-x");
            assertThat(rights(store)).isEqualTo("rw-------");
        }
    }

    @Test
    void aFolderThatIsALinkIsTheOneThatItLeadsTo() throws IOException {
        Path real = Files.createDirectory(folder.resolve("real"));
        open(real, "rwxr-xr-x");
        Path data = Files.createSymbolicLink(folder.resolve("link"), real);
        try (DataDirectory directory = DataDirectory.open(data)) {
            assertThat(directory.warning()).isNull();
            assertThat(rights(real)).isEqualTo("rwx------");
            assertThat(Files.exists(data, LinkOption.NOFOLLOW_LINKS)).isTrue();
        }
    }
}
