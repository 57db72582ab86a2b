package io.basewatch.ociregistry;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where a registry may send us by a redirect or by naming a token service. One that everybody can reach may not send us into networks that only we can reach, nor to the metadata
 * service of the machine we run on; one in a private network may, within such networks. Names are looked up right before they are connected to, and Java keeps what it found for
 * that long, so that a name does not lead elsewhere in between.
 */
final class Reach {

    /** Finds the addresses of a name. */
    interface Lookup {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    /** Also octal, hexadecimal, and with parts left out: what is meant depends on who reads it, a proxy for one. */
    private static final Pattern NUMBERS = Pattern.compile("(0x[0-9a-f]*|[0-9]+)(\\.(0x[0-9a-f]*|[0-9]+))*\\.?");

    private final RegistrySettings settings;
    private final Lookup names;

    Reach(RegistrySettings settings, Lookup names) {
        this.settings = settings;
        this.names = names;
    }

    /**
     * What is wrong with going there; empty when nothing is.
     *
     * @param byProxy whether a proxy looks the name up: then only what is written as an address, or is known here, can be judged
     */
    Optional<String> objection(URI target, boolean byProxy) {
        String host = plain(target.getHost());
        if (host.equals(plain(settings.url().getHost()))
                || settings.privateHosts().contains(TokenServices.named(target))
                || settings.privateHosts().contains(target.getHost().toLowerCase(Locale.ROOT))) {
            return Optional.empty();
        }
        if (NUMBERS.matcher(host).matches() && !InetAddresses.isInetAddress(host)) {
            return Optional.of("is an address in numbers that not everybody reads alike, and is not asked");
        }
        Set<Network> there = networks(host);
        there.remove(Network.PUBLIC);
        if (there.isEmpty()) {
            return Optional.empty();
        }
        Set<Network> here = networks(plain(settings.url().getHost()));
        if (here.contains(Network.LOOPBACK)) {
            here.add(Network.PRIVATE);
        }
        there.removeAll(here);
        if (there.isEmpty()) {
            return Optional.empty();
        }
        boolean wire = there.contains(Network.WIRE);
        return Optional.of((wire
                        ? "is an address of this machine's own wire, where clouds hand out credentials"
                        : "is in a network that is not public, where the registry itself is not")
                + ", and is not asked; if it is to be, add private-hosts: [" + TokenServices.named(target)
                + "] to this registry in basewatch.registries" + (byProxy ? " (a proxy is on the way)" : ""));
    }

    private static String plain(String host) {
        return host.toLowerCase(Locale.ROOT).replaceAll("[\\[\\]]", "");
    }

    /** Empty for a name that nobody knows here: the request itself says so. */
    private Set<Network> networks(String host) {
        Set<Network> networks = EnumSet.noneOf(Network.class);
        try {
            Arrays.stream(names.addresses(host)).map(Network::of).forEach(networks::add);
        } catch (UnknownHostException e) {
            return networks;
        }
        return networks;
    }
}
