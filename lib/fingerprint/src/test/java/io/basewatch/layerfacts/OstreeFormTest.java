package io.basewatch.layerfacts;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.TestLayers.Tar;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Real images, written as OSTree writes them: each file an object under a name that says nothing, and a hard link to it. */
class OstreeFormTest {

    private static final long MOST_BYTES = 6 << 20;

    @Test
    void realImagesSayTheSameWhenTheirFilesAreLinksToObjects() throws Exception {
        CorpusImages corpus = CorpusImages.open(Kinds.all());
        List<String> different = new ArrayList<>();
        int compared = 0;
        for (JsonNode image : corpus.images()) {
            if (!isSmallAndInGzip(image)) {
                continue;
            }
            List<LayerFacts> rewritten = new ArrayList<>();
            for (JsonNode layer : image.get("layers")) {
                rewritten.add(rewrite(corpus, layer.get("digest").asString()).facts(Kinds.all()));
            }
            String plain = said(corpus.layers(image));
            String linked = said(rewritten);
            compared++;
            if (!plain.equals(linked)) {
                different.add(CorpusImages.name(image) + "\n" + plain + "\n" + linked);
            }
        }

        assertThat(different).isEmpty();
        assertThat(compared).isGreaterThan(20);
    }

    private static boolean isSmallAndInGzip(JsonNode image) {
        long bytes = 0;
        for (JsonNode layer : image.get("layers")) {
            bytes += layer.get("size").asLong();
            if (!layer.get("mediaType").asString().contains("gzip")) {
                return false;
            }
        }
        return bytes <= MOST_BYTES;
    }

    private static Tar rewrite(CorpusImages corpus, String digest) throws IOException {
        Tar tar = TestLayers.tar();
        try (InputStream stored = Files.newInputStream(corpus.blob(digest));
                TarArchiveInputStream in = new TarArchiveInputStream(
                        new GZIPInputStream(new BufferedInputStream(stored)), StandardCharsets.UTF_8.name())) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                if (entry.isFile() && !entry.isLink() && !entry.isSymbolicLink() && !isWhiteout(entry)) {
                    String object = object(entry.getName());
                    tar.file(object, content, entry.getMode() & 0777);
                    tar.hardLink(entry.getName(), object);
                } else {
                    tar.put(entry, content);
                }
            }
        }
        return tar;
    }

    private static boolean isWhiteout(TarArchiveEntry entry) {
        return entry.getName().contains(".wh.");
    }

    private static String object(String name) {
        String hex = TestLayers.sha256(name.getBytes(StandardCharsets.UTF_8))
                .toString()
                .substring("sha256:".length());
        return "sysroot/ostree/repo/objects/" + hex.substring(0, 2) + "/" + hex.substring(2) + ".file";
    }

    /** All that is claimed, without where it was seen: the layers have other digests. */
    private static String said(List<LayerFacts> layers) {
        Fingerprinter.Result result = Fingerprinter.fingerprint(layers, ImageInputs.NONE);
        Fingerprint found = result.fingerprint();
        return (found.distro() == null ? "no distribution" : found.distro().label())
                + found.libc().stream()
                        .map(libc ->
                                libc.family() + " " + libc.version() + " " + libc.vendor() + " " + libc.linkedInto())
                        .toList()
                + found.packages().stream()
                        .map(database -> Map.entry(database.manager(), String.valueOf(database.count())))
                        .toList()
                + found.runtimes().stream()
                        .map(runtime -> runtime.name() + " " + runtime.version() + " " + runtime.details())
                        .toList()
                + found.contradictions().stream().map(each -> each.message()).toList()
                + result.reasons().stream().map(reason -> reason.code()).toList();
    }
}
