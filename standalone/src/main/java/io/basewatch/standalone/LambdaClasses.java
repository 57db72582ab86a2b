package io.basewatch.standalone;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Writes the class of each lambda of a jar beforehand. The JVM makes or finds it where the lambda is evaluated for the first time, which takes some 0.15 ms of what is not compiled yet, and a run
 * over one image evaluates five hundred (docs/adr/0020). What a class does stays the same; those of serializable lambdas, of which there are none of ours, stay the JVM's.
 *
 * <p>Source: {@code java.lang.invoke.LambdaMetafactory} for what a lambda's class does and how values are converted; JVMS §4.7.28 and §4.7.29 for who may call private methods.
 */
final class LambdaClasses {

    private static final int API = Opcodes.ASM9;

    private static final String METAFACTORY = "java/lang/invoke/LambdaMetafactory";
    private static final String CLASS = ".class";
    private static final String INIT = "<init>";
    private static final String OBJECT = "java/lang/Object";
    private static final String NOTHING_GIVEN = "()V";

    /** Of a lambda that captures nothing: the only one. */
    private static final String ONLY = "ONLY";

    private static final String MAKE = "make";

    private final Map<String, byte[]> classes = new LinkedHashMap<>();

    /** Classes that may call each other's private methods, by the one that lists them. */
    private final Map<String, List<String>> nests = new HashMap<>();

    private LambdaClasses() {}

    /**
     * @param classes by their names in the jar; with all classes that share a nest
     * @return these and those of their lambdas, in the same order
     */
    static Map<String, byte[]> written(Map<String, byte[]> classes) {
        LambdaClasses written = new LambdaClasses();
        classes.forEach(written::add);
        written.nests.forEach(written::addMembers);
        return written.classes;
    }

    private void add(String file, byte[] code) {
        ClassReader reader = new ClassReader(code);
        ClassWriter writer = new ClassWriter(reader, 0);
        classes.put(file, code);
        reader.accept(new Outer(writer), 0);
        classes.put(file, writer.toByteArray());
    }

    private void addMembers(String host, List<String> members) {
        ClassReader reader = new ClassReader(classes.get(host + CLASS));
        ClassWriter writer = new ClassWriter(reader, 0);
        reader.accept(
                new ClassVisitor(API, writer) {
                    @Override
                    public void visitEnd() {
                        members.forEach(this::visitNestMember);
                        super.visitEnd();
                    }
                },
                0);
        classes.put(host + CLASS, writer.toByteArray());
    }

    /** A class with lambdas: asks their classes for them. */
    private final class Outer extends ClassVisitor {

        private int version;
        private String name = "";
        private String host = "";
        private int lambdas;

        Outer(ClassVisitor writer) {
            super(API, writer);
        }

        @Override
        public void visit(
                int version, int access, String name, String signature, String superName, String[] interfaces) {
            this.version = version;
            this.name = name;
            this.host = name;
            super.visit(version, access, name, signature, superName, interfaces);
        }

        @Override
        public void visitNestHost(String nestHost) {
            host = nestHost;
            super.visitNestHost(nestHost);
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String method, String descriptor, String signature, String[] exceptions) {
            return new MethodVisitor(API, super.visitMethod(access, method, descriptor, signature, exceptions)) {
                @Override
                public void visitInvokeDynamicInsn(String method, String site, Handle factory, Object... given) {
                    if (!factory.getOwner().equals(METAFACTORY)
                            || !factory.getName().equals("metafactory")) {
                        super.visitInvokeDynamicInsn(method, site, factory, given);
                        return;
                    }
                    String lambda = name + "$$Lambda" + lambdas++;
                    classes.put(
                            lambda + CLASS,
                            new Lambda(version, lambda, host, method, site, (Handle) given[1])
                                    .written((Type) given[0], (Type) given[2]));
                    nests.computeIfAbsent(host, any -> new ArrayList<>()).add(lambda);
                    Type made = Type.getObjectType(lambda);
                    Type[] captured = Type.getArgumentTypes(site);
                    if (captured.length == 0) {
                        visitFieldInsn(Opcodes.GETSTATIC, lambda, ONLY, made.getDescriptor());
                    } else {
                        visitMethodInsn(
                                Opcodes.INVOKESTATIC, lambda, MAKE, Type.getMethodDescriptor(made, captured), false);
                    }
                }
            };
        }
    }

    /** The class of one lambda. */
    private static final class Lambda {

        private final ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        private final String name;
        private final String method;
        private final Type[] captured;

        /** What it does. */
        private final Handle body;

