package io.basewatch.embeddedstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.embeddedstore.RecordedFiles.Step;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.h2.mvstore.MVMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file as it is left by a process that is killed before, in the middle of, or after any of its writes; and by a machine that stops. */
class CrashAtEveryWriteTest {

    private static final String MAP = "documents/fleet/things";
    private static final String NUMBER = "number";

    /** A kill may cut a write, between two pages of the operating system. */
    private static final int PAGE = 4096;

    @TempDir
    Path folder;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** What was in the map after each commit, by its number. */
    private final Map<Integer, Map<String, String>> states = new TreeMap<>(Map.of(0, Map.of()));

    /** Each life goes on with what a kill in the middle of the one before has left. */
    @Test
    void whatACommitReturnedForIsThereWhereverTheProcessIsKilled() throws IOException {
        Path left = Files.createFile(folder.resolve("left"));
        for (int life = 0; life < 3; life++) {
            Path before = copy(left, "before");
            List<Step> steps = live(left, 70);
            killedAtEach(steps, before, left);
        }
    }

    /** Nothing that was written since comes to the disk whole, but for the header at times. */
    @Test
    void whatWasForcedToTheDiskIsNotWrittenOverBeforeWhatFollowsIt() throws IOException {
        Path store = Files.createFile(folder.resolve("left"));
        Path before = copy(store, "before");
        spoiltAfterEachForce(live(store, 150), before);
    }

    /** Opens the file, changes it by that many commits with housekeeping between them, and says what was done to it. */
    private List<Step> live(Path path, int commits) {
        RecordedFiles.begin();
        try (StoreFile file = new StoreFile(path, RecordedFiles.PREFIX)) {
            MVMap<String, byte[]> things = file.documents(MAP);
            Map<String, String> state = contents(things);
            int first = number(state);
            states.keySet().removeIf(number -> number > first);
            for (int number = first + 1; number <= first + commits; number++) {
                Map<String, String> before = state;
                Map<String, String> after = changed(before, number);
                states.put(number, after);
                file.write(() -> {
                    before.keySet().stream()
                            .filter(key -> !after.containsKey(key))
                            .forEach(things::remove);
                    after.forEach((key, value) -> {
                        if (!value.equals(before.get(key))) {
                            things.put(key, value.getBytes(StandardCharsets.UTF_8));
                        }
                    });
                    return null;
                });
                state = after;
                file.commit();
                RecordedFiles.add(new Step.Committed(number));
                for (int ticks = random.nextInt(8) == 0 ? random.nextInt(4) : 0; ticks > 0; ticks--) {
                    file.tick();
                }
            }
        }
        return RecordedFiles.steps();
    }

    private Map<String, String> changed(Map<String, String> state, int number) {
        Map<String, String> changed = new TreeMap<>(state);
        if (random.nextInt(15) == 0) {
            changed.keySet().removeIf(key -> random.nextBoolean());
        }
        int most = random.nextInt(50) == 0 ? 40_000 : 900;
        for (int n = random.nextInt(4); n > 0; n--) {
            changed.put("thing" + random.nextInt(60), number + "x".repeat(random.nextInt(most)));
        }
        changed.put(NUMBER, Integer.toString(number));
        return changed;
    }

    /** @param left gets what the file is after some of the steps */
    private void killedAtEach(List<Step> steps, Path before, Path left) throws IOException {
        int chosen = random.nextInt(steps.size());
        Path image = copy(before, "image");
        int committed = numberIn(image, 0);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            for (int n = 0; n < steps.size(); n++) {
                if (steps.get(n) instanceof Step.Committed step) {
                    committed = step.number();
                } else {
                    for (Step part : parts(steps.get(n))) {
                        apply(part, file);
                        numberIn(image, committed);
                    }
                }
                if (n == chosen) {
                    Files.copy(image, left, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private void spoiltAfterEachForce(List<Step> steps, Path before) throws IOException {
        Path image = copy(before, "image");
        int committed = 0;
        int certain = 0;
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            List<Step> unforced = new ArrayList<>();
            for (Step step : steps) {
                if (step instanceof Step.Committed commit) {
                    committed = commit.number();
                } else if (step instanceof Step.Forced) {
                    certain = committed;
                    for (Step each : unforced) {
                        apply(each, file);
                    }
                    unforced.clear();
                } else {
                    unforced.add(step);
                    boolean isHeader = step instanceof Step.Write write && write.place() == 0;
                    if (step instanceof Step.Write write && !isHeader) {
                        byte[] garbage = new byte[write.bytes().length];
                        random.nextBytes(garbage);
                        apply(new Step.Write(write.place(), garbage), file);
                    } else if (isHeader && random.nextInt(3) == 0) {
                        apply(step, file);
                    }
                    numberIn(image, certain);
                }
            }
        }
    }

    private static List<Step> parts(Step step) {
        if (!(step instanceof Step.Write write)) {
            return List.of(step);
        }
        List<Step> parts = new ArrayList<>();
        for (int from = 0; from < write.bytes().length; from += PAGE) {
            int to = Math.min(from + PAGE, write.bytes().length);
            parts.add(new Step.Write(write.place() + from, Arrays.copyOfRange(write.bytes(), from, to)));
        }
        return parts;
    }

    private static void apply(Step step, RandomAccessFile file) throws IOException {
        if (step instanceof Step.Write write) {
            file.seek(write.place());
            file.write(write.bytes());
        } else if (step instanceof Step.Cut cut) {
            file.setLength(Math.min(cut.length(), file.length()));
        }
    }

    /** The number of the commit that the file is found to end with; its contents are what they were then. */
    private int numberIn(Path image, int atLeast) throws IOException {
        StoreFile file = new StoreFile(copy(image, "copy"));
        try {
            Map<String, String> contents = contents(file.documents(MAP));
            int number = number(contents);
            assertThat(number).as("last commit, seed %d", seed).isGreaterThanOrEqualTo(atLeast);
            assertThat(contents).as("contents, seed %d", seed).isEqualTo(states.get(number));
            return number;
        } finally {
            file.die();
        }
    }

    private static Map<String, String> contents(MVMap<String, byte[]> things) {
        Map<String, String> contents = new TreeMap<>();
        things.forEach((key, value) -> contents.put(key, new String(value, StandardCharsets.UTF_8)));
        return contents;
    }

    private static int number(Map<String, String> contents) {
        return Integer.parseInt(contents.getOrDefault(NUMBER, "0"));
    }

    private Path copy(Path from, String name) throws IOException {
        return Files.copy(from, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
}
