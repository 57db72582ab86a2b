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
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Writes beforehand what the JVM makes where it is asked for the first time: the class of each lambda of a jar, and how records are compared, hashed and told. A lambda takes some 0.15 ms of what is not
 * compiled yet, a record of many fields some ten, and a run over one image evaluates five hundred lambdas (docs/adr/0020). What a class does stays the same; those of serializable lambdas, of which
 * there are none of ours, stay the JVM's.
 *
 * <p>Source: {@code java.lang.invoke.LambdaMetafactory} and {@code java.lang.runtime.ObjectMethods} for what is done and how values are converted; JVMS §4.7.28 and §4.7.29 for who may call private
 * methods.
 */
final class LambdaClasses {

    private static final int API = Opcodes.ASM9;

    private static final String METAFACTORY = "java/lang/invoke/LambdaMetafactory";
    private static final String OF_RECORDS = "java/lang/runtime/ObjectMethods";
    private static final String OURS = "io/basewatch/";
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

    /** Whether a file of a jar is a class of this product. */
    static boolean isOurs(String file) {
        return file.startsWith(OURS) && file.endsWith(CLASS);
    }

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
        ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
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

        /** What records do by themselves, by the methods' names: written when all else is. */
        private final Map<String, Runnable> ofRecord = new LinkedHashMap<>();

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
        public void visitEnd() {
            ofRecord.values().forEach(Runnable::run);
            super.visitEnd();
        }

