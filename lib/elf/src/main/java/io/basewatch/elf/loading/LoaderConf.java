package io.basewatch.elf.loading;

import io.basewatch.layerfacts.FileEntry;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The directories that ldconfig(8) is told to look into: /etc/ld.so.conf and what it includes. */
final class LoaderConf {

    private static final int MAX_FILES = 200;
    private static final int MAX_DIRECTORIES = 500;

    private final LoaderView view;
    private final Set<String> read = new LinkedHashSet<>();
    private final Set<String> directories = new LinkedHashSet<>();

    private LoaderConf(LoaderView view) {
        this.view = view;
    }

    /** In order, each once. */
    static List<String> directories(LoaderView view, String file) {
        LoaderConf conf = new LoaderConf(view);
        conf.read(file);
        return List.copyOf(conf.directories);
    }

    private void read(String file) {
        if (read.size() >= MAX_FILES || !read.add(file)) {
            return;
        }
        for (String raw : view.text(file).orElse("").split("\n")) {
            String line = raw.replaceAll("#.*", "").strip();
            if (line.startsWith("include ") || line.startsWith("include\t")) {
                for (String pattern : line.substring("include".length()).strip().split("\\s+")) {
                    include(pattern.startsWith("/") ? pattern : file.substring(0, file.lastIndexOf('/') + 1) + pattern);
                }
            } else if (!line.isEmpty() && !line.startsWith("hwcap") && directories.size() < MAX_DIRECTORIES) {
                // A library's type may stand behind it, after an equals sign.
                for (String directory : line.split("[\\s:,]+")) {
                    directories.add(directory.replaceAll("=.*", "").replaceAll("(?<=.)/+$", ""));
                }
            }
        }
    }

    private void include(String pattern) {
        int name = pattern.lastIndexOf('/') + 1;
        if (pattern.indexOf('*') < 0 && pattern.indexOf('?') < 0) {
            read(pattern);
            return;
        }
        StringBuilder names = new StringBuilder();
        for (char c : pattern.substring(name).toCharArray()) {
            names.append(c == '*' ? "[^/]*" : c == '?' ? "[^/]" : Pattern.quote(String.valueOf(c)));
        }
        Pattern matcher = Pattern.compile(names.toString());
        List<String> files = new ArrayList<>();
        view.list(pattern.substring(0, name))
                .map(FileEntry::name)
                .filter(file -> matcher.matcher(file).matches())
                .limit(MAX_FILES)
                .forEach(file -> files.add(pattern.substring(0, name) + file));
        files.forEach(this::read);
    }
}
