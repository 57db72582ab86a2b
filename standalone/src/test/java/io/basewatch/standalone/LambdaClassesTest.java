package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

class LambdaClassesTest {

    private static final String LAMBDAS = Lambdas.class.getName().replace('.', '/');

    @Test
    void eachKindOfLambdaDoesWhatItDid() throws Exception {
        Map<String, byte[]> compiled = compiled(name -> name.startsWith(LAMBDAS));
        assertThat(sites(compiled.values())).hasSizeGreaterThan(50);

        Map<String, byte[]> written = LambdaClasses.written(compiled);

        assertThat(sites(written.values())).isEmpty();
        Supplier<?> lambdas = (Supplier<?>) new Loader(written)
                .loadClass(Lambdas.class.getName())
                .getConstructor()
                .newInstance();
        assertThat(lambdas.getClass()).isNotEqualTo(Lambdas.class);
        assertThat(lambdas.get()).asString().hasLineCount(71).isEqualTo(new Lambdas().get());
    }

    /** Those of lambdas, and records, are linked, which has the JVM verify their code. */
    @Test
    void allOfOursAreWhatTheVirtualMachineAccepts() throws Exception {
        Map<String, byte[]> ours = compiled(name -> true);
        Map<String, byte[]> written = LambdaClasses.written(ours);
        assertThat(written).hasSizeGreaterThan(ours.size() + 1000);
        assertThat(sites(written.values())).isEmpty();

        Loader loader = new Loader(written);
        int records = 0;
        for (String file : written.keySet()) {
            Class<?> type = loader.loadClass(file.replace('/', '.').substring(0, file.length() - ".class".length()));
            boolean isLambda = file.contains("$$Lambda");
            if (isLambda || type.isRecord()) {
                MethodHandles.privateLookupIn(type, MethodHandles.lookup()).ensureInitialized(type);
            }
            if (isLambda) {
                Class<?> host = type.getNestHost();
                assertThat(host).isNotEqualTo(type);
                assertThat(type.isNestmateOf(host)).as(file).isTrue();
            }
            records += type.isRecord() ? 1 : 0;
        }
        assertThat(records).isGreaterThan(200);
    }

    @Test
    void whatIsWrittenIsTheSameEachTime() throws Exception {
        Map<String, byte[]> ours = compiled(name -> name.contains("/standalone/"));

        Map<String, byte[]> once = LambdaClasses.written(ours);
        Map<String, byte[]> again = LambdaClasses.written(ours);
        Map<String, byte[]> written = LambdaClasses.written(once);

        assertThat(again).containsExactlyEntriesOf(once).isNotEqualTo(ours);
        assertThat(written).containsExactlyEntriesOf(once);
    }

    @Test
    void aRunOverWrittenJarsSaysWhatItSaysOverThoseOfTheBuild(@TempDir Path scratch) throws Exception {
        Path image = scratch.resolve("image");
        SampleImage web = SampleFleet.now().stream()
                .filter(stay -> stay.repository().equals("shop/checkout"))
                .findFirst()
                .orElseThrow()
                .images()
                .get(0);
        web.packed().writeTo(image);
        List<String> classPath = new ArrayList<>();
        List<String> jars = new ArrayList<>(List.of("lambdas"));
        for (String entry : classPath()) {
            if (isOurs(Path.of(entry))) {
                Path jar = scratch.resolve("ours-" + jars.size() + ".jar");
                pack(Path.of(entry), jar);
                jars.add(jar.toString());
                classPath.add(jar.toString());
            } else {
                classPath.add(entry);
            }
        }
        String[] inspect = {"inspect", "--output", "json", "oci:" + image};
        CapturedOutput before = ChildProcess.run(scratch, inspect);

        CapturedOutput writing = ChildProcess.run(scratch, jars.toArray(String[]::new));
        assertThat(writing.err()).isEmpty();
        assertThat(writing.code()).isZero();
        CapturedOutput after = ChildProcess.runOn(String.join(":", classPath), scratch, inspect);

        assertThat(before.code()).as(before.err()).isZero();
        assertThat(after).isEqualTo(before);
        for (String jar : jars.subList(1, jars.size())) {
            try (JarFile written = new JarFile(jar)) {
                assertThat(sites(classes(written).values())).as(jar).isEmpty();
                assertThat(written.getManifest().getMainAttributes().getValue("Of"))
                        .isEqualTo("ours");
            }
        }
    }

