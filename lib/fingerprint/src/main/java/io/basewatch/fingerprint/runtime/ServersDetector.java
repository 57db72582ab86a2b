package io.basewatch.fingerprint.runtime;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.Marker;
import io.basewatch.fingerprint.Detector;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Interest;
import io.basewatch.layerfacts.Want;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Web and database servers, by package or by binary. One row each; a new one is a row. */
public final class ServersDetector implements Detector, Interest {

    private static final String ID = "servers/1";

    /**
     * @param binaries file names of the server's executable
     * @param variable in which its official image tells the version, for servers that were not installed by a package
     * @param marker text in the binary with the version behind it; null when there is none
     */
    private record Row(
            String name,
            Pattern packages,
            List<String> binaries,
            String variable,
            @Nullable Marker marker) {}

    private static Row row(String name, String packages, String variable, @Nullable Marker marker, String... binaries) {
        return new Row(name, Pattern.compile(packages), List.of(binaries), variable, marker);
    }

    private static final List<Row> ROWS = List.of(
            row("nginx", "nginx(-core|-light|-full|-extras|-mainline)?", "NGINX_VERSION", Marker.NGINX, "nginx"),
            row("httpd", "apache2(-bin)?|httpd(-core)?|apache", "HTTPD_VERSION", Marker.HTTPD, "httpd", "apache2"),
            row(
                    "php",
                    "php|php\\d\\d?(\\.\\d)?|php\\d?(\\.\\d)?-(cli|common|fpm)",
                    "PHP_VERSION",
                    Marker.PHP,
                    "php",
                    "php-fpm"),
            row("caddy", "caddy", "CADDY_VERSION", null, "caddy"),
            row("haproxy", "haproxy\\d*", "HAPROXY_VERSION", null, "haproxy"),
            row("traefik", "traefik", "TRAEFIK_VERSION", null, "traefik"),
            row("envoy", "envoy", "ENVOY_VERSION", null, "envoy"),
            row("varnish", "varnish", "VARNISH_VERSION", null, "varnishd"),
            row("postgresql", "postgresql(-?\\d+(\\.\\d+)?)?(-server)?", "PG_VERSION", null, "postgres"),
            row("mariadb", "mariadb-server(-core)?(-[0-9.]+)?|mariadb", "MARIADB_VERSION", null, "mariadbd"),
            row(
                    "mysql",
                    "mysql-(community-)?server(-core)?(-[0-9.]+)?|mysql\\d+-server",
                    "MYSQL_VERSION",
                    null,
                    "mysqld"),
            row("redis", "redis(-server|-tools)?\\d*", "REDIS_VERSION", null, "redis-server"),
            row("valkey", "valkey(-server)?", "VALKEY_VERSION", null, "valkey-server"),
            row("mongodb", "mongodb(-org)?-server|mongodb", "MONGO_VERSION", null, "mongod"),
            row("memcached", "memcached", "MEMCACHED_VERSION", null, "memcached"),
            row("rabbitmq", "rabbitmq-server", "RABBITMQ_VERSION", null),
            row("etcd", "etcd(-server)?", "ETCD_VERSION", null, "etcd"),
            row("bind", "bind9?", "BIND_VERSION", null, "named"),
            row("openssh", "openssh-server", "OPENSSH_VERSION", null, "sshd"));

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Hints hints() {
        return Hints.NONE;
    }

    @Override
    public Want wants(FileEntry file, byte[] head) {
        // The libc detector has every ELF file read.
        return Want.NOTHING;
    }

    @Override
    public void detect(ImageView image, ElfFiles elfFiles, Findings findings) {
        Map<String, Row> byBinary = new HashMap<>();
        ROWS.forEach(row -> row.binaries.forEach(name -> byBinary.put(name, row)));
        Map<String, ElfFile> binaries = new HashMap<>();
        for (ElfFile file : elfFiles.all()) {
            Row row = byBinary.get(file.name());
            // BusyBox has an httpd of its own.
            if (row != null
                    && isInBinaries(file)
                    && file.outline().kind().isExecutable()
                    && !file.outline().has(Marker.BUSYBOX)) {
                binaries.putIfAbsent(row.name, file);
            }
        }
        Installed installed = new Installed(findings, ID);
        for (Row row : ROWS) {
            tell(row, binaries.get(row.name), installed, image, findings);
        }
    }

    private static boolean isInBinaries(ElfFile file) {
        return file.path().matches("(.*/)?s?bin/[^/]+|[^/]+");
    }

    private static void tell(
            Row row, @Nullable ElfFile binary, Installed installed, ImageView image, Findings findings) {
        List<Evidence> evidence = new ArrayList<>();
        Map<String, String> details = new TreeMap<>();
        String version = null;
        Optional<InstalledPackage> listed = installed.named(row.packages);
        if (listed.isPresent()) {
            InstalledPackage found = listed.get();
            version = Installed.upstream(found.version());
            details.put("package", found.name() + " " + found.version());
            evidence.add(installed.evidence(found));
        }
        if (binary != null) {
            String text = row.marker == null
                    ? null
                    : versionOf(row.marker, binary.outline().origin().markers().get(row.marker));
            if (text != null) {
                // What runs counts, also where it was put over a package.
                version = text;
            }
            evidence.add(new Evidence(binary.path(), binary.layer(), text, ID));
            if (version == null) {
                String told = variable(image, row.variable);
                if (told != null) {
                    version = Installed.upstream(told);
                    details.put("versionFrom", "environment variable " + row.variable);
                }
            }
        }
        if (!evidence.isEmpty()) {
            findings.runtime(new LanguageRuntime(row.name, version, details, evidence));
        }
    }

    private static final Pattern VERSION = Pattern.compile("\\d+(\\.\\d+)*[a-z0-9]*");

    private static @Nullable String versionOf(Marker marker, @Nullable String text) {
        Matcher matcher = VERSION.matcher(text == null ? "" : text);
        if (!matcher.lookingAt()) {
            return null;
        }
        return marker == Marker.HTTPD ? "2." + matcher.group() : matcher.group();
    }

    private static @Nullable String variable(ImageView image, String name) {
        return image.inputs().env().stream()
                .filter(variable -> variable.startsWith(name + "="))
                .map(variable -> variable.substring(name.length() + 1))
                .filter(value -> value.matches("[0-9v][0-9A-Za-z.:~+_-]{0,60}"))
                .map(value -> value.startsWith("v") ? value.substring(1) : value)
                .findFirst()
                .orElse(null);
    }
}
