package io.basewatch.registrywatcher;

import io.basewatch.eventlog.BrokerHealth;
import io.basewatch.eventlog.EventLog;
import io.basewatch.eventlog.EventLogConfiguration;
import io.basewatch.fleetstore.FleetStoreConfiguration;
import io.basewatch.fleetstore.LedgerComparison;
import io.basewatch.fleetstore.TagLedger;
import io.basewatch.fleetstore.WatchBook;
import io.basewatch.fleetstore.WatchMembers;
import io.basewatch.fleetstore.WatchRoll;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistryEntries;
import io.basewatch.ociregistry.RegistryEntry;
import io.basewatch.settings.LiveSettings;
import io.basewatch.settings.SettingsConfiguration;
import io.basewatch.settings.SettingsWatch;
import io.basewatch.worker.Worker;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/**
 * The watcher, to be put into any Spring context that has Spring Cloud Stream's Kafka binder, Micrometer and MongoDB, and that imports
 * {@code classpath:registry-watcher-bindings.yml}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WatcherSettings.class)
@Import({FleetStoreConfiguration.class, EventLogConfiguration.class, SettingsConfiguration.class})
public class RegistryWatcherConfiguration {

    /**
     * Property, given by who starts a process that nothing else can run beside, such as the only one on a file: the name by which it knows itself among watchers, the same after each start. One that was
     * killed would else share the repositories with what is left of itself until that is taken to be gone.
     */
    public static final String PROCESS = "io.basewatch.watcher-process";

    @Bean
    WatcherProgress watcherProgress() {
        return new WatcherProgress();
    }

    @Bean
    WatcherHealth watcherHealthIndicator(WatcherProgress progress) {
        return new WatcherHealth(progress);
    }

    @Bean
    HealthIndicator watcherKafkaHealthIndicator(BrokerHealth brokers) {
        return brokers::health;
    }

    @Bean
    EventPublisher watcherEventPublisher(EventLog log) {
        return new EventPublisher(log);
    }

    @Bean
    WatcherMetrics.Each watcherMetrics(MeterRegistry meters) {
        return new WatcherMetrics.Each(meters);
    }

    @Bean(destroyMethod = "leave")
    Membership watcherMembership(WatcherSettings settings, Environment environment, WatchMembers members) {
        String self = environment.getProperty(PROCESS, UUID.randomUUID().toString());
        return new Membership(settings.name(), self, members, System::nanoTime);
    }

    @Bean
    Worker watcherMembershipBeat(Membership membership, SweepSchedule schedule) {
        return Worker.every("watch-members", Membership.BEAT, () -> {
            int before = membership.changes();
            membership.beat();
            if (membership.changes() != before) {
                schedule.sweepWhatIsDue();
            }
        });
    }

    @Bean
    Watchlist watcherWatchlist(
            WatcherSettings settings,
            Environment environment,
            SweepSchedule schedule,
            TagLedger ledger,
            WatchBook book,
            Membership membership,
            EventPublisher publisher,
            WatcherMetrics.Each metrics,
            WatcherProgress progress) {
        Function<RegistryEntry, SweepSchedule.Entry> sweepers = rule -> {
            Registry registry = Registry.connect(rule.settings());
            Duration interval = interval(settings, rule);
            WatchRules rules = new WatchRules(
                    rule.watchedRepositories(),
                    rule.watchedTags(),
                    rule.newestTags(),
                    rule.wantedPlatforms(),
                    rule.asksForReferrers(),
                    rule.immutable(),
                    settings.parallelRepositories(),
                    settings.removals().brake(interval),
                    settings.cadence(registry.host(), interval));
            RegistrySweeper sweeper = new RegistrySweeper(
                    registry,
                    rules,
                    ledger,
                    book,
                    membership,
                    publisher::publish,
                    metrics.of(registry.host()),
                    progress,
                    Clock.systemUTC());
            return new SweepSchedule.Entry(sweeper, interval);
        };
        Watchlist list = new Watchlist(
                rule -> {
                    rule.requireUsable();
                    settings.cadence(rule.settings().host(), interval(settings, rule));
                },
                sweepers,
                schedule,
                registry -> {
                    progress.forget(registry);
                    metrics.forget(registry);
                });
        list.take(entries(Binder.get(environment)));
        return list;
    }

    private static Duration interval(WatcherSettings settings, RegistryEntry rule) {
        return rule.interval() == null ? settings.interval() : rule.interval();
    }

    @Bean
    SweepSchedule watcherSweepSchedule() {
        return new SweepSchedule(List.of(), Clock.systemUTC());
    }

    private static RegistryEntries entries(Binder settings) {
        return settings.bindOrCreate("basewatch", RegistryEntries.class);
    }

    @Bean
    SettingsWatch watcherSettingsHealthIndicator(
            ConfigurableEnvironment environment, Watchlist list, MeterRegistry meters) {
        LiveSettings live =
                new LiveSettings(environment, "basewatch.registries", settings -> list.change(entries(settings)));
        return new SettingsWatch(live, meters, "watcher");
    }

    @Bean
    Worker watcherRollCall(
            WatcherSettings settings,
            SweepSchedule schedule,
            WatchRoll roll,
            TagLedger ledger,
            EventPublisher publisher,
            MeterRegistry meters) {
        DroppedRegistries dropped = new DroppedRegistries(
                settings.name(),
                schedule::registries,
                roll,
                ledger,
                publisher::publish,
                event -> WatcherMetrics.published(meters, event),
                Clock.systemUTC());
        return Worker.every("watch-roll", DroppedRegistries.GLANCE, dropped::look);
    }

    @Bean
    FleetComparison watcherComparison(
            WatcherSettings settings,
            SweepSchedule schedule,
            LedgerComparison comparison,
            WatcherMetrics.Each metrics) {
        return new FleetComparison(
                schedule::registries,
                settings.compareInterval(),
                settings.compareGrace(),
                comparison,
                (registry, difference) -> metrics.of(registry).differs(difference),
                schedule::sweepNow,
                Clock.systemUTC());
    }

    @Bean
    Worker watcherComparing(FleetComparison comparison) {
        return Worker.every("watch-comparison", comparison.glance(), comparison::look);
    }

    @Bean
    ComparisonEndpoint watcherComparisonEndpoint(
            FleetComparison comparison, @Qualifier("watcherComparing") Worker comparing) {
        return new ComparisonEndpoint(comparison, comparing::wake);
    }

    @Bean
    @DependsOn("watcherWatchlist")
    DueRepositories watcherDueRepositories(WatcherSettings settings, SweepSchedule schedule) {
        settings.webhooks().forEach(each -> {
            if (!schedule.registries().contains(each.registry())) {
                throw new IllegalArgumentException("basewatch.watcher.webhooks names the registry " + each.registry()
                        + ", which basewatch.registries does not: " + schedule.registries());
            }
        });
        return new DueRepositories(schedule::look, schedule::sweepNow, Clock.systemUTC());
    }

    @Bean
    LookingAtDue watcherLookingAtDue(DueRepositories due) {
        return new LookingAtDue(due);
    }

    @Bean
    WebhookController watcherWebhookController(WatcherSettings settings, DueRepositories due) {
        return new WebhookController(settings.webhooks(), due);
    }

    @Bean
    RegistryDesk watcherRegistryDesk(
            WatcherProgress progress,
            SweepSchedule schedule,
            DueRepositories due,
            WatchBook book,
            Membership membership) {
        return new RegistryDesk(progress, schedule, due, book, membership, Clock.systemUTC());
    }

    @Bean
    Worker watcherHearingOfPauses(RegistryDesk desk) {
        return Worker.every("watch-pauses", RegistryDesk.GLANCE, desk::glance);
    }

    @Bean
    RegistriesEndpoint watcherRegistriesEndpoint(RegistryDesk desk) {
        return new RegistriesEndpoint(desk);
    }

    @Bean
    RegistriesController watcherRegistriesController(RegistryDesk desk) {
        return new RegistriesController(desk);
    }

    @Bean
    RemovalsEndpoint watcherRemovalsEndpoint(WatcherProgress progress, SweepSchedule schedule, RegistryDesk desk) {
        return new RemovalsEndpoint(progress, schedule, desk);
    }
}
