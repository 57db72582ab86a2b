package io.basewatch.ociregistry;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Set;

/** Where an address leads. Sources: the IANA special-purpose address registries (RFC 6890), and what clouds document of their metadata services. */
enum Network {
    /** Everybody can be there. */
    PUBLIC,
    /** A company's or a cluster's own: RFC 1918, RFC 4193, RFC 6598. */
    PRIVATE,
    /** This machine. */
    LOOPBACK,
    /** This wire: link-local addresses, and where clouds hand out credentials to whoever asks. */
    WIRE,
    /** No address of anybody: unspecified, multicast, reserved. */
    NOWHERE;

    /** Metadata services that are not on link-local addresses: Alibaba, AWS by IPv6, Oracle, Azure's wire server. */
    private static final Set<String> METADATA = Set.of(
            "100.100.100.200", "fd00:ec2:0:0:0:0:0:254", "192.0.0.192", "168.63.129.16", "fd20:ce:0:0:0:0:0:254");

    static Network of(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == 16) {
            int at = embedded(bytes);
            if (at >= 0) {
                try {
                    return of(InetAddress.getByAddress(Arrays.copyOfRange(bytes, at, at + 4)));
                } catch (UnknownHostException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        if (METADATA.contains(address.getHostAddress().replaceFirst("%.*$", "")) || address.isLinkLocalAddress()) {
            return WIRE;
        }
        if (address.isLoopbackAddress()) {
            return LOOPBACK;
        }
        return bytes.length == 4 ? ofFour(address, bytes) : ofSixteen(address, bytes);
    }

    private static Network ofFour(InetAddress address, byte[] bytes) {
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        if (address.isSiteLocalAddress() || (first == 100 && second >= 64 && second < 128)) {
            return PRIVATE;
        }
        // 198.18.0.0/15 is for measuring networks within a company.
        if (first == 198 && (second == 18 || second == 19)) {
            return PRIVATE;
        }
        boolean protocol = first == 192 && second == 0 && bytes[2] == 0;
        return first == 0 || first >= 224 || protocol ? NOWHERE : PUBLIC;
    }

    private static Network ofSixteen(InetAddress address, byte[] bytes) {
        if ((bytes[0] & 0xfe) == 0xfc || address.isSiteLocalAddress()) {
            return PRIVATE;
        }
        // All that is given out is in 2000::/3.
        return (bytes[0] & 0xe0) == 0x20 ? PUBLIC : NOWHERE;
    }

    /** Where in an IPv6 address the IPv4 one begins to which it leads in the end (mapped, compatible, NAT64, 6to4); -1 for none. */
    private static int embedded(byte[] bytes) {
        boolean zeros = true;
        for (int i = 0; i < 10; i++) {
            zeros &= bytes[i] == 0;
        }
        boolean mapped = zeros && bytes[10] == (byte) 0xff && bytes[11] == (byte) 0xff;
        boolean small = zeros && bytes[10] == 0 && bytes[11] == 0;
        boolean compatible = small && !(bytes[12] == 0 && bytes[13] == 0);
        boolean translated = bytes[0] == 0 && bytes[1] == 0x64 && bytes[2] == (byte) 0xff && bytes[3] == (byte) 0x9b;
        if (mapped || compatible || translated) {
            return 12;
        }
        return bytes[0] == 0x20 && bytes[1] == 0x02 ? 2 : -1;
    }
}
