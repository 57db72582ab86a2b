package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleFleetTest {

    @Test
    void theDemoShowsWhatItsFleetStandsOn(@TempDir Path data) {
        CapturedOutput output =
                CapturedOutput.of(() -> Basewatch.run("demo", "--once", "--port", "0", "--data", data.toString()));

        assertThat(output.code()).as(output.err()).isEqualTo(Basewatch.OK);
        List<String> rows = output.out()
                .lines()
                .map(line -> line.strip().replaceAll("\\s{2,}", " | "))
                .toList();
        assertThat(rows).contains("STANDS ON | LIBC | STATUS | SUPPORT | IMAGES | REPOSITORIES | SIZE");
        // What ended stays ended; until when the others are supported is as the lifecycle data of the day has it.
        assertThat(rows.stream().map(row -> row.replaceAll(" \\| [^|]+B$", "")))
                .contains(
                        "alpine 3.12.12 | musl | complete | ended 2022-05-01 | 1 | 1",
                        "alpine 3.18.9 | musl | complete | ended 2025-05-09 | 1 | 3",
                        "centos 7 | glibc | complete | ended 2024-06-30 | 1 | 1",
                        "(no distribution) | static | complete | - | 1 | 1");
        assertThat(rows.stream()
                        .map(row -> row.replaceAll("complete \\| .* \\| (\\d+ \\| \\d+) \\| [^|]+$", "complete | $1")))
                .contains(
                        "alpine 3.22.2 | musl | complete | 1 | 1",
                        "debian 10 | glibc | complete | 1 | 1",
                        "debian 12 | glibc | complete | 1 | 2",
                        "ubuntu 24.04 | glibc | complete | 1 | 1");
        assertThat(rows).contains("8 images behind 11 tags in 10 repositories of 1 registry");
        assertThat(output.out()).contains("/api/v1/fleet").contains("/actuator/prometheus");
    }
}
