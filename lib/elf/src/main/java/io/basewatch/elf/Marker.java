package io.basewatch.elf;

/**
 * A text that tells where an executable comes from. Facts name markers by {@link #code}, so an old fact stays readable when markers are added. None is
 * shorter than eight bytes: that is what makes the search fast.
 */
public enum Marker {
    /** glibc's tunables, linked into each static glibc executable since 2.26. */
    GLIBC_TUNABLES(1, "GLIBC_TUNABLES", false),
    /** glibc's character set converters. */
    GCONV_PATH(2, "GCONV_PATH", false),
    /** musl's strerror(0). */
    MUSL_NO_ERROR(3, "No error information", false),
    /** musl's strerror(ERANGE). */
    MUSL_RANGE(4, "Result not representable", false),
    /** strerror(ERANGE) of glibc and uClibc. */
    GNU_RANGE(5, "Numerical result out of range", false),
    /** The file in which uClibc looks for the time zone. */
    UCLIBC_TZ(6, "/etc/TZ\0", false),
    MUSL_LOCPATH(7, "MUSL_LOCPATH", false),
    /** Only in musl's own loader. */
    MUSL_LIBC(8, "musl libc", false),
    /** Where musl, besides the usual place, looks for time zones. */
    ETC_ZONEINFO(9, "/etc/zoneinfo/", false),
    BUSYBOX(10, "BusyBox v", true),
    RUST(11, "RUST_BACKTRACE", false),
    RUSTC(12, "rustc version ", true),
    NODE(13, "nodejs.org/download/release/v", true),
    /** gcompat's stand-in for glibc's loader, and who loads it. */
    GCOMPAT(14, "libgcompat.so", false),
    PHP(15, "X-Powered-By: PHP/", true),
    NGINX(16, "nginx version: nginx/", true),
    HTTPD(17, "Apache/2.", true),
    /** A kernel older than the static glibc wants; all glibcs. */
    GLIBC_KERNEL(18, "FATAL: kernel too old", false),
    /** The dynamic loader's cache, which a static glibc knows of as well. */
    GLIBC_CACHE(19, "glibc-ld.so.cache", false),
    /** uClibc's own loader and its static executables where they can load. */
    UCLIBC_LDSO(20, "ld-uClibc", false),
    /** Compressed executable: what it needs at run time cannot be read. Seen by its header, not by the search. */
    PACKED(21, "UPX!", false),
    /** Allocators that stand in for the libc's. */
    JEMALLOC(22, "jemalloc", false),
    MIMALLOC(23, "mimalloc", false),
    SNMALLOC(24, "snmalloc", false),
    /** A static glibc that looks up names by files or, with the next, by modules that it opens at run time. */
    NSS_FILES(25, "nss_files", false),
    NSS_MODULE(26, "libnss_%s", false);

    final int code;
    private final String pattern;
    private final boolean keepsText;

    Marker(int code, String pattern, boolean keepsText) {
        this.code = code;
        this.pattern = pattern;
        this.keepsText = keepsText;
    }

    /** The bytes that are looked for, in ISO 8859-1. */
    public String pattern() {
        return pattern;
    }

    /** Whether the text behind the marker is kept: a version. */
    public boolean keepsText() {
        return keepsText;
    }

    /** For people. */
    public String text() {
        return pattern.replace("\0", "");
    }
}
