package io.basewatch.standalone;

import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The day that {@code --as-of} names. */
final class AsOf implements ITypeConverter<LocalDate> {

    private static final LocalDate FIRST = LocalDate.of(1990, 1, 1);
    private static final LocalDate LAST = LocalDate.of(2099, 12, 31);

    @Override
    public LocalDate convert(String text) {
        try {
            LocalDate day = LocalDate.parse(text);
            if (!day.isBefore(FIRST) && !day.isAfter(LAST)) {
                return day;
            }
        } catch (DateTimeParseException e) {
            // told below
        }
        throw new TypeConversionException(
                "'" + text + "' is not a day from " + FIRST + " to " + LAST + ": write it as in 2027-07-01");
    }
}
