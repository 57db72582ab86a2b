package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.FileSketch;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.fleetmodel.PackageSketch;
import io.basewatch.fleetmodel.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bson.Document;
import org.bson.types.Binary;
import org.junit.jupiter.api.Test;

class LineageLineTest {

    private static final PackageSketch MANY = PackageSketch.of(IntStream.range(0, 500)
            .map(n -> PackageSketch.hash("package" + n, "1"))
            .toArray());

    private static final FileSketch FILES =
            FileSketch.of(IntStream.range(0, 5000).map(n -> FileSketch.hash("usr/bin/file" + n, n)));

    private static ImageAnalysis analysis(AnalysisStatus status) {
        return new ImageAnalysis(
                Fleet.digest(1),
                Fleet.AMD64,
                status,
                status == AnalysisStatus.COMPLETE
                        ? List.of()
                        : List.of(new Reason(Reason.Code.SIZE_MISMATCH, "cut short")),
                new Fingerprint(
                        null,
                        List.of(Libc.unknown()),
                        List.of(new PackageDatabase("dpkg", 500, List.of(), MANY)),
                        List.of(),
                        List.of(),
                        FILES),
                List.of(new ImageAnalysis.Layer(Fleet.digest(2), Fleet.digest(3), "layer", 10, 20L)),
                null,
                "1",
                Fleet.NOON);
    }

    private static LineageLine read(byte[] line) {
        return LineageLine.of(new Document(LineageLine.FIELD, new Binary(line))).orElseThrow();
    }

    @Test
    void whichPackagesAndFilesAnImageHasIsKeptOnItsLine() {
        LineageLine line = LineageLine.of(analysis(AnalysisStatus.COMPLETE), null);
        assertThat(line.packages()).isEqualTo(MANY);
        assertThat(line.files()).isEqualTo(FILES);
        assertThat(read(line.write())).isEqualTo(line);
    }

    @Test
    void ofAnImageThatWasNotReadWhollyItIsNotKnown() {
        LineageLine line = LineageLine.of(analysis(AnalysisStatus.PARTIAL), null);
        assertThat(line.packages()).isNull();
        assertThat(line.files()).isNull();
    }

    @Test
    void whatWasWrittenBeforePackagesWereKeptIsReadAsItWas() {
        LineageLine line = LineageLine.of(analysis(AnalysisStatus.PARTIAL), null);
        byte[] older = Arrays.copyOf(line.write(), line.write().length - 4);
        older[0] = 1;
        assertThat(read(older)).isEqualTo(line);
    }

    @Test
    void whatWasWrittenBeforeFilesWereSketchedIsReadAsItWas() {
        LineageLine line = LineageLine.of(analysis(AnalysisStatus.COMPLETE), null);
        int files = FILES.toString().length();
        byte[] older = Arrays.copyOf(line.write(), line.write().length - 2 - files);
        older[0] = 2;
        assertThat(read(older).packages()).isEqualTo(MANY);
        assertThat(read(older).files()).as("unknown, not none").isNull();
        assertThat(read(older).layers()).isEqualTo(line.layers());
    }
}
