package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/**
 * Steps through the entries of a table of contents, one held at a time. What is not known is skipped, as is what does not matter here (owners, times,
 * attributes); each number is checked to be one, and not negative.
 */
final class TableEntries {

    private static final int MAX_DEPTH = 16;
    private static final int MAX_TEXT = 1 << 20;
    private static final int MAX_DIGITS = 32;
    private static final int VERSION = 1;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(MAX_TEXT)
                    .maxNumberLength(MAX_DIGITS)
                    .maxNameLength(MAX_TEXT)
                    .build())
            .build();

    /** A file's entry tells of its first chunk too; entries of further chunks follow it. */
    static final class Entry {
        char type;
        byte[] name = {};
        byte[] link = {};
        int mode;
        long size;

        /** Where the compressed stream begins that holds the chunk; 0 when there is none, as nothing but a header can lie there. */
        long offset;

        /** Uncompressed bytes of that stream before the chunk. */
        long innerOffset;

        /** Where the file's compressed streams end; 0 when it is not told. */
        long endOffset;

        /** Of the chunk in the file. */
        long chunkOffset;

        /** 0: up to the file's end. */
        long chunkSize;

        boolean isZeros;

        @Nullable
        Digest digest;

        @Nullable
        Digest chunkDigest;

        boolean isChunk() {
            return type == CHUNK;
        }
    }

    /** No letter of tar. */
    static final char CHUNK = 'C';

    private final JsonParser json;
    private final LayerLimits limits;
    private int entries;
    private boolean hasVersion;
    private boolean hasEntries;
    private boolean inEntries;
    private boolean ended;

    TableEntries(InputStream in, LayerLimits limits) throws IOException {
        this.limits = limits;
        try {
            this.json = JSON.createParser(ObjectReadContext.empty(), in);
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw LayerFault.corrupt("the table of contents is no JSON object");
            }
        } catch (JacksonIOException e) {
            throw e.getCause();
        } catch (JacksonException e) {
            throw broken(e);
        }
    }

    /**
     * @return null at the end
     * @throws LayerFault when the table is broken here
     */
    @Nullable
    Entry next() throws IOException {
        if (ended) {
            return null;
        }
        try {
            if (!inEntries && !findEntries()) {
                return end();
            }
            if (json.nextToken() == JsonToken.END_ARRAY) {
                inEntries = false;
                if (findEntries()) {
                    throw LayerFault.corrupt("the table of contents has two lists of entries");
                }
                return end();
            }
            if (++entries > limits.maxEntries()) {
                throw LayerFault.limit(
                        "the table of contents has more entries than the limit of " + limits.maxEntries());
            }
            return entry();
        } catch (JacksonIOException e) {
            throw e.getCause();
        } catch (JacksonException e) {
            throw broken(e);
        }
    }

    private static LayerFault broken(JacksonException e) {
        String problem = String.valueOf(e.getOriginalMessage());
        return LayerFault.corrupt("the table of contents is no valid JSON: "
                + PathBytes.quoted(problem.getBytes(StandardCharsets.UTF_8)));
    }

    private @Nullable Entry end() throws LayerFault {
        ended = true;
        if (!hasVersion || !hasEntries) {
            throw LayerFault.corrupt("the table of contents lacks version or entries");
        }
        return null;
    }

    private boolean findEntries() throws LayerFault {
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String field = json.currentName();
            json.nextToken();
            if (field.equals("version")) {
                long version = number(field);
                if (version != VERSION) {
                    throw LayerFault.corrupt("the table of contents is of version " + version);
                }
                hasVersion = true;
            } else if (field.equals("entries") && json.currentToken() == JsonToken.START_ARRAY) {
                hasEntries = true;
                inEntries = true;
                return true;
            } else {
                json.skipChildren();
            }
        }
        if (json.currentToken() != JsonToken.END_OBJECT) {
            throw LayerFault.corrupt("the table of contents is no JSON object");
        }
        return false;
    }

    private Entry entry() throws LayerFault {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw LayerFault.corrupt("an entry of the table of contents is no JSON object");
        }
        Entry entry = new Entry();
        boolean hasName = false;
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String field = json.currentName();
            if (json.nextToken() == JsonToken.VALUE_NULL) {
                continue;
            }
            switch (field) {
                case "type" -> entry.type = type(text(field));
                case "name" -> {
                    entry.name = path(field);
                    hasName = true;
                }
                case "linkName" -> entry.link = path(field);
                case "mode" -> entry.mode = (int) (number(field) & 07777);
                case "size" -> entry.size = number(field);
                case "offset" -> entry.offset = number(field);
                case "innerOffset" -> entry.innerOffset = number(field);
                case "endOffset" -> entry.endOffset = number(field);
                case "chunkOffset" -> entry.chunkOffset = number(field);
                case "chunkSize" -> entry.chunkSize = number(field);
                case "digest" -> entry.digest = digest(field);
                case "chunkDigest" -> entry.chunkDigest = digest(field);
                case "chunkType" -> entry.isZeros = isZeros(text(field));
                default -> json.skipChildren();
            }
        }
        if (!hasName || entry.type == 0) {
            throw LayerFault.corrupt("an entry of the table of contents lacks name or type");
        }
        return entry;
    }

    private static char type(String type) throws LayerFault {
        return switch (type) {
            case "reg" -> '0';
            case "hardlink" -> '1';
            case "symlink" -> '2';
            case "char" -> '3';
            case "block" -> '4';
            case "dir" -> '5';
            case "fifo" -> '6';
            case "chunk" -> CHUNK;
            default -> throw LayerFault.corrupt("the table of contents has an entry of an unknown type");
        };
    }

    private static boolean isZeros(String type) throws LayerFault {
        if (!type.isEmpty() && !type.equals("zeros")) {
            throw LayerFault.corrupt("the table of contents has a chunk of an unknown type");
        }
        return !type.isEmpty();
    }

    private String text(String field) throws LayerFault {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw LayerFault.corrupt("the " + field + " of an entry of the table of contents is no text");
        }
        return json.getString();
    }

    /** Names that are no UTF-8 were changed when the table was written: the tar has another one. */
    private byte[] path(String field) throws LayerFault {
        String text = text(field);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (c == 0 || c == '\ufffd' || (Character.isSurrogate(c) && !pair)) {
                throw LayerFault.corrupt("the table of contents has a " + field + " that is not as in the tar");
            }
            i += pair ? 1 : 0;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > limits.maxPathBytes()) {
            throw LayerFault.limit("the path or link target " + PathBytes.quoted(bytes)
                    + " is longer than the limit of " + limits.maxPathBytes() + " bytes");
        }
        return bytes;
    }

    private long number(String field) throws LayerFault {
        long number = json.currentToken() == JsonToken.VALUE_NUMBER_INT ? json.getLongValue() : -1;
        if (number < 0) {
            throw LayerFault.corrupt("the " + field + " in the table of contents is no number, or negative");
        }
        return number;
    }

    private @Nullable Digest digest(String field) throws LayerFault {
        String text = text(field);
        try {
            return text.isEmpty() ? null : Digest.parse(text);
        } catch (IllegalArgumentException e) {
            throw LayerFault.corrupt("the " + field + " of an entry of the table of contents is no digest");
        }
    }
}
