package io.basewatch.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.FileSystemResource;

class LiveSettingsTest {

    private static final String ONE = "basewatch:\n  registries: [{url: 'https://one.example'}]\n";
    private static final String TWO = "basewatch:\n  registries: [{url: 'https://two.example'}]\n";

    @TempDir
    Path folder;

    private final StandardEnvironment environment = new StandardEnvironment();
    private final List<String> taken = new ArrayList<>();

    /** As those that the services have. */
    private enum Kind {
        DISTRIBUTION
    }

    private void take(Binder settings) {
        settings.bind("basewatch.registries[0].kind", Bindable.of(Kind.class));
        String url = settings.bind("basewatch.registries[0].url", Bindable.of(String.class))
                .get();
        if (url.contains("bad")) {
            throw new IllegalArgumentException("registry " + url + " is not wanted here");
        }
        taken.add(url);
    }

    private LiveSettings live(Path file) throws IOException {
        for (PropertySource<?> source : new YamlPropertySourceLoader().load("at start", new FileSystemResource(file))) {
            environment.getPropertySources().addLast(source);
        }
        return new LiveSettings(environment, "basewatch.registries", this::take);
    }

    @Test
    void aChangedFileIsTakenOverOnce() throws Exception {
        Path file = Files.writeString(folder.resolve("basewatch.yaml"), ONE);
        LiveSettings live = live(file);
        live.look();
        Files.writeString(file, TWO);
        live.look();
        live.look();

        assertThat(taken).containsExactly("https://two.example");
        assertThat(live.problem()).isEmpty();
        assertThat(live.taken()).isEqualTo(1);
    }

    @Test
    void aMountOfKubernetesThatIsSwappedByALinkIsTakenOver() throws Exception {
        Files.writeString(Files.createDirectory(folder.resolve("..v1")).resolve("basewatch.yaml"), ONE);
        Files.writeString(Files.createDirectory(folder.resolve("..v2")).resolve("basewatch.yaml"), TWO);
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("..v1"));
        Path file = Files.createSymbolicLink(folder.resolve("basewatch.yaml"), Path.of("..data", "basewatch.yaml"));
        LiveSettings live = live(file);

        Path swapped = Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..v2"));
        Files.move(
                swapped, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        live.look();

        assertThat(taken).containsExactly("https://two.example");
    }

    @Test
    void whatCannotBeUsedIsRefusedInWordsUntilItIsPutRight() throws Exception {
        Path file = Files.writeString(folder.resolve("basewatch.yaml"), ONE);
        LiveSettings live = live(file);
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        LiveSettingsMeters told = new LiveSettingsMeters(live, meters, "watcher");

        Files.writeString(file, TWO + "    - {{");
        live.look();
        assertThat(live.problem()).get().asString().contains("is not YAML");
        Files.writeString(file, TWO.replace("url:", "urll:"));
        live.look();
        assertThat(live.problem()).get().asString().contains("did you mean basewatch.registries[0].url?");
        Files.writeString(file, TWO.replace("{url:", "{kind: nexsus, url:"));
        live.look();
        assertThat(live.problem())
                .get()
                .asString()
                .startsWith("basewatch.registries[0].kind 'nexsus' is none of distribution, auto")
                .endsWith("did you mean nexus?");
        Files.writeString(file, TWO.replace("two", "bad"));
        live.look();
        live.look();
        assertThat(live.problem()).get().asString().contains("https://bad.example is not wanted here");
        assertThat(told.health().getStatus().getCode()).isEqualTo("DEGRADED");
        assertThat(told.health().getDetails().get("refused")).asString().contains("not wanted");
        assertThat(meters.get("basewatch.settings.refused").gauge().value()).isEqualTo(1);
        assertThat(live.refused()).isEqualTo(4);
        Files.delete(file);
        live.look();
        assertThat(live.problem()).get().asString().contains("cannot be read");
        assertThat(taken).isEmpty();

        Files.writeString(file, TWO);
        live.look();
        assertThat(taken).containsExactly("https://two.example");
        assertThat(told.health().getStatus().getCode()).isEqualTo("UP");
        assertThat(meters.get("basewatch.settings.refused").gauge().value()).isZero();
    }

    @Test
    void whatIsStrongerThanTheFileStaysStronger() throws Exception {
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "arguments", java.util.Map.of("basewatch.registries[0].url", "https://argument.example")));
        Path file = Files.writeString(folder.resolve("basewatch.yaml"), ONE);
        LiveSettings live = live(file);
        Files.writeString(file, TWO);
        live.look();

        assertThat(taken).containsExactly("https://argument.example");
    }

    @Test
    void aFileThatIsBackAsItWasNeedsNoNewsToBeFine() throws Exception {
        Path file = Files.writeString(folder.resolve("basewatch.yaml"), ONE);
        LiveSettings live = live(file);
        Files.delete(file);
        live.look();
        assertThat(live.problem()).isPresent();
        Files.writeString(file, ONE);
        live.look();
        assertThat(live.problem()).isEmpty();
        assertThat(taken).isEmpty();
    }
}
