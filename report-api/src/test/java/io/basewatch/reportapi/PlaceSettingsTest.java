package io.basewatch.reportapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.basewatch.fleetmodel.Repository;
import io.basewatch.lifecycle.Lifecycle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.io.ByteArrayResource;

class PlaceSettingsTest {

    @Test
    void readsWhatIsConfiguredForPlaces() throws IOException {
        Binder settings = yaml("""
                basewatch:
                  policy:
                    - repositories: ["payments/**", "registry.example.com/billing/**"]
                      product: ubuntu
                      cycles: ["20.04"]
                      bought: Ubuntu Pro
                      until: 2028-01-31
                      reason: contract 4711
                    - repositories: "**"
                      counts: standard
                  owners:
                    - repositories: ["payments/**"]
                      owner: payments
                    - label: org.example.team
                """);
        Repository api = Repository.parse("registry.example.com/payments/api");

        var focal = Lifecycle.bundled()
                .release("ubuntu", "20.04", LocalDate.parse("2026-11-21"))
                .orElseThrow();
        var decided = PlaceSettings.policy(settings).apply(focal, api);
        assertThat(decided.policy().says()).isEqualTo("Ubuntu Pro (ESM) is bought, until 2028-01-31");
        assertThat(decided.policy().reason()).isEqualTo("contract 4711");
        assertThat(PlaceSettings.owners(settings).owner(api))
                .hasValueSatisfying(owner -> assertThat(owner.name()).isEqualTo("payments"));
        assertThat(PlaceSettings.owners(yaml("x: 1")).owner(api)).isEmpty();
    }

    @Test
    void refusesAMisspeltKeyAsTheEntryWouldMeanSomethingElseWithoutIt() throws IOException {
        Binder settings = yaml("""
                basewatch:
                  policy:
                    - repositories: ["**"]
                      product: debian
                      bought: ELTS
                      untill: 2027-01-31
                """);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> PlaceSettings.policy(settings))
                .withMessageContaining("basewatch.policy[0].untill is no setting")
                .withMessageContaining("bought, counts, until, reason");
        Binder other = yaml("basewatch.owners[0].repositories: x/**");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PlaceSettings.owners(other))
                .withMessageContaining("basewatch.owners[0].owner is missing");
    }

    private static Binder yaml(String text) throws IOException {
        return new Binder(ConfigurationPropertySources.from(new YamlPropertySourceLoader()
                .load("test", new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8)))));
    }
}