    @Test
    void aJarThatCannotBeReadStaysAsItWas(@TempDir Path scratch) throws Exception {
        Path jar = Files.writeString(scratch.resolve("broken.jar"), "no jar");

        CapturedOutput writing = ChildProcess.run(scratch, "lambdas", jar.toString());

        assertThat(writing.code()).isNotZero();
        assertThat(writing.err()).contains("broken.jar");
        assertThat(jar).hasContent("no jar");
        try (Stream<Path> files = Files.list(scratch)) {
            assertThat(files.filter(file -> file.toString().endsWith(".new"))).isEmpty();
        }
    }

    private static List<String> classPath() {
        return List.of(System.getProperty("java.class.path").split(":"));
    }

    /** Whether classes of the product lie there, not of its tests. */
    private static boolean isOurs(Path entry) throws IOException {
        if (Files.isDirectory(entry)) {
            return !entry.endsWith("test-classes") && Files.isDirectory(entry.resolve("io/basewatch"));
        }
        try (ZipFile zip = new ZipFile(entry.toFile())) {
            return zip.stream().anyMatch(file -> file.getName().startsWith("io/basewatch/"));
        }
    }

    /** All of the product, and of these tests; by their names as in a jar. */
    private static Map<String, byte[]> compiled(Predicate<String> wanted) throws IOException {
        Map<String, byte[]> compiled = new LinkedHashMap<>();
        for (String entry : classPath()) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path)) {
                for (Map.Entry<String, byte[]> file : files(path).entrySet()) {
                    if (file.getKey().endsWith(".class") && wanted.test(file.getKey())) {
                        compiled.put(file.getKey(), file.getValue());
                    }
                }
            } else if (isOurs(path)) {
                try (ZipFile zip = new ZipFile(path.toFile())) {
                    classes(zip).forEach((name, code) -> {
                        if (wanted.test(name)) {
                            compiled.put(name, code);
                        }
                    });
                }
            }
        }
        return compiled;
    }

    private static Map<String, byte[]> classes(ZipFile zip) throws IOException {
        Map<String, byte[]> classes = new TreeMap<>();
        for (ZipEntry entry : zip.stream().toList()) {
            if (entry.getName().startsWith("io/basewatch/") && entry.getName().endsWith(".class")) {
                try (InputStream content = zip.getInputStream(entry)) {
                    classes.put(entry.getName(), content.readAllBytes());
                }
            }
        }
        return classes;
    }

    private static Map<String, byte[]> files(Path folder) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    /** As a jar with a manifest; a jar already is taken as it is, but for that. */
    private static void pack(Path entry, Path jar) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        if (Files.isDirectory(entry)) {
            files.putAll(files(entry));
        } else {
            try (ZipFile zip = new ZipFile(entry.toFile())) {
                for (ZipEntry file :
                        zip.stream().filter(file -> !file.isDirectory()).toList()) {
                    files.put(file.getName(), zip.getInputStream(file).readAllBytes());
                }
            }
        }
        files.put("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nOf: ours\n".getBytes(StandardCharsets.UTF_8));
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
                zip.closeEntry();
            }
        }
    }

    /** Where the JVM would still make a lambda's class, or what a record does. */
    private static List<String> sites(Collection<byte[]> classes) {
        List<String> sites = new ArrayList<>();
        for (byte[] code : classes) {
            ClassReader reader = new ClassReader(code);
            reader.accept(
                    new ClassVisitor(Opcodes.ASM9) {
                        @Override
                        public MethodVisitor visitMethod(
                                int access, String method, String descriptor, String signature, String[] exceptions) {
                            return new MethodVisitor(Opcodes.ASM9) {
                                @Override
                                public void visitInvokeDynamicInsn(
                                        String lambda, String type, Handle factory, Object... given) {
                                    if (List.of("metafactory", "bootstrap").contains(factory.getName())) {
                                        sites.add(reader.getClassName() + "." + method);
                                    }
                                }
                            };
                        }
                    },
                    0);
        }
        return sites;
    }

    /** Has these first, and all others from where they are. */
    private static final class Loader extends ClassLoader {

        private final Map<String, byte[]> classes;

        Loader(Map<String, byte[]> classes) {
            super(LambdaClassesTest.class.getClassLoader());
            this.classes = classes;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                byte[] code = classes.get(name.replace('.', '/') + ".class");
                Class<?> loaded = findLoadedClass(name);
                if (loaded == null && code != null) {
                    loaded = defineClass(name, code, 0, code.length);
                }
                return loaded == null ? super.loadClass(name, resolve) : loaded;
            }
        }
    }
}
