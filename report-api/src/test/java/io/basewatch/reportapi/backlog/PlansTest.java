package io.basewatch.reportapi.backlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.lineage.Base;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.KnownBases;
import io.basewatch.lineage.Member;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlansTest {

    private final FleetTree tree = new FleetTree(KnownBases.none());

    private static Digest digest(String text) {
        return Digest.sha256Of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** @param how the layers are compressed */
    private Member push(String repository, String how, String... layers) {
        List<Member.Layer> all = new ArrayList<>();
        for (String layer : layers) {
            all.add(new Member.Layer(digest(how + layer), digest(layer), false, 10));
        }
        Member member = new Member(
                digest(repository),
                Platform.parse("linux/amd64"),
                AnalysisStatus.COMPLETE,
                all,
                List.of(),
                null,
                Libc.Family.GLIBC,
                null,
                List.of(),
                null,
                List.of("12"),
                List.of(),
                Map.of(),
                null);
        tree.replace(new Repository("registry.example", repository), List.of(member), List.of());
        return member;
    }

    @Test
    void theOldBaseIsTheOneWhoseBytesTheImageHas() {
        Member app = push("app", "gzip", "os", "app");
        push("elsewhere/debian", "zstd", "os");
        Base base = tree.bases().all().get(0);
        assertThat(Plans.oldBase(tree, app, base))
                .as("the same content compressed otherwise is none to crane")
                .isEmpty();
        Member debian = push("library/debian", "gzip", "os");
        base = tree.bases().all().get(0);
        assertThat(base.images()).hasSize(2);
        assertThat(Plans.oldBase(tree, app, base)).contains("registry.example/library/debian:12@" + debian.digest());
    }
}
