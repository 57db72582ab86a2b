package io.basewatch.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

class TerseLoggingTest {

    private final Logger log = new TerseLogging().getLoggerFactory().getLogger("io.basewatch.SomeReader");

    @Test
    void warningsAndErrorsAreALineEachOnStderrAndNothingElseIsTold() {
        CapturedOutput told = CapturedOutput.of(() -> {
            log.info("begun file={}", "a");
            log.warn("file not usable file={} problem=\"{}\"", "a", "cut short");
            log.error("broke");
            return 0;
        });
        assertEquals("", told.out());
        assertEquals(
                "WARN SomeReader file not usable file=a problem=\"cut short\"\nERROR SomeReader broke\n", told.err());
    }

    @Test
    void nothingThatIsLoggedReachesTheTerminalAsACommandToIt() {
        CapturedOutput told = CapturedOutput.of(() -> {
            log.warn("name={}", "\u001b[2Jx");
            return 0;
        });
        assertEquals(-1, told.err().indexOf('\u001b'));
    }

    @Test
    void aMistakeOfOursIsToldWithItsStack() {
        CapturedOutput told = CapturedOutput.of(() -> {
            log.error("broke file={}", "a", new IllegalStateException("why"));
            return 0;
        });
        assertTrue(told.err().startsWith("ERROR SomeReader broke file=a\njava.lang.IllegalStateException: why\n"));
    }

    @Test
    void theLaunchersRehearsalLooksAtTheSampleFleetAndSaysNothingOnStderr(@TempDir Path folder) throws Exception {
        CapturedOutput told = ChildProcess.run(folder, "rehearse");
        assertEquals("", told.err());
        assertEquals(Basewatch.OK, told.code());
        for (String image : RehearseCommand.IMAGES) {
            String name = "/" + image;
            assertEquals(
                    2,
                    told.out().lines().filter(line -> line.contains(name)).count(),
                    "once as text and once as a document: " + name);
        }
        assertTrue(told.out().lines().anyMatch(line -> line.startsWith("oci:")), "a folder on the disk, too");
    }
}
