package io.basewatch.ociregistry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

/** Reads the certificate and the key by which we show who we are. */
final class OwnCertificate {

    private static final int MAX_BYTES = 256 * 1024;
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final Pattern OTHER_KEY = Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----");

    private OwnCertificate() {}

    /**
     * @throws IllegalArgumentException naming the file that cannot be used; nothing of a key is told
     */
    static KeyManager[] managers(ClientIdentity identity) throws GeneralSecurityException, IOException {
        List<Certificate> chain = TrustedCertificates.read(identity.certificate());
        PrivateKey key = key(identity, chain.get(0).getPublicKey());
        char[] none = new char[0];
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", key, none, chain.toArray(Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, none);
        return factory.getKeyManagers();
    }

    private static PrivateKey key(ClientIdentity identity, PublicKey mate) {
        Path file = identity.key();
        String text = text(file);
        Matcher pem = KEY.matcher(text);
        if (!pem.find()) {
            Matcher other = OTHER_KEY.matcher(text);
            throw new IllegalArgumentException("key file " + file
                    + (other.find()
                            ? " is a " + other.group(1)
                                    + "; write it as PKCS#8 without a password: openssl pkcs8 -topk8 -nocrypt -in "
                                    + file + " -out new.pem"
                            : " holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)"));
        }
        try {
            byte[] bytes = Base64.getMimeDecoder().decode(pem.group(1));
            return KeyFactory.getInstance(mate.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(bytes));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Without the cause, which may have something of the key.
            throw new IllegalArgumentException("key file " + file + " has no " + mate.getAlgorithm()
                    + " key, which the certificate " + identity.certificate() + " is for");
        }
    }

    private static String text(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("key file " + file + " is not there");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_BYTES), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "key file " + file + " cannot be read: " + e.getClass().getSimpleName());
        }
    }
}
