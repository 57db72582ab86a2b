package io.basewatch.standalone;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * {@code basewatch rehearse}: looks at images of the sample fleet, in each way and form, so that the JVM has loaded once what {@code inspect} needs; its launcher keeps that for later
 * starts.
 */
@Command(name = "rehearse", hidden = true, description = "Does what inspect does, for the launcher.")
final class RehearseCommand implements Callable<Integer> {

    @Override
    public Integer call() throws Exception {
        Path scratch = Files.createTempDirectory("basewatch-rehearsal");
        int code = Basewatch.OK;
        try (SampleRegistry registry = SampleRegistry.start(scratch)) {
            String host = registry.url().replaceFirst("^http://", "");
            for (SampleFleet.SampleImage image : SampleFleet.images()) {
                String reference = host + "/" + image.repository() + ":" + image.tag();
                code = Math.max(code, Basewatch.run("inspect", reference));
                code = Math.max(code, Basewatch.run("inspect", "--output", "json", reference));
            }
            code = Math.max(code, Basewatch.run("inspect", "dir:" + scratch));
        } finally {
            SampleRegistry.delete(scratch);
        }
        return code;
    }
}
