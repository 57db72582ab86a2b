package io.basewatch.fingerprint.runtime;

import io.basewatch.elf.ElfFiles;
import io.basewatch.fingerprint.Detector;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.FileNames;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Interest;
import io.basewatch.layerfacts.LinkStore;
import io.basewatch.layerfacts.Want;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Runtimes whose version stands in the path of the library they come with. One row each; a new one is a row.
 */
public final class LibraryDetector implements Detector, Interest {

    private static final String ID = "runtime-library/3";
    private static final int MAX_EVIDENCE = 3;

    /** More than a result may have. */
    private static final int MAX_VERSIONS = 2_000;

    /**
     * @param names of all files that the patterns are about
     * @param path its first group is the version
     * @param counted files that are counted as a detail; null for none
     */
    private record Row(
            String name,
            FileNames names,
            Pattern path,
            @Nullable String detail,
            @Nullable Pattern counted) {}

    private static final List<Row> ROWS = List.of(
            new Row(
                    "ruby",
                    FileNames.of(
                            "erb.rb", "set.rb", "json.rb", "English.rb", "fileutils.rb", "ostruct.rb", "*.gemspec"),
                    Pattern.compile(
                            "(?:.*/)?lib(?:64)?/ruby/(?:vendor_ruby/)?(\\d\\.\\d{1,2}\\.\\d{1,2})/(?:erb|set|json|English|fileutils|ostruct)\\.rb|(?:.*/)?share/ruby/(\\d\\.\\d{1,2}\\.\\d{1,2})/erb\\.rb"),
                    "gems",
                    Pattern.compile("(?:.*/)?specifications/[^/]+\\.gemspec")),
            new Row(
                    "perl",
                    FileNames.of("strict.pm", "perl5*"),
                    Pattern.compile(
                            "(?:.*/)?(?:share|lib(?:64)?)/perl5?/(?:core_perl/)?(5\\.\\d{1,2}\\.\\d{1,2})/strict\\.pm|(?:.*/)?bin/perl(5\\.\\d{1,2}\\.\\d{1,2})"),
                    null,
                    null),
            new Row(
                    "dotnet",
                    FileNames.of("System.Private.CoreLib.dll", "libcoreclr.so"),
                    Pattern.compile(
                            "(?:.*/)?shared/Microsoft\\.NETCore\\.App/(\\d+\\.\\d+\\.\\d+[^/]{0,30})/(?:System\\.Private\\.CoreLib\\.dll|libcoreclr\\.so)"),
                    null,
                    null),
            new Row(
                    "aspnetcore",
                    FileNames.of("Microsoft.AspNetCore.dll"),
                    Pattern.compile(
                            "(?:.*/)?shared/Microsoft\\.AspNetCore\\.App/(\\d+\\.\\d+\\.\\d+[^/]{0,30})/Microsoft\\.AspNetCore\\.dll"),
                    null,
                    null),
            new Row(
                    "dotnet-sdk",
                    FileNames.of("dotnet.dll"),
                    Pattern.compile("(?:.*/)?sdk/(\\d+\\.\\d+\\.\\d{3}[^/]{0,30})/dotnet\\.dll"),
                    null,
                    null),
            new Row("lua", FileNames.of("lua5*"), Pattern.compile("(?:.*/)?bin/lua(5\\.\\d)"), null, null),
            new Row(
                    "erlang",
                    FileNames.of("OTP_VERSION", "start_clean.boot"),
                    Pattern.compile("(?:.*/)?lib(?:64)?/erlang/releases/(\\d{2})/(?:OTP_VERSION|start_clean\\.boot)"),
                    null,
                    null));

    private static final FileNames NAMES =
            ROWS.stream().map(Row::names).reduce(FileNames::or).orElseThrow();

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Hints hints() {
        return Hints.NONE.named("OTP_VERSION").stored();
    }

    @Override
    public Want wants(FileEntry file, byte[] head) {
        return file.name().equals("OTP_VERSION") ? Want.content(64) : Want.NOTHING;
    }

    /** The release and build of Erlang in one line. */
    @Override
    public Want wantsAsTarget(FileEntry file, byte[] head) {
        return file.size() < 64 && LinkStore.holds(file.path()) && head.length > 0 && Character.isDigit(head[0])
                ? Want.content(64)
                : Want.NOTHING;
    }

    @Override
    public void detect(ImageView image, ElfFiles elfFiles, Findings findings) {
        Map<String, Map<String, List<Evidence>>> found = new LinkedHashMap<>();
        Map<String, Integer> counts = new TreeMap<>();
        image.filesNamed(NAMES)
                .filter(file -> file.entry().type() == FileEntry.Type.FILE)
                .forEach(file -> look(file, found, counts));
        for (Row row : ROWS) {
            found.getOrDefault(row.name, Map.of()).forEach((version, evidence) -> {
                Integer count = counts.get(row.name);
                Map<String, String> details =
                        row.detail == null || count == null ? Map.of() : Map.of(row.detail, count.toString());
                findings.runtime(new LanguageRuntime(row.name, version, details, evidence));
            });
        }
    }

    private static void look(
            ImageFile file, Map<String, Map<String, List<Evidence>>> found, Map<String, Integer> counts) {
        String path = file.entry().path();
        String name = file.entry().name();
        for (Row row : ROWS) {
            if (!row.names.hold(name)) {
                continue;
            }
            Matcher matcher = row.path.matcher(path);
            boolean isTold = matcher.matches();
            if (!isTold && (row.counted == null || !row.counted.matcher(path).matches())) {
                continue;
            }
            if (Caches.hold(path)) {
                return;
            }
            if (isTold) {
                String version =
                        matcher.group(1) != null || matcher.groupCount() < 2 ? matcher.group(1) : matcher.group(2);
                byte[] content = name.equals("OTP_VERSION") ? file.content() : null;
                if (content != null) {
                    String exact = new String(content, StandardCharsets.US_ASCII);
                    version = exact.matches("[0-9][0-9A-Za-z.~+-]{0,30}\\s*\\n\\s*") ? exact.strip() : version;
                }
                Map<String, List<Evidence>> versions = found.computeIfAbsent(row.name, key -> new TreeMap<>());
                List<Evidence> evidence = versions.size() < MAX_VERSIONS
                        ? versions.computeIfAbsent(version, key -> new ArrayList<>())
                        : versions.getOrDefault(version, new ArrayList<>());
                if (evidence.size() < MAX_EVIDENCE) {
                    evidence.add(new Evidence(path, file.layer(), null, ID));
                }
            } else {
                counts.merge(row.name, 1, Integer::sum);
            }
        }
    }
}
