package io.basewatch.standalone;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.IntBinaryOperator;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongFunction;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One lambda of each kind, and what comes of it: loaded twice, as it was compiled and as {@link LambdaClasses} writes it. */
// What is boxed and unboxed here is the point.
@SuppressWarnings({"UnnecessaryLambda", "UnnecessaryMethodReference", "UnnecessaryBoxedVariable"})
public final class Lambdas implements Supplier<String> {

    private final List<String> told = new ArrayList<>();
    private final int own = 7;

    /** What all of them answer, in order. */
    @Override
    public String get() {
        captures();
        converts();
        refers();
        nests();
        throwsOut();
        records();
        return String.join("\n", told);
    }

    private void tell(Object value) {
        told.add(value.getClass().getSimpleName() + " " + value);
    }

    private void captures() {
        boolean yes = told.isEmpty();
        byte small = 1;
        short number = 2;
        char letter = 'c';
        int many = 4;
        long wide = 1L << 40;
        float single = 1.5f;
        double precise = 2.25;
        String text = "text" + many;
        int[] array = {1, 2, many};
        Supplier<String> all =
                () -> "" + yes + small + number + letter + many + wide + single + precise + text + array.length + own;
        tell(all.get());
        Supplier<String> none = () -> "none";
        tell(none.get());
        tell(Stream.generate(Lambdas::same).limit(3).distinct().count());
        LongBinaryOperator both = (one, other) -> one * wide + other;
        tell(both.applyAsLong(3, 5));
    }

    private static Supplier<String> same() {
        return () -> "the only one";
    }

