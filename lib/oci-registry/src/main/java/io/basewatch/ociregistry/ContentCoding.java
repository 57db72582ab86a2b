package io.basewatch.ociregistry;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * Undoes a coding of a body. None is ever asked for, but proxies compress what they pass on all the same, and a manifest's digest is that of the bytes before that. Source of the
 * format: RFC 9110, §8.4.1.
 */
final class ContentCoding {

    private static final int MAX_CODINGS = 2;
    private static final int BUFFER_BYTES = 8 * 1024;

    private ContentCoding() {}

    /** The body came in a coding that cannot be undone. */
    static final class UnknownCodingException extends IOException {
        UnknownCodingException(String coding) {
            super(
                    "the answer comes with Content-Encoding '" + Printable.text(coding)
                            + "', which was not asked for and is not understood; have the proxy before the registry leave bodies as they are");
        }
    }

    /**
     * @param headers the values of Content-Encoding
     * @return the body itself when it has no coding; else a stream whose length is not known, which its reader has to bound
     * @throws UnknownCodingException for any but gzip and deflate
     */
    static InputStream undone(List<String> headers, InputStream body) throws IOException {
        List<String> codings = headers.stream()
                .flatMap(header -> Stream.of(header.split(",", -1)))
                .map(coding -> coding.trim().toLowerCase(Locale.ROOT))
                .filter(coding -> !coding.isEmpty() && !coding.equals("identity"))
                .toList();
        if (codings.size() > MAX_CODINGS) {
            throw new UnknownCodingException(String.join(", ", codings));
        }
        InputStream plain = body;
        for (int last = codings.size() - 1; last >= 0; last--) {
            plain = undone(codings.get(last), new BufferedInputStream(plain, BUFFER_BYTES));
        }
        return plain;
    }

    private static InputStream undone(String coding, BufferedInputStream body) throws IOException {
        body.mark(2);
        int first = body.read();
        int second = body.read();
        body.reset();
        return switch (coding) {
            // Some say gzip of what is not: its digest will tell.
            case "gzip", "x-gzip" -> first == 0x1f && second == 0x8b ? new GZIPInputStream(body, BUFFER_BYTES) : body;
            case "deflate" -> {
                // By the book it is zlib's format; some servers send what is inside of that alone.
                boolean zlib = (first & 0x0f) == 8 && second >= 0 && (first << 8 | second) % 31 == 0;
                yield zlib ? new InflaterInputStream(body) : new InflaterInputStream(body, new Inflater(true));
            }
            default -> throw new UnknownCodingException(coding);
        };
    }
}
