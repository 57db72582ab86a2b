package io.basewatch.layerfacts;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** Java's own. */
class ZlibInflater implements RawInflater {

    private final Inflater inflater = new Inflater(true);
    private @Nullable LayerFault broken;

    @Override
    public boolean needsInput() {
        return broken == null && inflater.needsInput();
    }

    @Override
    public void setInput(byte[] bytes, int offset, int length) {
        inflater.setInput(bytes, offset, length);
    }

    /** What a stream gave before it broke is given first. */
    @Override
    public int inflate(byte[] target, int offset, int length) throws LayerFault {
        if (broken != null) {
            throw broken;
        }
        long before = inflater.getBytesWritten();
        try {
            int count = inflater.inflate(target, offset, length);
            if (inflater.needsDictionary()) {
                throw LayerFault.corrupt("the gzip stream is broken: it wants a preset dictionary");
            }
            return count;
        } catch (DataFormatException e) {
            broken = LayerFault.corrupt("the gzip stream is broken: " + e.getMessage());
            int count = (int) (inflater.getBytesWritten() - before);
            if (count == 0) {
                throw broken;
            }
            return count;
        }
    }

    @Override
    public boolean hasEnded() {
        return inflater.finished();
    }

    @Override
    public int remaining() {
        return inflater.getRemaining();
    }

    /** It looks at no byte behind the stream. */
    @Override
    public int giveBack() {
        return -1;
    }

    @Override
    public void reset() {
        inflater.reset();
    }

    @Override
    public void close() {
        inflater.end();
    }
}
