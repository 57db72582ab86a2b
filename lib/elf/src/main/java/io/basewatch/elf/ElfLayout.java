package io.basewatch.elf;

import io.basewatch.layerfacts.PackedReader;
import io.basewatch.layerfacts.PackedWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * What the file wants of memory, by its program headers.
 *
 * @param stackBytes p_memsz of PT_GNU_STACK; -1 when there is none
 * @param executableStack whether PT_GNU_STACK asks for one; where there is none the machine's default holds
 * @param tlsBytes p_memsz of PT_TLS; -1 when there is none
 * @param tlsAlign p_align of PT_TLS; 0 when there is none
 * @param leastLoadAlign the smallest p_align of all PT_LOAD, which must not be under the kernel's page size; 0 when there is none
 * @param mostLoadAlign the largest
 * @param writableCode whether a PT_LOAD may be written and executed
 * @param properties of NT_GNU_PROPERTY_TYPE_0: branch protection, levels of the instruction set
 */
public record ElfLayout(
        long stackBytes,
        boolean executableStack,
        long tlsBytes,
        long tlsAlign,
        long leastLoadAlign,
        long mostLoadAlign,
        boolean writableCode,
        List<Property> properties) {

    /** @param value the first eight bytes at most */
    public record Property(long type, long value) {}

    public ElfLayout {
        properties = List.copyOf(properties);
    }

    void write(PackedWriter out) {
        out.number(stackBytes + 1).flag(executableStack);
        out.number(tlsBytes + 1).number(tlsAlign);
        out.number(leastLoadAlign).number(mostLoadAlign).flag(writableCode);
        out.number(properties.size());
        properties.forEach(property -> out.number(property.type()).number(property.value()));
    }

    static ElfLayout read(PackedReader in) {
        long stackBytes = in.number() - 1;
        boolean executableStack = in.flag();
        long tlsBytes = in.number() - 1;
        long tlsAlign = in.number();
        long leastLoadAlign = in.number();
        long mostLoadAlign = in.number();
        boolean writableCode = in.flag();
        List<Property> properties = new ArrayList<>();
        for (int left = in.count(); left > 0; left--) {
            properties.add(new Property(in.number(), in.number()));
        }
        return new ElfLayout(
                stackBytes,
                executableStack,
                tlsBytes,
                tlsAlign,
                leastLoadAlign,
                mostLoadAlign,
                writableCode,
                properties);
    }
}