        Lambda(int version, String name, String host, String method, String site, Handle body) {
            this.name = name;
            this.method = method;
            this.captured = Type.getArgumentTypes(site);
            this.body = body;
            writer.visit(
                    version,
                    Opcodes.ACC_FINAL | Opcodes.ACC_SYNTHETIC | Opcodes.ACC_SUPER,
                    name,
                    null,
                    OBJECT,
                    new String[] {Type.getReturnType(site).getInternalName()});
            writer.visitNestHost(host);
        }

        /**
         * @param erased its method, as it is declared
         * @param actual its method, as it is used
         */
        byte[] written(Type erased, Type actual) {
            writeConstructor();
            if (captured.length == 0) {
                writeOnly();
            } else {
                writeMake();
            }
            writeMethod(erased, actual);
            writer.visitEnd();
            return writer.toByteArray();
        }

        private void writeConstructor() {
            MethodVisitor code = begin(0, INIT, Type.getMethodDescriptor(Type.VOID_TYPE, captured));
            code.visitVarInsn(Opcodes.ALOAD, 0);
            code.visitMethodInsn(Opcodes.INVOKESPECIAL, OBJECT, INIT, NOTHING_GIVEN, false);
            int local = 1;
            for (int n = 0; n < captured.length; n++) {
                writer.visitField(
                                Opcodes.ACC_PRIVATE | Opcodes.ACC_FINAL,
                                field(n),
                                captured[n].getDescriptor(),
                                null,
                                null)
                        .visitEnd();
                code.visitVarInsn(Opcodes.ALOAD, 0);
                local = load(code, captured[n], local);
                code.visitFieldInsn(Opcodes.PUTFIELD, name, field(n), captured[n].getDescriptor());
            }
            end(code, Type.VOID_TYPE);
        }

        private void writeOnly() {
            Type self = Type.getObjectType(name);
            writer.visitField(Opcodes.ACC_STATIC | Opcodes.ACC_FINAL, ONLY, self.getDescriptor(), null, null)
                    .visitEnd();
            MethodVisitor code = begin(Opcodes.ACC_STATIC, "<clinit>", NOTHING_GIVEN);
            code.visitTypeInsn(Opcodes.NEW, name);
            code.visitInsn(Opcodes.DUP);
            code.visitMethodInsn(Opcodes.INVOKESPECIAL, name, INIT, NOTHING_GIVEN, false);
            code.visitFieldInsn(Opcodes.PUTSTATIC, name, ONLY, self.getDescriptor());
            end(code, Type.VOID_TYPE);
        }

        private void writeMake() {
            Type self = Type.getObjectType(name);
            MethodVisitor code = begin(Opcodes.ACC_STATIC, MAKE, Type.getMethodDescriptor(self, captured));
            code.visitTypeInsn(Opcodes.NEW, name);
            code.visitInsn(Opcodes.DUP);
            int local = 0;
            for (Type value : captured) {
                local = load(code, value, local);
            }
            code.visitMethodInsn(
                    Opcodes.INVOKESPECIAL, name, INIT, Type.getMethodDescriptor(Type.VOID_TYPE, captured), false);
            end(code, self);
        }

        private void writeMethod(Type erased, Type actual) {
            MethodVisitor code = begin(Opcodes.ACC_PUBLIC, method, erased.getDescriptor());
            boolean makes = body.getTag() == Opcodes.H_NEWINVOKESPECIAL;
            List<Type> taken = new ArrayList<>();
            if (makes) {
                code.visitTypeInsn(Opcodes.NEW, body.getOwner());
                code.visitInsn(Opcodes.DUP);
            } else if (body.getTag() != Opcodes.H_INVOKESTATIC) {
                taken.add(Type.getObjectType(body.getOwner()));
            }
            taken.addAll(List.of(Type.getArgumentTypes(body.getDesc())));
            for (int n = 0; n < captured.length; n++) {
                code.visitVarInsn(Opcodes.ALOAD, 0);
                code.visitFieldInsn(Opcodes.GETFIELD, name, field(n), captured[n].getDescriptor());
                convert(code, captured[n], captured[n], taken.get(n));
            }
            Type[] declared = Type.getArgumentTypes(erased.getDescriptor());
            Type[] used = Type.getArgumentTypes(actual.getDescriptor());
            int local = 1;
            for (int n = 0; n < declared.length; n++) {
                local = load(code, declared[n], local);
                convert(code, declared[n], used[n], taken.get(captured.length + n));
            }
            code.visitMethodInsn(call(), body.getOwner(), body.getName(), body.getDesc(), body.isInterface());
            Type got = makes ? Type.getObjectType(body.getOwner()) : Type.getReturnType(body.getDesc());
            Type wanted = Type.getReturnType(erased.getDescriptor());
            if (wanted.getSort() != Type.VOID) {
                convert(code, got, got, wanted);
            } else if (got.getSize() > 0) {
                code.visitInsn(got.getSize() == 1 ? Opcodes.POP : Opcodes.POP2);
            }
            end(code, wanted);
        }

