package io.basewatch.fingerprint.runtime;

import java.util.regex.Pattern;

/**
 * Places where installers keep copies for themselves. Nothing is imported or started from there: what lies there is either installed elsewhere too, and would count
 * twice, or is not part of what runs.
 */
final class Caches {

    private static final Pattern FOLDERS = Pattern.compile("(?:^|.*/)(?:"
            // Of users, of tools that keep to the XDG directories (uv, pip, Poetry, Yarn, Coursier), of bundlers in
            // node_modules.
            + "\\.cache|var/cache"
            // npm with npx, Yarn, pnpm, Bun, node-gyp.
            + "|\\.npm|\\.yarn/(?:cache|berry)|\\.pnpm-store|pnpm/store|\\.bun/install/cache|\\.node-gyp"
            // uv's and pip's, wherever a variable has put them.
            + "|archive-v\\d+|wheels-v\\d+|sdists-v\\d+|builds-v\\d+|pip-(?:unpack|install|build-env|ephem-wheel-cache|wheel)-[^/]+"
            // Conda's packages as they were unpacked, before they are linked into an environment.
            + "|[^/]*(?:conda|mamba|miniforge)[^/]*/pkgs"
            // Gems as archives, Maven, Ivy, Gradle, sbt, NuGet, Cargo, Go.
            + "|\\.bundle/cache|vendor/cache|\\.gem/specs|\\.m2/repository|\\.ivy2/cache|\\.gradle/caches|\\.sbt/boot|\\.nuget/packages"
            + "|\\.cargo/registry|go/pkg/mod"
            + ")/.*");

    private Caches() {}

    static boolean hold(String path) {
        return FOLDERS.matcher(path).matches();
    }
}
