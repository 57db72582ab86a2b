package io.basewatch.lineage;

import io.basewatch.fleetmodel.Platform;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** When two images run on the same: only then one is the other's base. By the rules of containerd's platforms/database.go, which registries' clients choose by. */
final class Platforms {

    private Platforms() {}

    static Platform normal(Platform platform) {
        String os = platform.os().toLowerCase(Locale.ROOT);
        String architecture = platform.architecture().toLowerCase(Locale.ROOT);
        String variant = platform.variant() == null ? "" : platform.variant().toLowerCase(Locale.ROOT);
        return switch (architecture) {
            case "i386" -> new Platform(os, "386", null);
            case "x86_64", "x86-64", "amd64" -> new Platform(os, "amd64", variant.equals("v1") ? null : some(variant));
            case "aarch64", "arm64" ->
                new Platform(os, "arm64", variant.equals("8") || variant.equals("v8") ? null : some(variant));
            case "armhf" -> new Platform(os, "arm", "v7");
            case "armel" -> new Platform(os, "arm", "v6");
            case "arm" ->
                new Platform(
                        os,
                        "arm",
                        variant.isEmpty() || variant.equals("7")
                                ? "v7"
                                : variant.matches("[0-9]") ? "v" + variant : variant);
            default -> new Platform(os, architecture, some(variant));
        };
    }

    private static @Nullable String some(String variant) {
        return variant.isEmpty() ? null : variant;
    }
}
