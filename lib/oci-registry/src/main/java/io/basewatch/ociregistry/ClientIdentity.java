package io.basewatch.ociregistry;

import java.nio.file.Path;

/**
 * As whom we show ourselves to a registry that asks for a certificate.
 *
 * @param certificate PEM, ours first, then whoever vouches for it
 * @param key PEM, PKCS#8 without a password
 */
public record ClientIdentity(Path certificate, Path key) {}
