package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** Reads a root file system that lies unpacked in a directory, as if it were one layer. Nothing is followed out of it. */
public final class RootFs {

    private static final int BUFFER_BYTES = 64 << 10;

    private final Path root;
    private final LayerLimits limits;
    private final Deadline deadline;
    private final FactsWriter facts;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private long bytes;
    private boolean wasAllReadable = true;

    private RootFs(Path root, LayerLimits limits, List<FactsKind> kinds) {
        this.root = root;
        this.limits = limits;
        this.deadline = new Deadline(limits.maxTime());
        this.facts = new FactsWriter(kinds, limits);
    }

    /**
     * What cannot be read is noted, and the facts are then not {@link LayerFacts#isComplete complete}. Names that start with {@code .wh.} are just names.
     *
     * @param directory may itself be a link to one
     * @throws LayerException past a limit, with the facts known so far
     * @throws IOException when the directory itself is none or cannot be listed
     */
    public static LayerFacts read(Path directory, LayerLimits limits, List<FactsKind> kinds)
            throws LayerException, IOException {
        if (!Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory.toString());
        }
        RootFs rootFs = new RootFs(directory.toRealPath(), limits, kinds);
        List<Path> top = rootFs.children(rootFs.root);
        try {
            rootFs.walk(top, "", 1);
        } catch (LayerFault fault) {
            throw new LayerException(
                    new Reason(fault.code(), directory + ": " + fault.getMessage()), rootFs.finish(false), fault);
        }
        return rootFs.finish(rootFs.wasAllReadable);
    }

    private LayerFacts finish(boolean complete) {
        return facts.finish(null, null, 0, bytes, complete);
    }

    private List<Path> children(Path directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            for (Path child : stream) {
                if (children.size() > limits.maxEntries()) {
                    break;
                }
                children.add(child);
            }
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        Collections.sort(children);
        return children;
    }

    private void walk(List<Path> children, String prefix, int depth) throws LayerFault {
        if (depth > limits.maxDepth()) {
            throw LayerFault.limit(
                    "the path '" + prefix + "' has more components than the limit of " + limits.maxDepth());
        }
        for (Path child : children) {
            deadline.check();
            String path = prefix + child.getFileName();
            byte[] name = path.getBytes(StandardCharsets.UTF_8);
            if (name.length > limits.maxPathBytes()) {
                throw LayerFault.limit("the path " + PathBytes.quoted(name) + " is longer than the limit of "
                        + limits.maxPathBytes() + " bytes");
            }
            try {
                visit(child, path, name, depth);
            } catch (LayerFault e) {
                throw e;
            } catch (IOException e) {
                wasAllReadable = false;
                facts.note(Reason.Code.FILE_INVALID, path + ": cannot be read: " + e);
            }
        }
    }

    private void visit(Path child, String path, byte[] name, int depth) throws IOException {
        PosixFileAttributes attributes =
                Files.readAttributes(child, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        int mode = mode(attributes.permissions());
        if (attributes.isDirectory()) {
            facts.add(EntryLog.Kind.DIRECTORY, name, mode, null);
            walk(children(child), path + "/", depth + 1);
        } else if (attributes.isSymbolicLink()) {
            byte[] target = Files.readSymbolicLink(child).toString().getBytes(StandardCharsets.UTF_8);
            facts.add(EntryLog.Kind.SYMLINK, name, mode, target);
        } else if (attributes.isRegularFile()) {
            readFile(child, name, mode, attributes.size());
        } else {
            facts.add(EntryLog.Kind.OTHER, name, mode, null);
        }
    }

    /** Up to the size it had when it was looked at. Files of size 0 are not opened: those of /proc and /sys may block. */
    private void readFile(Path file, byte[] name, int mode, long size) throws IOException {
        if (size > limits.maxFileBytes()) {
            throw LayerFault.limit("the file " + PathBytes.quoted(name) + " of " + size
                    + " bytes is longer than the limit of " + limits.maxFileBytes() + " bytes");
        }
        FactsWriter.OpenFile open = null;
        boolean done = false;
        try {
            if (size == 0) {
                open = facts.open(name, mode, 0, new byte[0]);
            } else {
                try (SeekableByteChannel channel =
                        Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
                    open = readContent(channel, name, mode, size);
                }
            }
            done = true;
        } finally {
            if (!done) {
                // The file is there, what it holds is not known.
                facts.openUnread(name, mode, size);
            }
        }
        open.finish();
    }

    private FactsWriter.OpenFile readContent(SeekableByteChannel channel, byte[] name, int mode, long size)
            throws IOException {
        long left = size;
        int head = fill(channel, (int) Math.min(Interest.HEAD_BYTES, left));
        FactsWriter.OpenFile open = facts.open(name, mode, size, Arrays.copyOf(buffer.array(), head));
        left -= head;
        bytes += head;
        if (open.isWanted()) {
            open.accept(buffer.array(), 0, head);
        }
        while (left > 0 && open.isWanted()) {
            deadline.check();
            int count = fill(channel, (int) Math.min(BUFFER_BYTES, left));
            if (count == 0) {
                throw new IOException("shorter than the " + size + " bytes it had a moment ago");
            }
            open.accept(buffer.array(), 0, count);
            left -= count;
            bytes += count;
            if (bytes > limits.maxBytesOut()) {
                throw LayerFault.limit("more than the limit of " + limits.maxBytesOut() + " bytes");
            }
        }
        return open;
    }

    private int fill(SeekableByteChannel channel, int most) throws IOException {
        buffer.clear().limit(most);
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
            // Until the buffer is full or the file ends.
        }
        return buffer.position();
    }

    private static int mode(Set<PosixFilePermission> permissions) {
        int mode = 0;
        for (PosixFilePermission permission : FROM_HIGHEST_BIT) {
            mode = mode << 1 | (permissions.contains(permission) ? 1 : 0);
        }
        return mode;
    }

    private static final List<PosixFilePermission> FROM_HIGHEST_BIT = List.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.OWNER_EXECUTE,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);
}
