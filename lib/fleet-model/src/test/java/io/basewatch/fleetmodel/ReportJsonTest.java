package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportJsonTest {

    private static final String HARD = "\"quoted\" \\ / \n\t\u0001\u001b\u007f\u2028é€😀 <&>";

    @Test
    void writesAllThatAReportCanHoldAsDatabindDoes() throws ReflectiveOperationException {
        assertSame((ImageReport) made(ImageReport.class, true, 2));
    }

    @Test
    void writesAReportWithoutAllThatItCanLackAsDatabindDoes() throws ReflectiveOperationException {
        assertSame((ImageReport) made(ImageReport.class, false, 0));
        assertSame((ImageReport) made(ImageReport.class, false, 1));
    }

    private static void assertSame(ImageReport report) {
        assertThat(ReportJson.write(report)).isEqualTo(ModelJson.write(report));
    }

    /** A value of any type that reports are made of, so that a component that is added later is compared as well. */
    private static Object made(Type type, boolean full, int listed) throws ReflectiveOperationException {
        if (type instanceof ParameterizedType generic) {
            if (generic.getRawType() == Map.class) {
                return full ? Map.of("a", HARD, HARD, "b") : Map.of();
            }
            assertThat(generic.getRawType()).isEqualTo(List.class);
            List<Object> values = new ArrayList<>();
            for (int n = 0; n < listed; n++) {
                values.add(made(generic.getActualTypeArguments()[0], full, listed));
            }
            return values;
        }
        Class<?> of = (Class<?>) type;
        if (of == String.class) {
            return HARD;
        }
        if (of == Integer.class || of == int.class) {
            return Integer.MAX_VALUE;
        }
        if (of == boolean.class) {
            return full;
        }
        if (of == Long.class) {
            return Long.MAX_VALUE;
        }
        if (of == LocalDate.class) {
            return LocalDate.of(2026, 1, 2);
        }
        if (of == Digest.class) {
            return new Digest("sha256", "a".repeat(64));
        }
        if (of == PackageSketch.class) {
            return PackageSketch.of(1, 2);
        }
        if (of.isEnum()) {
            return of.getEnumConstants()[of.getEnumConstants().length - 1];
        }
        assertThat(of.isRecord())
                .as("%s is of a kind that this test can make", of)
                .isTrue();
        RecordComponent[] components = of.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        for (int n = 0; n < components.length; n++) {
            types[n] = components[n].getType();
            boolean lacking = !full
                    && components[n].getAnnotatedType().isAnnotationPresent(org.jspecify.annotations.Nullable.class);
            values[n] = lacking ? null : made(components[n].getGenericType(), full, listed);
        }
        Constructor<?> constructor = of.getDeclaredConstructor(types);
        return constructor.newInstance(values);
    }
}
