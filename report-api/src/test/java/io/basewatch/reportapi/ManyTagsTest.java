package io.basewatch.reportapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.StoredImage;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ManyTagsTest {

    @TempDir
    Path folder;

    @Test
    void anImageWithMoreTagsThanAreListedSaysHowMany() {
        try (RunningApi api = RunningApi.start(folder)) {
            new TestFleet(api.archive(), api.judgements()).fill();
            Digest image = TestFleet.image("one.example:5000", "team/alpine-app", "1");
            Repository repository = Repository.parse("one.example:5000/team/alpine-app");
            int before = api.json("/api/v1/images/" + image).path("tags").size();
            for (int n = 0; n < StoredImage.MAX_TAGS; n++) {
                api.archive()
                        .apply(new ImagePushed(
                                repository, "ci-" + n, image, image, Platform.parse("linux/amd64"), 1, RunningApi.NOW));
            }

            JsonNode answer = api.json("/api/v1/images/" + image);

            assertThat(answer.path("tags").size()).isEqualTo(StoredImage.MAX_TAGS);
            assertThat(answer.path("tagCount").asInt()).isEqualTo(before + StoredImage.MAX_TAGS);
            assertThat(api.json("/api/v1/tags?limit=1000&image=" + image)
                            .path("next")
                            .asString())
                    .contains("image=" + image);
        }
    }
}
