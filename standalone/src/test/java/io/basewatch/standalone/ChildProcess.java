package io.basewatch.standalone;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Basewatch in a JVM of its own, as people start it. */
final class ChildProcess implements AutoCloseable {

    private final Process process;
    private final Path out;
    private final Path err;

    private ChildProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /**
     * @param scratch for what it prints
     */
    static ChildProcess start(Path scratch, String... arguments) throws IOException {
        return startOn(System.getProperty("java.class.path"), scratch, arguments);
    }

    private static ChildProcess startOn(String classPath, Path scratch, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                Basewatch.class.getName()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(scratch, "child", ".out");
        Path err = Files.createTempFile(scratch, "child", ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        // Whose credentials the user of this machine has is nothing to a test.
        builder.environment().put("DOCKER_CONFIG", scratch.toString());
        return new ChildProcess(builder.start(), out, err);
    }

    /** Runs it to its end. */
    static CapturedOutput run(Path scratch, String... arguments) throws IOException, InterruptedException {
        return runOn(System.getProperty("java.class.path"), scratch, arguments);
    }

    /** As above, with the product from elsewhere. */
    static CapturedOutput runOn(String classPath, Path scratch, String... arguments)
            throws IOException, InterruptedException {
        try (ChildProcess child = startOn(classPath, scratch, arguments)) {
            if (!child.process.waitFor(5, TimeUnit.MINUTES)) {
                throw new IllegalStateException("still runs: " + String.join(" ", arguments) + "\n" + child.err());
            }
            return new CapturedOutput(child.process.exitValue(), child.out(), child.err());
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL: nothing of it runs any more when this returns. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    String out() throws IOException {
        return Files.readString(out, StandardCharsets.UTF_8);
    }

    String err() throws IOException {
        return Files.readString(err, StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
