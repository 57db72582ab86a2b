package io.basewatch.elf;

import io.basewatch.elf.reading.ElfProbe;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.FileProbe;
import io.basewatch.layerfacts.Want;
import java.util.Arrays;
import java.util.Random;

/** Feeds files to probes as a layer's stream would. */
public final class ElfProbes {

    private ElfProbes() {}

    public static ElfFacts read(String name, byte[] file) {
        return ElfFacts.decode(feed(name, file, new Random(1)));
    }

    /** @return the probe's facts, after chunks of all sizes */
    public static byte[] feed(String name, byte[] file, Random random) {
        return feed(name, file, file.length, random);
    }

    public static byte[] feed(String name, byte[] file, long announced, Random random) {
        FileEntry entry = new FileEntry("usr/bin/" + name, FileEntry.Type.FILE, announced, 0755, null);
        Want want = ElfProbe.want(entry, Arrays.copyOf(file, Math.min(file.length, 512)));
        if (want.probe() == null) {
            return new byte[0];
        }
        FileProbe probe = want.probe().get();
        int at = 0;
        while (at < file.length) {
            int size = Math.min(file.length - at, 1 + random.nextInt(random.nextBoolean() ? 300 : 100_000));
            probe.accept(file, at, size);
            at += size;
        }
        return probe.finish();
    }
}
