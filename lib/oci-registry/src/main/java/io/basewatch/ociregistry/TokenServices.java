package io.basewatch.ociregistry;

import com.google.common.net.InternetDomainName;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which token services may be told a registry's credentials. The registry names its service in a challenge, usually on another host (auth.docker.io, a GitLab), so that refusing
 * all others would shut most registries out; but it must be one of the registry's own domain, or one that the operator named. Which domains belong to one owner is read from the
 * Public Suffix List.
 */
final class TokenServices {

    /** Below these each name is of another customer, which the list does not say. Their registries have their token service on their own host. */
    private static final Set<String> SHARED = Set.of(
            "aliyuncs.com",
            "amazonaws.com",
            "amazonaws.com.cn",
            "azure.com",
            "azurecr.cn",
            "azurecr.io",
            "azurecr.us",
            "cloudsmith.io",
            "cluster.local",
            "gcr.io",
            "googleapis.com",
            "jfrog.io",
            "myhuaweicloud.com",
            "nip.io",
            "ocir.io",
            "oraclecloud.com",
            "ovh.net",
            "pkg.dev",
            "scw.cloud",
            "sslip.io",
            "tencentcloudcr.com",
            "tencentyun.com",
            "vultrcr.com",
            "windows.net");

    private TokenServices() {}

    /** What is wrong with telling a service; empty when it may be told. */
    static Optional<String> objection(RegistrySettings settings, URI service) {
        URI registry = settings.url();
        boolean https = "https".equalsIgnoreCase(registry.getScheme());
        if (https && !"https".equalsIgnoreCase(service.getScheme())) {
            return Optional.of(
                    "speaks plain http, by which the credentials of a registry that speaks https are sent to nobody; have the registry name its token service by https");
        }
        String host = service.getHost().toLowerCase(Locale.ROOT);
        boolean own = host.equals(registry.getHost().toLowerCase(Locale.ROOT));
        // Anybody on the way can put a name into what comes by plain http, so it is only believed as far as the host it
        // came from.
        if (own
                || (https && isSameDomain(host, registry.getHost()))
                || settings.tokenServices().contains(named(service))) {
            return Optional.empty();
        }
        return Optional.of(
                "is not of the registry's own domain and is not told the registry's credentials; if it is to be, add token-services: ["
                        + named(service) + "] to this registry in basewatch.registries (inspect: --token-service "
                        + named(service)
                        + ")");
    }

    /** {@code host[:port]}, the port only where it is not the scheme's own. */
    static String named(URI service) {
        boolean https = "https".equalsIgnoreCase(service.getScheme());
        int port = service.getPort() == (https ? 443 : 80) ? -1 : service.getPort();
        return service.getHost().toLowerCase(Locale.ROOT) + (port < 0 ? "" : ":" + port);
    }

    static boolean isSameDomain(String one, String other) {
        Optional<String> domain = ownersDomain(one);
        return domain.isPresent() && domain.equals(ownersDomain(other));
    }

    /** The part of a host's name that somebody registered; empty for an address, a name without dots, and below what many share. */
    private static Optional<String> ownersDomain(String host) {
        InternetDomainName name;
        try {
            name = InternetDomainName.from(host);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        for (InternetDomainName part = name; ; part = part.parent()) {
            if (SHARED.contains(part.toString())) {
                return Optional.empty();
            }
            if (!part.hasParent()) {
                break;
            }
        }
        if (name.hasPublicSuffix()) {
            return name.isUnderPublicSuffix()
                    ? Optional.of(name.topPrivateDomain().toString())
                    : Optional.empty();
        }
        // The list's own rule for what it does not know, a company's inner names: the last part is the suffix.
        int parts = name.parts().size();
        return parts < 2
                ? Optional.empty()
                : Optional.of(String.join(".", name.parts().subList(parts - 2, parts)));
    }
}
