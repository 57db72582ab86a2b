package io.basewatch.caveats;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Which entry of the catalogue tells that musl lacks a symbol: the most specific one. */
final class MissingSymbols {

    /** Of symbols that nothing more is known of. */
    static final String ANY = "elf-unresolved-symbol";

    private record Row(Pattern name, String caveat) {}

    /** The first that fits. */
    private static final List<Row> ROWS = List.of(
            row("__\\w+_chk", "elf-fortify-chk-symbols"),
            row("fcntl64", "elf-fcntl64"),
            row("__isoc23_\\w+", "elf-isoc23-symbols"),
            row("(?:__)?backtrace(?:_symbols(?:_fd)?)?", "execinfo-backtrace-missing"),
            row("(?:get|make|set|swap)context", "ucontext-missing"),
            row(
                    "fts(?:64)?_\\w+|_?obstack_\\w+|argp_\\w+|error(?:_at_line|_message_count|_print_progname|_one_per_line)?",
                    "gnu-api-fts-obstack-argp-error"),
            row(
                    "(?:__)?res_n(?:init|query|search|send|close|mkquery|querydomain)|__res_(?:init|search|query|nclose)|(?:__)?ns_\\w+",
                    "musl-no-resolver-state"),
            row(
                    "mallinfo2?|malloc_(?:trim|info|stats)|mallopt|__(?:malloc|free|realloc|memalign)_hook|m(?:un)?trace",
                    "malloc-introspection-missing"),
            row("re_(?:search|match|compile|set)\\w*|regex_\\w+", "regex-glob-fnmatch-differences"));

    private static final Pattern THREADS =
            Pattern.compile("pthread_\\w*(?:_np|clock\\w*|yield|sigqueue|wait)|sem_clockwait");

    private static final Set<String> OTHERS = Set.of(
            "rawmemchr",
            "__rawmemchr",
            "canonicalize_file_name",
            "strerrorname_np",
            "strerrordesc_np",
            "arc4random",
            "arc4random_buf",
            "arc4random_uniform",
            "close_range",
            "closefrom",
            "execveat",
            "pidfd_open",
            "epoll_pwait2",
            "getcpu",
            "random_r",
            "srandom_r",
            "initstate_r",
            "setstate_r",
            "register_printf_function",
            "register_printf_specifier",
            "sys_siglist",
            "sys_errlist",
            "gnu_get_libc_version",
            "gnu_get_libc_release",
            "dlmopen",
            "dlvsym",
            "dladdr1",
            "_dl_find_object",
            "__libc_single_threaded",
            "__cxa_thread_atexit_impl",
            "__register_atfork",
            "getgrent_r",
            "getpwent_r",
            "getnetgrent",
            "setnetgrent",
            "endnetgrent",
            "innetgr",
            "ruserok",
            "rcmd",
            "drand48_r",
            "srand48_r",
            "lrand48_r",
            "twalk_r",
            "bindresvport");

    private static final Pattern MORE = Pattern.compile(
            "(?:__)?str\\w*to\\w+_l(?:_internal)?|(?:__)?strto\\w+_(?:l|internal)|xdr_\\w+|clnt_\\w+|svc_\\w+|clntudp_\\w+|clnttcp_\\w+");

    private MissingSymbols() {}

    private static Row row(String name, String caveat) {
        return new Row(Pattern.compile(name), caveat);
    }

    static String caveat(String symbol, Traits traits) {
        String later = Catalogue.laterIn(symbol);
        if (later != null
                && traits.musl() != null
                && ReleaseRange.parse("<" + later).holds(traits.musl())) {
            return "late-added-symbols";
        }
        if (symbol.equals("posix_fallocate64")
                && Catalogue.known("elf-posix-fallocate64-1.2.4-1.2.5").concerns(traits.musl(), traits.alpine())) {
            return "elf-posix-fallocate64-1.2.4-1.2.5";
        }
        for (Row row : ROWS) {
            if (row.name.matcher(symbol).matches()) {
                return row.caveat;
            }
        }
        if (THREADS.matcher(symbol).matches()) {
            return "pthread-np-extensions";
        }
        return OTHERS.contains(symbol) || MORE.matcher(symbol).matches() ? "gnu-api-misc-missing" : ANY;
    }

    static Set<String> tells() {
        return Set.of(
                "late-added-symbols",
                "elf-posix-fallocate64-1.2.4-1.2.5",
                "elf-fortify-chk-symbols",
                "elf-fcntl64",
                "elf-isoc23-symbols",
                "execinfo-backtrace-missing",
                "ucontext-missing",
                "gnu-api-fts-obstack-argp-error",
                "musl-no-resolver-state",
                "malloc-introspection-missing",
                "regex-glob-fnmatch-differences",
                "pthread-np-extensions",
                "gnu-api-misc-missing",
                ANY);
    }
}
