package io.basewatch.registrywatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistryEntries;
import io.basewatch.ociregistry.RegistryEntry;
import io.basewatch.registrytestkit.Faults.Reply;
import io.basewatch.registrytestkit.LocalRegistry;
import io.basewatch.registrywatcher.WatcherProgress.LastSweep;
import io.basewatch.registrywatcher.WatcherProgress.RegistryProgress;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** A list that changes while it is watched, with real registries and a real store; only Kafka is a list here. */
class WatchlistTest {

    /** Only what hangs needs as long: a busy machine may stand still for half a minute. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final WatcherMetrics.Each metrics = new WatcherMetrics.Each(meters);
    private final WatcherProgress progress = new WatcherProgress();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final List<String> made = new ArrayList<>();
    private final SweepSchedule schedule = new SweepSchedule(List.of(), Clock.systemUTC());
    private LocalRegistry open;
    private LocalRegistry closed;
    private EmbeddedStore engine;
    private FleetStore store;
    private Watchlist list;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        open = LocalRegistry.start();
        closed = LocalRegistry.builder().basicAuth("fleet", "swordfish-51c0").start();
        engine = EmbeddedStore.start(folder.resolve("store.db"));
        store = FleetStore.connect(engine.connectionString());
        PushedImages.image(open, "team/app", "1", "one");
        PushedImages.image(closed, "team/secret", "1", "two");
        list = new Watchlist(RegistryEntry::requireUsable, this::sweeper, schedule, registry -> {
            progress.forget(registry);
            metrics.forget(registry);
        });
        list.take(entries("url", open.url().toString()));
        schedule.start();
        await().atMost(PATIENCE).until(() -> told.contains("team/app"));
    }

    @AfterEach
    void stop() {
        schedule.stop();
        store.close();
        engine.close();
        open.close();
        closed.close();
    }

    private SweepSchedule.Entry sweeper(RegistryEntry rule) {
        Registry registry = Registry.connect(rule.settings());
        made.add(registry.host());
        return new SweepSchedule.Entry(
                new RegistrySweeper(
                        registry,
                        new WatchRules(
                                rule.watchedRepositories(),
                                rule.watchedTags(),
                                rule.newestTags(),
                                rule.wantedPlatforms(),
                                rule.asksForReferrers(),
                                rule.immutable(),
                                2,
                                new RemovalBrake(0.2, 100, Duration.ofMinutes(4)),
                                Cadence.every(Duration.ofHours(1))),
                        store.tagLedger(),
                        store.watchBook(),
                        new Membership("watcher", "alone", store.watchMembers(), System::nanoTime),
                        (urgency, event) -> told.add(event.repository().name()),
                        metrics.of(registry.host()),
                        progress,
                        Clock.systemUTC()),
                Duration.ofHours(1));
    }

    /** Of each entry a few keys and values; an entry begins with its url. */
    private static RegistryEntries entries(String... keysAndValues) {
        Map<String, String> settings = new HashMap<>();
        int entry = -1;
        for (int i = 0; i < keysAndValues.length; i += 2) {
            entry += keysAndValues[i].equals("url") ? 1 : 0;
            settings.put("basewatch.registries[" + entry + "]." + keysAndValues[i], keysAndValues[i + 1]);
        }
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("basewatch", RegistryEntries.class);
    }

    @Test
    void anAddedRegistryBeginsAndTheOthersGoOnAsIfNothingHadBeen() {
        list.change(entries(
                "url",
                open.url().toString(),
                "url",
                closed.url().toString(),
                "username",
                "fleet",
                "password",
                "swordfish-51c0"));

        await().atMost(PATIENCE).until(() -> told.contains("team/secret"));
        assertThat(made).containsExactly(open.host(), closed.host());
        assertThat(schedule.registries()).containsExactly(open.host(), closed.host());
    }

    @Test
    void changedCredentialsAreUsed() {
        String url = closed.url().toString();
        list.change(entries("url", open.url().toString(), "url", url, "username", "fleet", "password", "wrong"));
        await().atMost(PATIENCE).until(() -> progress.lastProblem(closed.host()).isPresent());

        list.change(
                entries("url", open.url().toString(), "url", url, "username", "fleet", "password", "swordfish-51c0"));

        await().atMost(PATIENCE).until(() -> told.contains("team/secret"));
        assertThat(made).containsExactly(open.host(), closed.host(), closed.host());
    }

    @Test
    void aRegistryThatLeftTheListIsSweptNoMoreAndHasNoSeries() {
        list.change(entries("url", closed.url().toString()));

        assertThat(schedule.registries()).containsExactly(closed.host());
        assertThat(progress.snapshot()).extracting(RegistryProgress::registry).containsExactly(closed.host());
        assertThat(meters.find("basewatch.watcher.tags.seen")
                        .tag("registry", open.host())
                        .gauge())
                .isNull();
        assertThat(meters.find("basewatch.watcher.tags.seen")
                        .tag("registry", closed.host())
                        .gauge())
                .isNotNull();
    }

