package io.basewatch.caveats;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.elf.ElfHeader;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.MoveFacts;
import io.basewatch.layerfacts.CorpusImages;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class MovingTest {

    private static MoveFacts move(Images image) {
        return Objects.requireNonNull(image.judgement().move());
    }

    @Test
    void whatSomebodyAskedForByNameHasToBeFoundOnTheOtherBase() {
        MoveFacts move = move(
                Images.current()
                        .text(
                                "etc/apk/world",
                                "alpine-baselayout\nalpine-keys\napk-tools\nbusybox\nmusl-utils\ncurl>7\npython3=3.12.8-r1\n!gcompat\n.build-deps=20240101.1\nnginx@edge\n"));
        assertThat(move.packages()).containsExactly("curl", "nginx", "python3");
        assertThat(move.pinned()).containsExactly("curl>7", "nginx@edge", "python3=3.12.8-r1");
    }

    @Test
    void whatIsBuiltForALibcIsToldByItsFoldersAndPackagesAreNot() {
        MoveFacts move = move(Images.current()
                .file("app/server", Images.muslProgram("puts"))
                .file("app/lib/one.so", Images.muslLibrary("one.so"))
                .file("app/lib/two.so", Images.muslLibrary("two.so"))
                .file(
                        "opt/agent/agent",
                        Images.elf()
                                .interpreter(Images.GLIBC_LOADER)
                                .needed("libc.so.6")
                                .versions("libc.so.6", "GLIBC_2.2.5", "GLIBC_2.34", "GLIBC_2.4")
                                .build())
                .file("usr/bin/curl", Images.muslProgram("puts"))
                .text("lib/apk/db/installed", "P:curl\nV:1\nF:usr/bin\nR:curl\n\n"));
        assertThat(move.muslBuilt()).containsExactly("app", "app/lib");
        assertThat(move.glibcBuilt()).containsExactly("opt/agent");
        assertThat(move.glibcNeeded()).isEqualTo("2.34");
    }

    @Test
    void onDebianItIsOwnOnlyWhatLiesApart() {
        MoveFacts move = move(Images.debian()
                .file(
                        "app/server",
                        Images.elf()
                                .type(ElfHeader.ET_DYN)
                                .soname("x")
                                .needed("libc.so.6")
                                .versions("libc.so.6", "GLIBC_2.9")
                                .build())
                .file("usr/bin/tool", Images.glibcProgram()));
        assertThat(move.glibcBuilt()).containsExactly("app");
        assertThat(move.glibcNeeded()).isEqualTo("2.9");
        assertThat(move.packages()).isEmpty();
    }

    private static byte[] script(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void startScriptsThatDebiansShellDoesNotTakeAreTold() {
        MoveFacts move = move(Images.current()
                .file(
                        "usr/local/bin/docker-entrypoint.sh",
                        script(
                                "#!/bin/sh\nset -eo pipefail\nif [[ -n \"$A\" ]]; then\n  source /etc/env\nfi\nexec su-exec app \"$@\"\n"))
                .text("usr/local/bin/other.sh", "#!/bin/sh\n[[ a ]]\n")
                .starts("/usr/local/bin/docker-entrypoint.sh"));
        assertThat(move.shellisms())
                .containsExactly(
                        "usr/local/bin/docker-entrypoint.sh: [[",
                        "usr/local/bin/docker-entrypoint.sh: set -o pipefail",
                        "usr/local/bin/docker-entrypoint.sh: source",
                        "usr/local/bin/docker-entrypoint.sh: su-exec");
        assertThat(move.startsByScript()).isTrue();
        MoveFacts bash = move(Images.current()
                .file("entrypoint.sh", script("#!/bin/bash\nset -eo pipefail\n[[ a ]]\nsource x\n"))
                .starts("/entrypoint.sh"));
        assertThat(bash.shellisms()).isEmpty();
        assertThat(bash.startsByScript()).isTrue();
        MoveFacts plain = move(Images.current()
                .file(
                        "entrypoint.sh",
                        script("#!/bin/sh\n# source of all: [ -n \"$A\" ] && echo \"resource\"\nexec \"$@\"\n"))
                .starts("/entrypoint.sh"));
        assertThat(plain.shellisms()).isEmpty();
        assertThat(move(Images.current().starts("/app/server")).startsByScript())
                .isFalse();
    }

    private static JudgedImage judged(CorpusImages corpus, JsonNode image) throws Exception {
        Fingerprinter.Result result = Fingerprinter.fingerprint(corpus.layers(image), corpus.inputs(image));
        return JudgedImage.of(result.seen(), result.fingerprint());
    }

    @Test
    void theLayersThatInstalledPackagesAreThoseOfTheDatabase() throws Exception {
        CorpusImages corpus = CorpusImages.open(Kinds.all());
        List<String> seen = new ArrayList<>();
        for (JsonNode image : corpus.images()) {
            String repository = image.get("repo").asString();
            if (repository.equals("apps/alpine-plain-app") || repository.equals("apps/py-on-bookworm")) {
                List<Digest> layers = new ArrayList<>();
                image.get("diff_ids").forEach(layer -> layers.add(Digest.parse(layer.asString())));
                MoveFacts move = Moving.of(new Case(judged(corpus, image)));
                seen.add(repository + " "
                        + move.packagesLayers().stream().map(layers::indexOf).toList());
            }
        }
        assertThat(seen).containsExactly("apps/py-on-bookworm [1]", "apps/alpine-plain-app [0]");
    }
}
