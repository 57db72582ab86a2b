package io.basewatch.layerfacts;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.Deflater;

/** The two functions of the shared library ISA-L that inflate (igzip_lib.h), loaded into this process for as long as it lives. Thread-safe. */
final class IsalLibrary {

    /** Of the library's {@code struct inflate_state}, in bytes, with room to spare: it has 87 kB. */
    private static final int STATE_BYTES = 128 << 10;

    // Where its fields lie on a 64-bit machine. That they do is tried when it is loaded.
    private static final int NEXT_OUT = 0;
    private static final int AVAIL_OUT = 8;
    private static final int NEXT_IN = 16;
    private static final int READ_IN = 24;
    private static final int AVAIL_IN = 32;
    private static final int READ_IN_LENGTH = 36;

    /** Behind the tables of both codes. */
    private static final int BLOCK_STATE = 40 + (4 << 12) + 2 * 1264 + (2 << 10) + 2 * 80;

    private static final int ISAL_BLOCK_FINISH = 5;

    private static final int IN_BYTES = 64 << 10;
    private static final int OUT_BYTES = Chunk.BYTES;

    private static final CallContext INIT = call(Type.VOID);
    private static final CallContext INFLATE = call(Type.SINT32);

    private static final ByteBuffer FREED = ByteBuffer.allocate(0);

    private final long init;
    private final long inflate;

    /** Keeps it loaded. */
    private final Library library;

    /**
     * @throws LinkageError when it cannot be loaded, or is not as is known here
     */
    IsalLibrary(File file) {
        if (Type.POINTER.size() != Long.BYTES) {
            throw new UnsatisfiedLinkError("pointers have " + Type.POINTER.size() + " bytes, not 8");
        }
        library = Library.openLibrary(file.getPath(), Library.LAZY);
        if (library == null) {
            throw new UnsatisfiedLinkError(file + ": " + Library.getLastError());
        }
        init = address("isal_inflate_init", file);
        inflate = address("isal_inflate", file);
        if (!inflates()) {
            throw new UnsatisfiedLinkError(file + " does not inflate as is known");
        }
    }

    private long address(String function, File file) {
        long address = library.getSymbolAddress(function);
        if (address == 0) {
            throw new UnsatisfiedLinkError(file + " has no " + function);
        }
        return address;
    }

    private static CallContext call(Type result) {
        return CallContext.getCallContext(result, new Type[] {Type.POINTER}, CallingConvention.DEFAULT, false);
    }

