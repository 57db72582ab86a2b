package io.basewatch.settings;

import io.basewatch.worker.Worker;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;

/** Looks at the files of settings for as long as the context of beans that it is in runs, and says by health and meters whether they are in force. */
public final class SettingsWatch implements HealthIndicator, SmartLifecycle {

    private final LiveSettingsMeters told;
    private final Worker looks;

    /**
     * @param service whose settings these are: for the label, and the name of its thread
     */
    public SettingsWatch(LiveSettings settings, MeterRegistry meters, String service) {
        this.told = new LiveSettingsMeters(settings, meters, service);
        this.looks = Worker.every(service + "-settings", LiveSettings.GLANCE, settings::look);
    }

    @Override
    public Health health() {
        return told.health();
    }

    @Override
    public void start() {
        looks.start();
    }

    @Override
    public void stop() {
        looks.stop();
    }

    @Override
    public boolean isRunning() {
        return looks.isRunning();
    }
}
