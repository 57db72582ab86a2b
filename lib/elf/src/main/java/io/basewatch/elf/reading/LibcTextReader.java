package io.basewatch.elf.reading;

import io.basewatch.elf.ElfOrigin.LibcText;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds what a libc or a loader says of itself. The texts were measured on musl 1.1.5 to 1.2.5 of nine architectures and on glibc 2.23 to 2.43. */
final class LibcTextReader {

    private static final Pattern NAME = Pattern.compile(
            "ld\\d*[-.].*|libc\\.so.*|libc-\\d.*|libc\\.musl-.*|libuClibc.*|linker(64)?|ld-musl.*|libgcompat.*");
    private static final Pattern SONAME = Pattern.compile("libc\\.so.*|libc\\.musl-.*|ld\\d*[-.].*so.*|libgcompat.*");
    private static final Pattern UCLIBC_NAME =
            Pattern.compile("(?:ld\\d*-uClibc|libuClibc)-(\\d+(?:\\.\\d+)+[-0-9A-Za-z.]*)\\.so");
    /** Gentoo has parentheses in the vendor's text: {@code (Gentoo 2.38-r10 (patchset 9))}. */
    private static final Pattern GLIBC_BANNER =
            Pattern.compile("(?:\\((.{0,120}?)\\) )?(?:stable|development) release version (\\d+\\.\\d+(?:\\.\\d+)*)");

    private static final Pattern GLIBC_SYMBOLS = Pattern.compile("GLIBC_2\\.(\\d{1,4})(?:\\.\\d+)*");

    private static final Needle MUSL = new Needle("musl libc");
    private static final Needle GNU = new Needle("GNU C Library ");
    private static final Needle LD_SO = new Needle("ld.so (");
    private static final Needle GCOMPAT = new Needle("libgcompat.so");
    private static final int MAX_BANNER = 200;

    private LibcTextReader() {}

    /** Whether a file of that name, or with that soname, may be a libc or a loader; its content then decides. */
    static boolean isCandidate(String fileName, @Nullable String soname) {
        return NAME.matcher(fileName).matches()
                || (soname != null && SONAME.matcher(soname).matches());
    }

    static @Nullable LibcText read(
            String fileName,
            @Nullable String soname,
            boolean isAndroid,
            List<String> versionDefinitions,
            byte[] bytes) {
        if (GCOMPAT.in(bytes, 0) >= 0) {
            return new LibcText("musl", null, "gcompat", "libgcompat.so");
        }
        if (MUSL.in(bytes, 0) >= 0) {
            String version = muslVersion(bytes);
            return new LibcText("musl", version, null, version == null ? "musl libc" : "musl libc " + version);
        }
        LibcText glibc = glibc(bytes);
        if (glibc != null) {
            return glibc;
        }
        Matcher named = UCLIBC_NAME.matcher(fileName);
        if (named.matches()) {
            return new LibcText("uclibc", named.group(1), null, fileName);
        }
        if (fileName.contains("uClibc")
                || (soname != null && soname.contains("uClibc"))
                || "libc.so.0".equals(soname)) {
            return new LibcText("uclibc", null, null, soname == null ? fileName : soname);
        }
        if (versionDefinitions.contains("GLIBC_PRIVATE")) {
            return new LibcText("glibc", null, null, atLeast(versionDefinitions));
        }
        if (isAndroid || fileName.startsWith("linker")) {
            return new LibcText("bionic", null, null, fileName);
        }
        return null;
    }

    /** The newest version of its symbols is a lower bound only: a release need not bring any. */
    private static String atLeast(List<String> versionDefinitions) {
        return versionDefinitions.stream()
                .map(GLIBC_SYMBOLS::matcher)
                .filter(Matcher::matches)
                .map(symbols -> Integer.parseInt(symbols.group(1)))
                .max(Integer::compare)
                .map(minor -> "defines GLIBC_2." + minor + ": at least 2." + minor)
                .orElse("GLIBC_PRIVATE");
    }

    private static @Nullable LibcText glibc(byte[] bytes) {
        for (Needle start : List.of(GNU, LD_SO)) {
            for (int at = start.in(bytes, 0); at >= 0; at = start.in(bytes, at + 1)) {
                String text = text(bytes, at);
                int skip = start == GNU ? GNU.length() : LD_SO.length() - 1;
                Matcher banner = GLIBC_BANNER.matcher(text);
                if (banner.find(skip) && banner.start() == skip) {
                    return new LibcText("glibc", banner.group(2), banner.group(1), text.substring(0, banner.end()));
                }
            }
        }
        return null;
    }

    /**
     * musl's version stands alone in .rodata; nothing says where. It is the only text of its form there: {@code 1.2.5}, {@code 1.2.4_git20230717}.
     *
     * @return null when there is none, or more than one that differ
     */
    private static @Nullable String muslVersion(byte[] bytes) {
        String found = null;
        for (int at = 0; at + 5 < bytes.length; at++) {
            if (bytes[at + 1] != '.'
                    || (bytes[at] != '0' && bytes[at] != '1')
                    || (at > 0 && isWordByte(bytes[at - 1]))) {
                continue;
            }
            String version = muslVersionAt(bytes, at);
            if (version != null) {
                if (found != null && !found.equals(version)) {
                    return null;
                }
                found = version;
            }
        }
        return found;
    }

    private static final Pattern MUSL_VERSION =
            Pattern.compile("(0\\.9|1\\.\\d{1,2})\\.\\d{1,2}([-_+][0-9A-Za-z._+-]{1,40})?");

    private static @Nullable String muslVersionAt(byte[] bytes, int at) {
        int end = at;
        while (end < bytes.length && end - at < 60 && (isWordByte(bytes[end]) || bytes[end] == '+')) {
            end++;
        }
        if (end == bytes.length || bytes[end] != 0) {
            return null;
        }
        String text = new String(bytes, at, end - at, StandardCharsets.ISO_8859_1);
        return MUSL_VERSION.matcher(text).matches() ? text : null;
    }

    private static boolean isWordByte(byte b) {
        return (b >= '0' && b <= '9')
                || (b >= 'A' && b <= 'Z')
                || (b >= 'a' && b <= 'z')
                || b == '.'
                || b == '_'
                || b == '/'
                || b == '-';
    }

    private static String text(byte[] bytes, int at) {
        int end = at;
        while (end < bytes.length && end - at < MAX_BANNER && bytes[end] >= ' ' && bytes[end] < 0x7f) {
            end++;
        }
        return new String(bytes, at, end - at, StandardCharsets.ISO_8859_1);
    }
}
