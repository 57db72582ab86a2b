package io.basewatch.elf;

import io.basewatch.layerfacts.PackedReader;
import io.basewatch.layerfacts.PackedWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Versions of symbols that the file wants of others and defines itself.
 *
 * @param needs DT_VERNEED, in order
 * @param definitions DT_VERDEF without the file's own, in order
 */
public record ElfVersions(List<Need> needs, List<String> definitions) {

    /** What is wanted of one file, in order of appearance. */
    public record Need(String file, List<Wanted> versions) {
        public Need {
            versions = List.copyOf(versions);
        }

        public List<String> names() {
            return versions.stream().map(Wanted::name).toList();
        }
    }

    /**
     * @param isWeak whether glibc only warns when the version is missing (VER_FLG_WEAK)
     */
    public record Wanted(String name, boolean isWeak) {}

    public ElfVersions {
        needs = List.copyOf(needs);
        definitions = List.copyOf(definitions);
    }

    /** All versions of a kind that are wanted of any file: {@code GLIBC_}, {@code GLIBCXX_}… */
    public List<String> needed(String prefix) {
        return needs.stream()
                .flatMap(need -> need.names().stream())
                .filter(version -> version.startsWith(prefix))
                .distinct()
                .sorted()
                .toList();
    }

    /** Each with the file it is wanted of, as references name them. */
    public List<SymbolTable.Version> ofReferences() {
        List<SymbolTable.Version> all = new ArrayList<>();
        needs.forEach(need -> need.names().forEach(name -> all.add(new SymbolTable.Version(need.file(), name))));
        return all;
    }

    /** As exports name them. */
    public List<SymbolTable.Version> ofExports() {
        return definitions.stream()
                .map(name -> new SymbolTable.Version(null, name))
                .toList();
    }

    void write(PackedWriter out) {
        out.number(needs.size());
        for (Need need : needs) {
            out.text(need.file()).number(need.versions().size());
            need.versions().forEach(version -> out.text(version.name()).flag(version.isWeak()));
        }
        out.texts(definitions);
    }

    static ElfVersions read(PackedReader in) {
        List<Need> needs = new ArrayList<>();
        for (int left = in.count(); left > 0; left--) {
            String file = in.text();
            List<Wanted> versions = new ArrayList<>();
            for (int more = in.count(); more > 0; more--) {
                versions.add(new Wanted(in.text(), in.flag()));
            }
            needs.add(new Need(file, versions));
        }
        return new ElfVersions(needs, in.texts());
    }
}