    private void converts() {
        Function<Integer, Long> widensBoxed = Integer::longValue;
        tell(widensBoxed.apply(5));
        ToLongFunction<Integer> unboxes = Lambdas::half;
        tell(unboxes.applyAsLong(9));
        ToDoubleFunction<Integer> unboxesAndWidens = Lambdas::half;
        tell(unboxesAndWidens.applyAsDouble(9));
        IntToDoubleFunction widens = Lambdas::half;
        tell(widens.applyAsDouble(11));
        DoubleUnaryOperator boxes = Lambdas::twice;
        tell(boxes.applyAsDouble(1.25));
        IntFunction<Object> boxesToObject = Lambdas::half;
        tell(boxesToObject.apply(8));
        LongFunction<Number> boxesToNumber = Math::negateExact;
        tell(boxesToNumber.apply(8L));
        Function<Character, Integer> charToInt = Lambdas::half;
        tell(charToInt.apply('d'));
        Function<Byte, Long> byteToLong = value -> (long) value;
        tell(byteToLong.apply((byte) -3));
        Function<Float, Double> floatToDouble = Lambdas::precisely;
        tell(floatToDouble.apply(0.5f));
        ToDoubleFunction<Long> longToDouble = Lambdas::precisely;
        tell(longToDouble.applyAsDouble(12L));
        Function<Long, Float> longToFloat = Lambdas::singly;
        tell(longToFloat.apply(13L));
        ToIntFunction<Boolean> chooses = value -> value ? 1 : 0;
        tell(chooses.applyAsInt(Boolean.TRUE));
        BooleanSupplier isEmpty = told::isEmpty;
        tell(isEmpty.getAsBoolean());
        IntBinaryOperator largest = Math::max;
        tell(IntStream.of(3, 9, 4).reduce(0, largest));
        Callable<Object> general = () -> own;
        try {
            tell(general.call());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static int half(int value) {
        return value / 2;
    }

    private static Double twice(Double value) {
        return value * 2;
    }

    private static double precisely(double value) {
        return value + 0.125;
    }

    private static float singly(float value) {
        return value + 0.25f;
    }

    private void refers() {
        Function<String, StringBuilder> constructs = StringBuilder::new;
        tell(constructs.apply("built"));
        Supplier<Map<String, Integer>> empty = HashMap::new;
        tell(empty.get());
        IntFunction<int[][]> arrays = int[][]::new;
        tell(arrays.apply(3).length);
        UnaryOperator<int[]> copies = int[]::clone;
        tell(copies.apply(new int[] {4, 5})[1]);
        BiFunction<String, Locale, String> unbound = String::toUpperCase;
        tell(unbound.apply("shout", Locale.ROOT));
        ToIntFunction<CharSequence> ofInterface = CharSequence::length;
        tell(ofInterface.applyAsInt("four"));
        ObjIntConsumer<List<Integer>> dropsWhatComesBack = List::add;
        List<Integer> numbers = new ArrayList<>();
        dropsWhatComesBack.accept(numbers, 6);
        tell(numbers.toString());
        Runnable dropsWide = () -> Math.addExact(1L, own);
        dropsWide.run();
        IntPredicate bound = numbers::contains;
        tell(bound.test(6));
        IntUnaryOperator ofSelf = this::addOwn;
        tell(ofSelf.applyAsInt(1));
        Supplier<String> ofSuper = super::toString;
        tell(ofSuper.get().startsWith(getClass().getName()));
        Function<Object[], String> varied = Lambdas::joined;
        tell(varied.apply(new Object[] {"a", "b"}));
        Function<String, String> variedOfOne = Lambdas::joined;
        tell(variedOfOne.apply("alone"));
        tell(Stream.of("b", "a", "c")
                .sorted(Comparator.comparing((String text) -> text.charAt(0)).reversed())
                .collect(Collectors.joining()));
        tell(Stream.of("one", "two", "three")
                .collect(Collectors.groupingBy(String::length, TreeMap::new, Collectors.counting()))
                .toString());
    }

    private int addOwn(int value) {
        return own + value;
    }

    private static String joined(Object... parts) {
        return parts.length + ":" + parts[0];
    }

    private void nests() {
        Supplier<Supplier<Supplier<String>>> deep = () -> () -> () -> "deep " + own;
        tell(deep.get().get().get());
        tell(new Inner().say("inner"));
        Told anonymous = new Told() {
            @Override
            public String name() {
                Supplier<String> inside = () -> "anonymous " + own + hidden();
                return inside.get();
            }

            private String hidden() {
                Supplier<String> reference = this::secret;
                return reference.get();
            }

            private String secret() {
                return "!";
            }
        };
        tell(anonymous.greeting());
        tell(Told.of("static").greeting());
        Function<Integer, Pair<String>> pairs = n -> new Pair<>("p", n);
        tell(pairs.andThen(Pair::both).apply(2));
    }

    private void records() {
        List<Object> all = new ArrayList<>(List.of(new Empty(), "no record"));
        for (int change = 0; change < 12; change++) {
            all.add(new All(
                    change != 1,
                    (byte) (change == 2 ? -2 : 1),
                    (short) (change == 3 ? -3 : 1),
                    change == 4 ? 'd' : 'c',
                    change == 5 ? 5 : 1,
                    change == 6 ? 1L << 40 : 1,
                    change == 7 ? Float.NaN : 0.0f,
                    change == 8 ? -0.0 : 0.0,
                    change == 9 ? null : "text",
                    change == 10 ? List.of() : List.of(new Pair<>("p", 1))));
        }
        for (Object one : all) {
            tell(one + " " + (one instanceof String ? 0 : one.hashCode()));
            tell(all.stream().map(other -> one.equals(other) ? "=" : ".").collect(Collectors.joining()));
        }
        tell(new Empty().equals(new Empty()));
        tell(Map.of(new Pair<>("a", 1), "found").getOrDefault(new Pair<>("a", 1), "lost"));
    }

    private record Empty() {}

    private record All(
            boolean yes,
            byte small,
            short number,
            char letter,
            int many,
            long wide,
            float single,
            double precise,
            @Nullable String text,
            List<Pair<String>> pairs) {}

    private void throwsOut() {
        Function<Object, Integer> wrong = pollution(String::length);
        try {
            tell(wrong.apply(new Object()));
        } catch (ClassCastException e) {
            tell("a cast fails where it did");
        }
        Function<Integer, Integer> nothing = Lambdas::half;
        try {
            tell(nothing.apply(null));
        } catch (NullPointerException e) {
            tell("nothing cannot be unboxed");
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> Function<Object, Integer> pollution(Function<T, Integer> function) {
        return (Function<Object, Integer>) function;
    }

    private final class Inner {

        private final String prefix = "<" + own;

        private String say(String text) {
            UnaryOperator<String> around = value -> prefix + value + own + close();
            return around.apply(text);
        }

        private String close() {
            Supplier<String> end = Inner::end;
            return end.get();
        }

        private static String end() {
            return ">";
        }
    }

    /** With bodies of its own, private ones and static ones too. */
    private interface Told {

        String name();

        default String greeting() {
            Supplier<String> greeting = () -> hello() + name();
            Supplier<String> again = this::hello;
            return greeting.get() + again.get();
        }

        private String hello() {
            return "hello ";
        }

        static Told of(String name) {
            return () -> name;
        }
    }

    private record Pair<T extends Comparable<T>>(T key, int value) {

        String both() {
            Function<T, String> of = key -> key + "=" + value;
            return of.apply(key);
        }
    }
}
