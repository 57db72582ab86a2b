package io.basewatch.standalone;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetstore.AccessTokens;
import io.basewatch.fleetstore.FleetCount;
import io.basewatch.fleetstore.FleetCounts;
import io.basewatch.layeranalyzer.AnalyzerProgress;
import io.basewatch.lifecycle.CurrentLifecycle;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.ociregistry.Registry;
import io.basewatch.registrywatcher.RegistryWatcherConfiguration;
import io.basewatch.registrywatcher.WatcherProgress;
import io.basewatch.reportapi.access.TokenCredentials;
import io.basewatch.reportapi.page.Notice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LoggingInitializationContext;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** All services and both engines in this process, all of them on loopback, everything they keep under one folder. */
final class AllInOne implements AutoCloseable {

    /**
     * What to run.
     *
     * @param data folder that is kept across runs
     * @param port of the API on loopback; 0 for any that is free
     * @param config YAML file with registries and everything else that can be set; null for none
     * @param settings single settings by their full names, stronger than the file
     */
    record Settings(Path data, int port, @Nullable Path config, Map<String, String> settings) {}

    /** The setting that says where the API listens; without it, on loopback. */
    static final String ADDRESS = "server.address";

    private static final Notice SAMPLE = new Notice(
            "A sample fleet: its images are made up of what real releases say, and what is told of the days before this one is made up.");

    private static final String LOOPBACK = "127.0.0.1";

    private static final Duration FIRST_LOOK = Duration.ofSeconds(10);

    private final ConfigurableApplicationContext context;
    private final Deque<AutoCloseable> engines;
    private String ownToken = "";

    private AllInOne(ConfigurableApplicationContext context, Deque<AutoCloseable> engines) {
        this.context = context;
        this.engines = engines;
    }

    /**
     * Returns when everything is ready and the first sweep has begun.
     *
     * @throws IOException when the folder is in use or an engine cannot start in it
     */
    static AllInOne start(Settings settings) throws IOException {
        Registry.prepareProcess();
        Deque<AutoCloseable> engines = new ArrayDeque<>();
        try {
            DataDirectory data = DataDirectory.open(settings.data());
            engines.push(data);
            logTo(data.log());
            String warning = data.warning();
            if (warning != null) {
                LoggerFactory.getLogger(AllInOne.class).warn(warning);
            }
            EmbeddedKafka.Ports ports = EmbeddedKafka.Ports.free();
            EmbeddedStore store = store(data);
            engines.push(store);
            engines.push(EmbeddedKafka.start(data.kafka(), ports));
            AllInOne running =
                    new AllInOne(run(settings, data, ports.bootstrapServers(), store.connectionString()), engines);
            engines.push(data::letNobodyIn);
            running.letOwnerIn(data);
            return running;
        } catch (IOException | RuntimeException e) {
            closeAll(engines, e);
            throw e;
        }
    }

    /**
     * Must come before anything in this process logs: logback.xml reads these when it is read. By the hand of Spring Boot, which then leaves it as it is; else it would read it
     * again while the broker is logging.
     */
    static void logTo(Path file) {
        System.setProperty("basewatch.log", file.toString());
        System.setProperty("basewatch.console", "WARN");
        LoggingSystem logging = LoggingSystem.get(AllInOne.class.getClassLoader());
        logging.cleanUp();
        logging.beforeInitialize();
        logging.initialize(new LoggingInitializationContext(new StandardEnvironment()), null, null);
    }

    private static EmbeddedStore store(DataDirectory data) throws IOException {
        try {
            return EmbeddedStore.start(data.store());
        } catch (IllegalStateException | UncheckedIOException e) {
            throw new IOException("cannot use --data " + data + ": " + e.getMessage(), e);
        }
    }

    private static ConfigurableApplicationContext run(
            Settings settings, DataDirectory data, String brokers, String store) throws IOException {
        List<String> arguments = new ArrayList<>();
        settings.settings().forEach((name, value) -> arguments.add("--" + name + "=" + value));
        if (!settings.settings().containsKey(ADDRESS)) {
            arguments.add("--" + ADDRESS + "=" + LOOPBACK);
        }
        arguments.add("--server.port=" + settings.port());
        arguments.add("--basewatch.kafka.brokers=" + brokers);
        arguments.add("--spring.mongodb.uri=" + store);
        arguments.add("--" + RegistryWatcherConfiguration.PROCESS + "=all-in-one");
        if (settings.config() != null) {
            arguments.add("--spring.config.additional-location="
                    + settings.config().toAbsolutePath().toUri());
        }
        try {
            return new SpringApplicationBuilder(AllInOneConfiguration.class)
                    .properties(
                            "spring.config.name=basewatch",
                            "basewatch.lifecycle.folder=" + data.lifecycle().toAbsolutePath())
                    .bannerMode(Banner.Mode.OFF)
                    .registerShutdownHook(false)
                    .initializers(context -> {
                        if (data.isOfASample()) {
                            context.getBeanFactory().registerSingleton("notice", SAMPLE);
                        }
                    })
                    .run(arguments.toArray(String[]::new));
        } catch (MarkedYAMLException e) {
            throw new IOException(
                    "--config " + settings.config() + " is not YAML: " + e.getProblem() + SettingsFile.place(e), e);
        }
    }

    /** Whoever may read the folder may do everything, as long as this runs: so somebody can who has no token yet. */
    private void letOwnerIn(DataDirectory data) throws IOException {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        String token =
                AccessTokens.PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        context.getBean(TokenCredentials.class).admit(token);
        data.letIn(new DataDirectory.Access(url(), token));
        ownToken = token;
    }

    /** Has the first page made once, for at most ten seconds, so that whoever opens it next has it at once. */
    int lookFirst() throws InterruptedException {
        return new FirstLook(url(), ownToken, FIRST_LOOK).take();
    }

    /** As this machine reaches it. */
    String url() {
        String address = context.getEnvironment().getProperty(ADDRESS, LOOPBACK);
        String host = address.equals("0.0.0.0") || address.equals("::") ? LOOPBACK : address;
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + context.getEnvironment().getRequiredProperty("local.server.port");
    }

    /** Whether others can reach it, and nobody has a token yet. */
    boolean isWaitingForAToken() {
        return !context.getEnvironment().getProperty(ADDRESS, LOOPBACK).equals(LOOPBACK)
                && context.getBean(AccessTokens.class).list().isEmpty();
    }

    WatcherProgress watcher() {
        return context.getBean(WatcherProgress.class);
    }

    AnalyzerProgress analyzer() {
        return context.getBean(AnalyzerProgress.class);
    }

    /** The support dates in force. */
    Lifecycle lifecycle() {
        return context.getBean(CurrentLifecycle.class).get();
    }

    /** The fleet as it is now. */
    FleetCount fleet() {
        return context.getBean(FleetCounts.class).fresh();
    }

    /** The fleet as it was shortly before. */
    FleetCount recentFleet() {
        return context.getBean(FleetCounts.class).recent();
    }

    /** A part of the services. */
    <T> T part(Class<T> type) {
        return context.getBean(type);
    }

    /** Ends the services first, so that what they have in hand is stored and acknowledged, then the engines. */
    @Override
    public void close() {
        RuntimeException failed = new IllegalStateException("not everything could be closed");
        engines.push(context);
        closeAll(engines, failed);
        if (failed.getSuppressed().length > 0) {
            throw failed;
        }
    }

    private static void closeAll(Deque<AutoCloseable> open, Exception failure) {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                failure.addSuppressed(e);
            }
        }
    }
}