        /** Of the same nest, so that private methods are called like all others. */
        private int call() {
            return switch (body.getTag()) {
                case Opcodes.H_INVOKESTATIC -> Opcodes.INVOKESTATIC;
                case Opcodes.H_NEWINVOKESPECIAL -> Opcodes.INVOKESPECIAL;
                default -> body.isInterface() ? Opcodes.INVOKEINTERFACE : Opcodes.INVOKEVIRTUAL;
            };
        }

        private MethodVisitor begin(int access, String method, String descriptor) {
            MethodVisitor code = writer.visitMethod(access, method, descriptor, null, null);
            code.visitCode();
            return code;
        }

        private static void end(MethodVisitor code, Type returned) {
            code.visitInsn(returned.getOpcode(Opcodes.IRETURN));
            code.visitMaxs(0, 0);
            code.visitEnd();
        }

        /** @return the next local variable */
        private static int load(MethodVisitor code, Type value, int local) {
            code.visitVarInsn(value.getOpcode(Opcodes.ILOAD), local);
            return local + value.getSize();
        }

        private static String field(int n) {
            return "captured" + n;
        }
    }

    /** @param used what a value that is declared as {@code from} is known to be: where it is a number in its box, of which kind */
    private static void convert(MethodVisitor code, Type from, Type used, Type to) {
        if (isPrimitive(from) && isPrimitive(to)) {
            widen(code, from, to);
        } else if (isPrimitive(from)) {
            String box = Box.of(from).name;
            code.visitMethodInsn(
                    Opcodes.INVOKESTATIC,
                    box,
                    "valueOf",
                    Type.getMethodDescriptor(Type.getObjectType(box), from),
                    false);
        } else if (isPrimitive(to)) {
            Box box = Box.named(used.getInternalName(), to);
            cast(code, from, Type.getObjectType(box.name));
            code.visitMethodInsn(
                    Opcodes.INVOKEVIRTUAL,
                    box.name,
                    box.value.getClassName() + "Value",
                    Type.getMethodDescriptor(box.value),
                    false);
            widen(code, box.value, to);
        } else {
            cast(code, from, to);
        }
    }

    private static void cast(MethodVisitor code, Type from, Type to) {
        if (!from.equals(to) && !to.getInternalName().equals(OBJECT)) {
            code.visitTypeInsn(Opcodes.CHECKCAST, to.getInternalName());
        }
    }

    /** JLS §5.1.2. */
    private static void widen(MethodVisitor code, Type from, Type to) {
        if (from.equals(to)) {
            return;
        }
        boolean isLong = from.getSort() == Type.LONG;
        boolean isFloat = from.getSort() == Type.FLOAT;
        switch (to.getSort()) {
            case Type.LONG -> code.visitInsn(Opcodes.I2L);
            case Type.FLOAT -> code.visitInsn(isLong ? Opcodes.L2F : Opcodes.I2F);
            case Type.DOUBLE -> code.visitInsn(isLong ? Opcodes.L2D : isFloat ? Opcodes.F2D : Opcodes.I2D);
            default -> {
                // All smaller ones are ints to the JVM.
            }
        }
    }

    private static boolean isPrimitive(Type type) {
        return type.getSort() < Type.ARRAY;
    }

    /**
     * JLS §5.1.7.
     *
     * @param name of its class, as the JVM writes it
     */
    private record Box(String name, Type value) {

        private static final List<Box> ALL = List.of(
                new Box("java/lang/Boolean", Type.BOOLEAN_TYPE),
                new Box("java/lang/Character", Type.CHAR_TYPE),
                new Box("java/lang/Byte", Type.BYTE_TYPE),
                new Box("java/lang/Short", Type.SHORT_TYPE),
                new Box("java/lang/Integer", Type.INT_TYPE),
                new Box("java/lang/Float", Type.FLOAT_TYPE),
                new Box("java/lang/Long", Type.LONG_TYPE),
                new Box("java/lang/Double", Type.DOUBLE_TYPE));

        static Box of(Type value) {
            return ALL.stream()
                    .filter(box -> box.value.equals(value))
                    .findFirst()
                    .orElseThrow();
        }

        /** @param value of which kind it is where a number's box is known only as an object */
        static Box named(String name, Type value) {
            return ALL.stream().filter(box -> box.name.equals(name)).findFirst().orElseGet(() -> of(value));
        }
    }
}
