package io.basewatch.embeddedstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Decimal128;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.LegacyUUID;
import de.bwaldvogel.mongo.bson.MaxKey;
import de.bwaldvogel.mongo.bson.MinKey;
import de.bwaldvogel.mongo.bson.ObjectId;
import de.bwaldvogel.mongo.wire.bson.BsonDecoder;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class StoredBsonTest {

    private final long seed = Long.getLong("basewatch.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void whateverIsKeptIsReadAsTheLibraryReadsIt() {
        for (int n = 0; n < 3_000; n++) {
            byte[] bytes = bytes(document(0));
            Document expected = BsonDecoder.decodeBson(Unpooled.wrappedBuffer(bytes));
            Document read = StoredBson.decode(bytes);
            // Not all of the library's values are equal to their likes; written again they are.
            assertThat(bytes(read)).as("seed " + seed + ", document " + n).isEqualTo(bytes(expected));
            assertThat(bytes(read)).as("seed " + seed + ", document " + n).isEqualTo(bytes);
        }
    }

    @Test
    void ofSomeFieldsTheSameIsReadAsOfAll() {
        for (int n = 0; n < 3_000; n++) {
            Document all = document(0);
            byte[] bytes = bytes(all);
            Document expected = new Document();
            Set<String> some = new HashSet<>(Set.of("none"));
            all.forEach((name, value) -> {
                if (random.nextBoolean()) {
                    some.add(name);
                    expected.append(name, value);
                }
            });
            assertThat(bytes(StoredBson.decode(bytes, some)))
                    .as("seed " + seed + ", document " + n + ", " + some)
                    .isEqualTo(bytes(expected));
        }
    }

    @Test
    void whatIsReadMayBeChangedWithoutChangingWhatIsReadNext() {
        byte[] bytes = bytes(new Document("list", List.of(1, 2)).append("inner", new Document("a", 1)));
        Document first = StoredBson.decode(bytes);
        ((List<?>) first.get("list")).clear();
        ((Document) first.get("inner")).put("a", 2);
        assertThat(StoredBson.decode(bytes)).isEqualTo(BsonDecoder.decodeBson(Unpooled.wrappedBuffer(bytes)));
    }

    @Test
    void whatIsCutIsNoDocument() {
        byte[] bytes = bytes(document(0).append("last", "text"));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            for (Set<String> fields : Arrays.asList(null, Set.of("last"), Set.of("none"))) {
                assertThatThrownBy(() -> StoredBson.decode(cut, fields))
                        .as("seed " + seed + ", the first " + length + " of " + bytes.length)
                        .isInstanceOf(RuntimeException.class);
            }
        }
    }

    @Test
    void whatIsDamagedIsReadOrRefusedAndNothingElse() {
        for (int n = 0; n < 5_000; n++) {
            byte[] bytes = bytes(document(1));
            for (int damages = random.nextInt(3); damages >= 0; damages--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(StoredBson.decode(bytes, n % 2 == 0 ? null : Set.of("none")))
                        .isNotNull();
            } catch (IllegalArgumentException | IndexOutOfBoundsException | NegativeArraySizeException refused) {
                assertThat(refused).isNotNull();
            }
        }
    }

    private static byte[] bytes(Document document) {
        ByteBuf buffer = Unpooled.buffer();
        BsonEncoder.encodeDocument(document, buffer);
        return ByteBufUtil.getBytes(buffer);
    }

    private Document document(int depth) {
        Document document = new Document();
        for (int fields = random.nextInt(8); fields > 0; fields--) {
            document.put(text(random.nextInt(4) == 0 ? 60 : 3), value(depth));
        }
        return document;
    }

    private Object value(int depth) {
        return switch (random.nextInt(depth > 3 ? 13 : 15)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextLong();
            case 2 -> random.nextDouble();
            case 3 -> random.nextBoolean();
            case 4 -> null;
            case 5 -> Instant.ofEpochMilli(random.nextLong() >> 16);
            case 6 -> new BinData(text(20).getBytes(StandardCharsets.UTF_8));
            case 7 ->
                random.nextBoolean()
                        ? new UUID(random.nextLong(), random.nextLong())
                        : new LegacyUUID(random.nextLong(), random.nextLong());
            case 8 -> new ObjectId();
            case 9 -> random.nextBoolean() ? MinKey.getInstance() : MaxKey.getInstance();
            case 10 ->
                random.nextBoolean()
                        ? new BsonTimestamp(random.nextLong())
                        : Decimal128.fromNumber(BigDecimal.valueOf(random.nextInt()));
            case 11 -> new BsonRegularExpression(text(5), "i");
            case 12 -> text(40);
            case 13 -> document(depth + 1);
            default -> {
                List<Object> items = new ArrayList<>();
                for (int left = random.nextInt(12); left > 0; left--) {
                    items.add(value(depth + 1));
                }
                yield items;
            }
        };
    }

    private String text(int longest) {
        String letters = "abcdefgh.$-\u00e4\u20ac\ud83d\ude00";
        StringBuilder text = new StringBuilder();
        for (int left = random.nextInt(longest + 1); left > 0; left--) {
            text.appendCodePoint(letters.codePointAt(random.nextInt(letters.length() - 2)));
        }
        return text.toString();
    }
}