    /** A stream in two parts, with bytes behind it. */
    private boolean inflates() {
        byte[] plain = new byte[3000];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (byte) ((i * i) >>> 3);
        }
        byte[] stream = new byte[2 * plain.length];
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(plain);
        deflater.finish();
        int length = deflater.deflate(stream);
        deflater.end();
        stream[length] = 42;
        byte[] target = new byte[plain.length + 1];
        try (RawInflater inflater = open()) {
            inflater.setInput(stream, 0, length / 2);
            int count = inflater.inflate(target, 0, target.length);
            if (!inflater.needsInput() || inflater.hasEnded()) {
                return false;
            }
            inflater.setInput(stream, length / 2, length - length / 2 + 1);
            count += inflater.inflate(target, count, target.length - count);
            int behind = inflater.giveBack();
            return count == plain.length
                    && Arrays.equals(plain, 0, count, target, 0, count)
                    && inflater.hasEnded()
                    && (behind == 42 ? inflater.remaining() == 0 : behind < 0 && inflater.remaining() == 1);
        } catch (LayerFault e) {
            return false;
        }
    }

    RawInflater open() {
        return new Inflater();
    }

    /** Its memory lies outside the heap, and is there from the begin to the end. */
    private final class Inflater implements RawInflater {

        private final long memory = allocate(STATE_BYTES + IN_BYTES + OUT_BYTES);
        private final long inAt = memory + STATE_BYTES;
        private final long outAt = inAt + IN_BYTES;

        private ByteBuffer state = view(memory, STATE_BYTES);
        private ByteBuffer in = view(inAt, IN_BYTES);
        private ByteBuffer out = view(outAt, OUT_BYTES);

        private byte[] input = {};
        private int position;
        private int limit;

        /** Of the input, last, in bytes. */
        private int given;

        /** All that can come out of what it was given has come out. */
        private boolean dry = true;

        private boolean ended;
        private boolean freed;

        /** The bytes of which it has looked at some bits or none, the next one lowest. */
        private long lookedAt;

        private int lookedAtBytes;

        Inflater() {
            init();
        }

        private static long allocate(int bytes) {
            long address = MemoryIO.getInstance().allocateMemory(bytes, true);
            if (address == 0) {
                throw new OutOfMemoryError("no memory of " + bytes + " bytes outside the heap");
            }
            return address;
        }

        private static ByteBuffer view(long address, int bytes) {
            return MemoryIO.getInstance().newDirectByteBuffer(address, bytes).order(ByteOrder.nativeOrder());
        }

        private void init() {
            if (freed) {
                throw new IllegalStateException("it is closed");
            }
            Invoker.getInstance().invokeL1(INIT, init, memory);
        }

        @Override
        public boolean needsInput() {
            return !ended && dry && position == limit && state.getInt(AVAIL_IN) == 0;
        }

        @Override
        public void setInput(byte[] bytes, int offset, int length) {
            input = bytes;
            position = offset;
            limit = offset + length;
        }

        @Override
        public int inflate(byte[] target, int offset, int length) throws LayerFault {
            int count = 0;
            while (count == 0 && !ended && !needsInput()) {
                give();
                int most = Math.min(length, OUT_BYTES);
                state.putLong(NEXT_OUT, outAt);
                state.putInt(AVAIL_OUT, most);
                int code = (int) Invoker.getInstance().invokeL1(INFLATE, inflate, memory);
                if (code != 0) {
                    throw LayerFault.corrupt("the gzip stream is broken: ISA-L says " + code);
                }
                int left = state.getInt(AVAIL_OUT);
                if (left < 0 || left > most) {
                    throw LayerFault.corrupt("the gzip stream is broken: ISA-L left " + left + " bytes of " + most);
                }
                count = most - left;
                out.get(0, target, offset, count);
                dry = left > 0;
                if (state.getInt(BLOCK_STATE) == ISAL_BLOCK_FINISH) {
                    end();
                }
            }
            return count;
        }

        private void give() {
            if (state.getInt(AVAIL_IN) > 0) {
                return;
            }
            int part = Math.min(limit - position, IN_BYTES);
            in.put(0, input, position, part);
            position += part;
            state.putLong(NEXT_IN, inAt);
            state.putInt(AVAIL_IN, part);
            given = part;
        }

        private void end() throws LayerFault {
            int unread = state.getInt(AVAIL_IN);
            int bits = state.getInt(READ_IN_LENGTH);
            if (unread < 0 || unread > given || bits < 0 || bits > Long.SIZE) {
                throw LayerFault.corrupt(
                        "the gzip stream is broken: ISA-L left " + unread + " bytes and " + bits + " bits");
            }
            ended = true;
            position -= unread;
            lookedAt = state.getLong(READ_IN) >>> (bits & 7);
            lookedAtBytes = bits >>> 3;
        }

        @Override
        public boolean hasEnded() {
            return ended;
        }

        @Override
        public int remaining() {
            return limit - position + (ended ? 0 : state.getInt(AVAIL_IN));
        }

        @Override
        public int giveBack() {
            if (lookedAtBytes == 0) {
                return -1;
            }
            lookedAtBytes--;
            int next = (int) lookedAt & 0xff;
            lookedAt >>>= 8;
            return next;
        }

        @Override
        public void reset() {
            init();
            setInput(new byte[0], 0, 0);
            ended = false;
            dry = true;
            lookedAtBytes = 0;
        }

        @Override
        public void close() {
            if (!freed) {
                freed = true;
                state = in = out = FREED;
                MemoryIO.getInstance().freeMemory(memory);
            }
        }
    }
}
