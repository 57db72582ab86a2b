package io.basewatch.standalone;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A port of this machine, from the command line: refused before anything is started when there can be none of that number. */
final class Port implements ITypeConverter<Integer> {

    private static final int LAST = 65_535;

    @Override
    public Integer convert(String text) {
        if (text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= LAST) {
            return Integer.parseInt(text);
        }
        throw new TypeConversionException("'" + text + "' is no port: give a number from 0 to " + LAST);
    }
}
