package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a registry may send us, with names that are what this test says. */
class ReachTest {

    private static final Map<String, String> NAMES = Map.of(
            "public.example", "93.184.216.34",
            "blobs.example", "2606:2800:220:1:248:1893:25c8:1946",
            "inner.example", "10.1.2.3",
            "rebound.example", "169.254.169.254",
            "half.example", "93.184.216.34,192.168.1.1",
            "registry.corp", "10.9.9.9",
            "minio.corp", "fd12:3456::7");

    private static InetAddress[] addresses(String host) throws UnknownHostException {
        String known = NAMES.getOrDefault(host, host.endsWith(".example") ? "" : host);
        if (known.isEmpty()) {
            throw new UnknownHostException(host);
        }
        String[] all = known.split(",");
        InetAddress[] addresses = new InetAddress[all.length];
        for (int i = 0; i < all.length; i++) {
            addresses[i] = InetAddress.getByName(all[i]);
        }
        return addresses;
    }

    private static String objection(String registry, String target) {
        return new Reach(RegistrySettings.of(URI.create(registry)), ReachTest::addresses)
                .objection(URI.create(target), false)
                .orElse("none");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://10.0.0.1/x",
                "https://172.16.5.4/x",
                "https://172.31.255.255/x",
                "https://192.168.0.1:8443/x",
                "https://100.64.0.1/x",
                "https://127.0.0.1/x",
                "https://127.9.9.9/x",
                "https://[::1]/x",
                "https://0.0.0.0/x",
                "https://[::]/x",
                "https://169.254.169.254/latest/meta-data",
                "https://169.254.170.2/v2/credentials",
                "https://100.100.100.200/latest",
                "https://168.63.129.16/machine",
                "https://[fd00:ec2::254]/latest",
                "https://[fe80::1]/x",
                "https://[fd12::1]/x",
                "https://[fec0::1]/x",
                "https://[::ffff:10.0.0.1]/x",
                "https://[::ffff:a9fe:a9fe]/x",
                "https://[64:ff9b::a9fe:a9fe]/x",
                "https://[2002:a00:1::]/x",
                "https://224.0.0.1/x",
                "https://255.255.255.255/x",
                "https://inner.example/x",
                "https://rebound.example/x",
                "https://half.example/x"
            })
    void aPublicRegistryLeadsToNoPrivatePlaceHoweverItIsWritten(String target) {
        assertThat(objection("https://public.example", target)).contains("is not asked");
    }

    @ParameterizedTest
    @CsvSource({
        "https://public.example, https://blobs.example/x",
        "https://public.example, https://8.8.8.8/x",
        "https://public.example, https://public.example:444/x",
        "https://public.example, https://nobody-knows.example/x",
        "https://registry.corp, https://minio.corp:9000/x",
        "https://registry.corp, https://blobs.example/x",
        "http://127.0.0.1:5000, http://localhost:9000/x",
        "http://127.0.0.1:5000, http://172.17.0.2:9000/x"
    })
    void aRegistryLeadsWhereItIsItselfAndToPublicPlaces(String registry, String target) {
        assertThat(objection(registry, target)).isEqualTo("none");
    }

    @ParameterizedTest
    @CsvSource({
        "https://registry.corp, http://127.0.0.1:8081/x",
        "https://registry.corp, http://169.254.169.254/x",
        "http://127.0.0.1:5000, http://169.254.169.254/x",
        "http://127.0.0.1:5000, http://100.100.100.200/x"
    })
    void aPrivateRegistryLeadsNeitherToThisMachineNorToItsMetadata(String registry, String target) {
        assertThat(objection(registry, target)).contains("is not asked");
    }

    @Test
    void whatTheOperatorNamesIsAsked() {
        Reach reach = new Reach(
                RegistrySettings.of(URI.create("https://public.example"))
                        .withPrivateHosts(List.of("inner.example:9000", "10.0.0.7")),
                ReachTest::addresses);
        assertThat(reach.objection(URI.create("https://inner.example:9000/x"), false))
                .isEmpty();
        assertThat(reach.objection(URI.create("https://10.0.0.7/x"), false)).isEmpty();
        assertThat(reach.objection(URI.create("https://inner.example/x"), false))
                .get()
                .asString()
                .contains("private-hosts: [inner.example]");
    }
}
