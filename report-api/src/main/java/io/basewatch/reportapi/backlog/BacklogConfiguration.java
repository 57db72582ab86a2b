package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Backlog;
import io.basewatch.fleetmodel.Owners;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetstore.BacklogJournal;
import io.basewatch.fleetstore.Turns;
import io.basewatch.fleetstore.Waivers;
import io.basewatch.lifecycle.CurrentLifecycle;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lifecycle.SupportPolicy;
import io.basewatch.lineage.Member;
import io.basewatch.reportapi.lineage.Projection;
import io.basewatch.worker.Worker;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(BacklogProperties.class)
class BacklogConfiguration {

    private static final Duration LEASE = Duration.ofMinutes(5);

    /** Between two looks whether it is time to note, and what others have noted. */
    private static final Duration LOOK = Duration.ofSeconds(15);

    /** While the fleet is not known yet. */
    private static final Duration SOON = Duration.ofSeconds(1);

    /** For all who go through the whole fleet: what an image has where it is. */
    @Bean
    Backlog.SupportAt supportOfImages(CurrentLifecycle lifecycle, SupportPolicy policy) {
        return new Backlog.SupportAt() {
            @Override
            public Support of(Member.@Nullable Ground ground, List<Repository> places, LocalDate day) {
                return policy.apply(plain(lifecycle.get(), ground, day), places, true);
            }

            @Override
            public Object scope(Repository place) {
                return policy.scope(place);
            }
        };
    }

    @Bean
    Backlog.OwnerOf ownersOfRepositories(Owners owners) {
        return (repository, labels) ->
                owners.owner(repository, labels).map(Owners.Owner::name).orElse(null);
    }

    @Bean
    Backlogs backlogs(
            Projection projection,
            CurrentLifecycle lifecycle,
            Backlog.SupportAt support,
            Backlog.OwnerOf owners,
            BacklogProperties properties,
            Clock clock) {
        return new Backlogs(
                projection::tree,
                lifecycle,
                support,
                owners,
                properties.weights().toWeights(),
                clock);
    }

    private static Support plain(Lifecycle lifecycle, Member.@Nullable Ground ground, LocalDate day) {
        return ground == null
                ? Support.unknown(null, day)
                : lifecycle.support(ground.distro(), ground.version(), ground.codename(), ground.variant(), day);
    }

    @Bean
    Decisions decisions(Waivers waivers, BacklogJournal journal, Clock clock) {
        return new Decisions(waivers, journal, clock);
    }

    @Bean
    ItemTexts itemTexts(JsonMapper json) {
        return new ItemTexts(json);
    }

    @Bean
    Journalist journalist(
            BacklogJournal journal,
            Backlogs backlogs,
            Decisions decisions,
            MeterRegistry meters,
            Clock clock,
            BacklogProperties properties) {
        return new Journalist(
                journal, backlogs, decisions, new BacklogMetrics(meters), clock, properties.journalInterval());
    }

    @Bean
    Worker backlogWorker(Backlogs backlogs) {
        return Worker.every("backlog", SOON, backlogs::refresh);
    }

    @Bean
    Worker backlogJournalWorker(
            Journalist journalist, Turns turns, Projection projection, BacklogProperties properties) {
        Worker.Task noting = turns.of("backlog-journal", LEASE).whenFree(journalist::note);
        Duration look = shorter(properties.journalInterval(), LOOK);
        return Worker.every("backlog-journal", () -> projection.isFilled() ? look : SOON, () -> {
            if (projection.isFilled()) {
                noting.run();
                journalist.look();
            }
        });
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
