package io.basewatch.ociregistry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The certificate authorities that Java trusts anyway, and those of the operator's own files. */
final class TrustedCertificates {

    private TrustedCertificates() {}

    /**
     * @param identity shown to who asks for it; null for none
     * @throws IllegalArgumentException naming the file that cannot be read or holds no certificate
     */
    static SSLContext sslContext(List<Path> files, @Nullable ClientIdentity identity) {
        try {
            if (files.isEmpty() && identity == null) {
                return SSLContext.getDefault();
            }
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int number = 0;
            for (TrustManager manager : managers(null)) {
                if (manager instanceof X509TrustManager x509) {
                    for (X509Certificate certificate : x509.getAcceptedIssuers()) {
                        trusted.setCertificateEntry("default-" + number++, certificate);
                    }
                }
            }
            for (Path file : files) {
                for (Certificate certificate : read(file)) {
                    trusted.setCertificateEntry("own-" + number++, certificate);
                }
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    identity == null ? null : OwnCertificate.managers(identity),
                    files.isEmpty() ? null : managers(trusted),
                    null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java cannot set up TLS: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] managers(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    static List<Certificate> read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            List<Certificate> certificates =
                    List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
            if (certificates.isEmpty()) {
                throw new IllegalArgumentException(
                        "certificate file " + file + " holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
            }
            return certificates;
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("certificate file " + file + " is not there", e);
        } catch (AccessDeniedException e) {
            throw new IllegalArgumentException("certificate file " + file + " may not be read by this user", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("certificate file " + file + " cannot be read: " + e.getMessage(), e);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "certificate file " + file + " holds no certificate in PEM form: " + e.getMessage(), e);
        }
    }
}