    @Test
    void noSecretIsInAnyLogMeterOrAnswerHoweverItFails(@TempDir Path folder) throws Exception {
        List<String> secrets = List.of(
                "swordfish-51c0",
                "wrong-77aa",
                "proxy-93bd",
                "token-12ef",
                "signed-45ac",
                "hook-0123456789abcdef",
                "filed-8e1d");
        Path file = Files.writeString(folder.resolve("password"), "filed-8e1d");
        closed.faults()
                .intercept(request -> request.path().contains("signed")
                        ? Optional.of(new Reply(
                                307, Map.of("Location", "http://169.254.169.254/x?Signature=signed-45ac"), ""))
                        : Optional.empty());
        PushedImages.image(closed, "team/signed", "1", "four");
        String here = "127.0.0.1:" + closed.url().getPort();
        List<RegistryEntries> lists = List.of(
                entries("url", "http://" + here, "username", "fleet", "password", "wrong-77aa"),
                entries("url", "http://" + here, "username", "fleet", "password-file", file.toString()),
                entries("url", "http://" + here, "username", "fleet", "password", "swordfish-51c0"),
                entries(
                        "url",
                        "http://" + here,
                        "username",
                        "fleet",
                        "password",
                        "swordfish-51c0",
                        "kind",
                        "harbor",
                        "api-token",
                        "token-12ef"),
                entries("url", "http://registry.invalid", "proxy", "http://me:proxy-93bd@" + here));
        List<String> logged = new CopyOnWriteArrayList<>();
        try (Captured captured = new Captured(logged)) {
            for (RegistryEntries each : lists) {
                list.change(each);
                String host = schedule.registries().get(0);
                await().atMost(PATIENCE)
                        .until(() -> progress.snapshot().stream()
                                .anyMatch(one -> one.registry().equals(host) && one.lastSweep() != LastSweep.NONE));
                logged.add(progress.lastProblem(host).toString());
                Clock clock = Clock.systemUTC();
                DueRepositories due = new DueRepositories((on, repository, said) -> {}, registry -> {}, clock);
                RegistryDesk desk = new RegistryDesk(
                        progress,
                        schedule,
                        due,
                        store.watchBook(),
                        new Membership("watcher", "alone", store.watchMembers(), System::nanoTime),
                        clock);
                logged.add(new RegistriesEndpoint(desk).state().toString());
                logged.add(new WatcherHealth(progress).health().getDetails().toString());
                logged.add(meters.getMetersAsString());
                logged.add(each.toString());
            }
            for (String wrong : List.of("http://me:proxy-93bd@", "socks5://me:proxy-93bd@p")) {
                try {
                    list.change(entries("url", "http://" + here, "proxy", wrong));
                } catch (IllegalArgumentException e) {
                    logged.add(String.valueOf(e.getMessage()));
                }
            }
            logged.add(
                    new WatcherSettings.Webhook(WebhookMessage.Kind.HARBOR, here, "hook-0123456789abcdef").toString());
        }

        assertThat(told).contains("team/secret");
        assertThat(logged).hasSizeGreaterThan(25);
        assertThat(String.join("\n", logged)).doesNotContain(secrets).contains("unauthorized");
    }

    /** All that we log at any level, by whichever way. */
    private static final class Captured implements AutoCloseable {

        private final ch.qos.logback.classic.Logger root =
                (ch.qos.logback.classic.Logger) LoggerFactory.getLogger("io.basewatch");
        private final ch.qos.logback.classic.Level before = root.getLevel();
        private final AppenderBase<ILoggingEvent> appender;
        private final java.util.logging.Handler handler;

        Captured(List<String> logged) {
            appender = new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    logged.add(
                            event.getFormattedMessage() + " " + ThrowableProxyUtil.asString(event.getThrowableProxy()));
                }
            };
            appender.setContext(root.getLoggerContext());
            appender.start();
            root.setLevel(ch.qos.logback.classic.Level.ALL);
            root.addAppender(appender);
            handler = new java.util.logging.Handler() {
                @Override
                public void publish(java.util.logging.LogRecord entry) {
                    logged.add(new java.util.logging.SimpleFormatter().format(entry));
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };
            java.util.logging.Logger.getLogger("").addHandler(handler);
        }

        @Override
        public void close() {
            root.detachAppender(appender);
            root.setLevel(before);
            java.util.logging.Logger.getLogger("").removeHandler(handler);
        }
    }

    @Test
    void aListThatCannotBeUsedLeavesAllAsItWas() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> list.change(entries("url", closed.url().toString(), "certificates", "/nowhere/ca.pem")))
                .withMessageContaining("/nowhere/ca.pem is not there");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> list.change(new RegistryEntries(null)))
                .withMessageContaining("names no registry any more");

        assertThat(schedule.registries()).containsExactly(open.host());
        assertThat(made).containsExactly(open.host());
        PushedImages.image(open, "team/next", "1", "three");
        schedule.sweepNow(open.host());
        await().atMost(PATIENCE).until(() -> told.contains("team/next"));
    }
}
