package io.basewatch.reportapi;

import io.basewatch.lifecycle.LifecycleFeed;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Which dates are in force, and why others are not. Up whatever was refused: questions are answered from what is in force. */
final class LifecycleHealth implements HealthIndicator {

    private final LifecycleFeed feed;

    LifecycleHealth(LifecycleFeed feed) {
        this.feed = feed;
    }

    @Override
    public Health health() {
        LifecycleFeed.State state = feed.state();
        Health.Builder health = Health.up()
                .withDetail("generated", feed.get().generated().toString())
                .withDetail("source", state.source())
                .withDetail("state", state.phase().toString());
        LifecycleFeed.Refusal refusal = state.lastRefusal();
        if (refusal != null) {
            health.withDetail("lastRefusal", refusal.at() + " " + refusal.message());
        }
        return health.build();
    }
}
