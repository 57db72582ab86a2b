package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** jib and Jackson are this module's own business: whoever compiles against it must not need them. */
class PublicDoorTest {

    @Test
    void showsNoTypeOfALibrary() throws Exception {
        Path classes = Path.of(Registry.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.walk(classes)) {
            files.map(file -> classes.relativize(file).toString().replace('/', '.'))
                    .filter(name -> name.endsWith(".class") && !name.contains("-info"))
                    .forEach(name -> names.add(name.substring(0, name.length() - ".class".length())));
        }
        int doors = 0;
        for (String name : names) {
            Class<?> type = Class.forName(name, false, getClass().getClassLoader());
            if (Modifier.isPublic(type.getModifiers())) {
                doors++;
                for (Method method : type.getDeclaredMethods()) {
                    if (Modifier.isPublic(method.getModifiers())) {
                        assertThat(method.toGenericString()).doesNotContain("com.google", "tools.jackson", "com.sun");
                    }
                }
            }
        }
        assertThat(doors).isGreaterThan(15);
    }
}
