package io.basewatch.registrywatcher;

import io.basewatch.worker.Worker;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.springframework.context.SmartLifecycle;

/** Looks at repositories that somebody said have changed, of some registries at a time: those that hang keep the others waiting only when they are as many. */
final class LookingAtDue implements SmartLifecycle {

    private static final int REGISTRIES_AT_A_TIME = 4;

    private final List<Worker> workers;

    LookingAtDue(DueRepositories due) {
        workers = IntStream.rangeClosed(1, REGISTRIES_AT_A_TIME)
                .mapToObj(n -> Worker.every("watch-due-" + n, Duration.ZERO, due::lookAtNext))
                .toList();
    }

    @Override
    public void start() {
        workers.forEach(Worker::start);
    }

    @Override
    public void stop() {
        workers.forEach(Worker::stop);
    }

    @Override
    public boolean isRunning() {
        return workers.stream().anyMatch(Worker::isRunning);
    }

    @Override
    public int getPhase() {
        return workers.get(0).getPhase();
    }
}