        private MethodVisitor begin(String method, String descriptor) {
            MethodVisitor code = super.visitMethod(
                    Opcodes.ACC_PRIVATE | Opcodes.ACC_STATIC | Opcodes.ACC_SYNTHETIC, method, descriptor, null, null);
            code.visitCode();
            return code;
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String method, String descriptor, String signature, String[] exceptions) {
            return new MethodVisitor(API, super.visitMethod(access, method, descriptor, signature, exceptions)) {
                @Override
                public void visitInvokeDynamicInsn(String method, String site, Handle factory, Object... given) {
                    if (factory.getOwner().equals(OF_RECORDS)) {
                        String written = method + "$OfRecord";
                        ofRecord.put(method, () -> RecordMethod.write(method, begin(written, site), site, given));
                        visitMethodInsn(Opcodes.INVOKESTATIC, name, written, site, false);
                        return;
                    }
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
            construct(code);
            code.visitFieldInsn(Opcodes.PUTSTATIC, name, ONLY, self.getDescriptor());
            end(code, Type.VOID_TYPE);
        }

        private void writeMake() {
            Type self = Type.getObjectType(name);
            MethodVisitor code = begin(Opcodes.ACC_STATIC, MAKE, Type.getMethodDescriptor(self, captured));
            construct(code);
            end(code, self);
        }

        /** Of what it captures, which lies in the first local variables. */
        private void construct(MethodVisitor code) {
            code.visitTypeInsn(Opcodes.NEW, name);
            code.visitInsn(Opcodes.DUP);
            int local = 0;
            for (Type value : captured) {
                local = load(code, value, local);
            }
            code.visitMethodInsn(
                    Opcodes.INVOKESPECIAL, name, INIT, Type.getMethodDescriptor(Type.VOID_TYPE, captured), false);
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

    /** What a record does by itself, as {@code ObjectMethods} puts it together. */
    private static final class RecordMethod {

        private static final String OBJECTS = "java/util/Objects";
        private static final String BUILDER = "java/lang/StringBuilder";

        private final MethodVisitor code;
        private final String record;
        private final List<Handle> fields = new ArrayList<>();

        private RecordMethod(MethodVisitor code, Object[] given) {
            this.code = code;
            this.record = ((Type) given[0]).getInternalName();
            for (int n = 2; n < given.length; n++) {
                fields.add((Handle) given[n]);
            }
        }

        /** @param given the record's class, its components' names, and its fields */
        static void write(String method, MethodVisitor code, String descriptor, Object[] given) {
            RecordMethod written = new RecordMethod(code, given);
            switch (method) {
                case "hashCode" -> written.writeHashCode();
                case "equals" -> written.writeEquals();
                case "toString" -> written.writeToString();
                default -> throw new IllegalArgumentException("records have no method " + method);
            }
            Lambda.end(code, Type.getReturnType(descriptor));
        }

        private void writeHashCode() {
            code.visitInsn(Opcodes.ICONST_0);
            for (Handle field : fields) {
                code.visitIntInsn(Opcodes.BIPUSH, 31);
                code.visitInsn(Opcodes.IMUL);
                Type type = get(field, 0);
                if (isPrimitive(type)) {
                    call(Box.of(type).name, "hashCode", Type.INT_TYPE, type);
                } else {
                    call(OBJECTS, "hashCode", Type.INT_TYPE, Type.getObjectType(OBJECT));
                }
                code.visitInsn(Opcodes.IADD);
            }
        }

        private void writeEquals() {
            Label other = new Label();
            Label alike = new Label();
            Label differs = new Label();
            code.visitVarInsn(Opcodes.ALOAD, 0);
            code.visitVarInsn(Opcodes.ALOAD, 1);
            code.visitJumpInsn(Opcodes.IF_ACMPNE, other);
            answerBefore(other, Opcodes.ICONST_1);
            code.visitVarInsn(Opcodes.ALOAD, 1);
            code.visitTypeInsn(Opcodes.INSTANCEOF, record);
            code.visitJumpInsn(Opcodes.IFNE, alike);
            answerBefore(alike, Opcodes.ICONST_0);
            code.visitVarInsn(Opcodes.ALOAD, 1);
            code.visitTypeInsn(Opcodes.CHECKCAST, record);
            code.visitVarInsn(Opcodes.ASTORE, 2);
            for (Handle field : fields) {
                get(field, 0);
                Type type = get(field, 2);
                if (!isPrimitive(type)) {
                    Type object = Type.getObjectType(OBJECT);
                    call(OBJECTS, "equals", Type.BOOLEAN_TYPE, object, object);
                    code.visitJumpInsn(Opcodes.IFEQ, differs);
                } else if (type.getSort() < Type.FLOAT) {
                    code.visitJumpInsn(Opcodes.IF_ICMPNE, differs);
                } else {
                    call(Box.of(type).name, "compare", Type.INT_TYPE, type, type);
                    code.visitJumpInsn(Opcodes.IFNE, differs);
                }
            }
            code.visitInsn(Opcodes.ICONST_1);
            code.visitInsn(Opcodes.IRETURN);
            code.visitLabel(differs);
            code.visitFrame(Opcodes.F_APPEND, 1, new Object[] {record}, 0, null);
            code.visitInsn(Opcodes.ICONST_0);
        }

        private void answerBefore(Label next, int constant) {
            code.visitInsn(constant);
            code.visitInsn(Opcodes.IRETURN);
            code.visitLabel(next);
            code.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        }

        private void writeToString() {
            code.visitTypeInsn(Opcodes.NEW, BUILDER);
            code.visitInsn(Opcodes.DUP);
            code.visitMethodInsn(Opcodes.INVOKESPECIAL, BUILDER, INIT, NOTHING_GIVEN, false);
            code.visitLdcInsn(Type.getObjectType(record));
            code.visitMethodInsn(
                    Opcodes.INVOKEVIRTUAL, "java/lang/Class", "getSimpleName", "()Ljava/lang/String;", false);
            append(Type.getType(String.class));
            String before = "[";
            for (Handle field : fields) {
                code.visitLdcInsn(before + field.getName() + "=");
                append(Type.getType(String.class));
                Type type = get(field, 0);
                Type told = isPrimitive(type) ? type : Type.getObjectType(OBJECT);
                // Of these two there is no text but an int's.
                append(told.getSort() == Type.BYTE || told.getSort() == Type.SHORT ? Type.INT_TYPE : told);
                before = ", ";
            }
            code.visitLdcInsn(fields.isEmpty() ? "[]" : "]");
            append(Type.getType(String.class));
            code.visitMethodInsn(Opcodes.INVOKEVIRTUAL, BUILDER, "toString", "()Ljava/lang/String;", false);
        }

        private void append(Type value) {
            code.visitMethodInsn(
                    Opcodes.INVOKEVIRTUAL,
                    BUILDER,
                    "append",
                    Type.getMethodDescriptor(Type.getObjectType(BUILDER), value),
                    false);
        }

        /** Of the record in a local variable. */
        private Type get(Handle field, int local) {
            code.visitVarInsn(Opcodes.ALOAD, local);
            code.visitFieldInsn(Opcodes.GETFIELD, field.getOwner(), field.getName(), field.getDesc());
            return Type.getType(field.getDesc());
        }

        private void call(String owner, String method, Type returned, Type... taken) {
            code.visitMethodInsn(Opcodes.INVOKESTATIC, owner, method, Type.getMethodDescriptor(returned, taken), false);
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
