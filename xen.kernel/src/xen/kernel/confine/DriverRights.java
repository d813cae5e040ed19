package xen.kernel.confine;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the classes of a driver bundle may name besides each other: the one table. Names are internal ones, with slashes. A class that is
 * not here cannot be used, nor extended; of some only the members that are listed can be. Left out are all that reaches the host, other
 * bundles or other threads, that waits, or that tells host time (a driver's time is its capability's).
 */
final class DriverRights {
    /** Packages that a driver bundle may import. */
    static final Set<String> PACKAGES = Set.of("xen.kernel.api.block", "org.slf4j");

    /** Classes of which every member may be used. */
    private static final Set<String> CLASSES = Stream.of(
            in("xen/kernel/api/block/", "BlockDriver BlockBackend BlockDomain BlockRequest BlockGrant BlockOp Vbd StartKind"),
            in("org/slf4j/", "Logger"),
            in("java/lang/", "String StringBuilder CharSequence Comparable Iterable AutoCloseable Record Enum Number Math StrictMath Void Byte Short "
                    + "Character Float Double Override FunctionalInterface Deprecated SafeVarargs SuppressWarnings MatchException AssertionError Exception "
                    + "RuntimeException Error IllegalArgumentException IllegalStateException IndexOutOfBoundsException ArrayIndexOutOfBoundsException "
                    + "StringIndexOutOfBoundsException NullPointerException ArithmeticException ClassCastException NumberFormatException "
                    + "UnsupportedOperationException NegativeArraySizeException ArrayStoreException IncompatibleClassChangeError NoSuchFieldError"),
            in("java/util/", "ArrayList ArrayDeque LinkedList HashMap LinkedHashMap TreeMap IdentityHashMap EnumMap BitSet HashSet LinkedHashSet TreeSet EnumSet "
                    + "PriorityQueue List Map Map$Entry Set Queue Deque Collection Iterator ListIterator PrimitiveIterator$OfInt PrimitiveIterator$OfLong Comparator "
                    + "Objects Optional OptionalInt OptionalLong OptionalDouble SortedMap NavigableMap SortedSet NavigableSet SequencedCollection SequencedMap "
                    + "SequencedSet AbstractCollection AbstractList AbstractMap AbstractSet AbstractQueue AbstractMap$SimpleEntry AbstractMap$SimpleImmutableEntry "
                    + "StringJoiner Random SplittableRandom NoSuchElementException ConcurrentModificationException"),
            in("java/util/function/", "BiConsumer BiFunction BinaryOperator BiPredicate BooleanSupplier Consumer Function IntBinaryOperator IntConsumer IntFunction "
                    + "IntPredicate IntSupplier IntToLongFunction IntUnaryOperator LongBinaryOperator LongConsumer LongFunction LongPredicate LongSupplier "
                    + "LongToIntFunction LongUnaryOperator ObjIntConsumer ObjLongConsumer Predicate Supplier ToIntFunction ToLongFunction UnaryOperator"))
            .flatMap(s -> s).collect(Collectors.toUnmodifiableSet());

    /** Classes of which only these members may be used, and which may not be extended but for Object and Throwable. */
    private static final Map<String, Set<String>> MEMBERS = Map.ofEntries(
            of("java/lang/Object", "<init> getClass hashCode equals toString clone"),
            of("java/lang/Throwable", "<init> getMessage getLocalizedMessage getCause initCause addSuppressed getSuppressed toString"),
            of("java/lang/Class", "getName getSimpleName desiredAssertionStatus isInstance cast hashCode equals toString"),
            of("java/lang/System", "arraycopy identityHashCode"),
            of("java/lang/Thread", "onSpinWait"),
            of("java/lang/Boolean", "TRUE FALSE valueOf booleanValue parseBoolean compare logicalAnd logicalOr logicalXor hashCode equals toString compareTo"),
            of("java/lang/Integer", "MAX_VALUE MIN_VALUE SIZE BYTES valueOf intValue longValue parseInt parseUnsignedInt compare compareUnsigned compareTo divideUnsigned "
                    + "remainderUnsigned highestOneBit lowestOneBit numberOfLeadingZeros numberOfTrailingZeros bitCount rotateLeft rotateRight reverse reverseBytes "
                    + "signum sum min max toHexString toBinaryString toString toUnsignedLong toUnsignedString hashCode equals"),
            of("java/lang/Long", "MAX_VALUE MIN_VALUE SIZE BYTES valueOf intValue longValue parseLong parseUnsignedLong compare compareUnsigned compareTo divideUnsigned "
                    + "remainderUnsigned highestOneBit lowestOneBit numberOfLeadingZeros numberOfTrailingZeros bitCount rotateLeft rotateRight reverse reverseBytes "
                    + "signum sum min max toHexString toBinaryString toString toUnsignedString hashCode equals"),
            of("java/util/Arrays", "fill copyOf copyOfRange sort equals hashCode deepEquals deepHashCode toString deepToString asList setAll binarySearch compare mismatch"),
            of("java/util/Collections", "emptyList emptyMap emptySet sort reverse reverseOrder unmodifiableList unmodifiableMap unmodifiableSet "
                    + "unmodifiableCollection singletonList singletonMap singleton addAll swap min max"),
            of("org/slf4j/LoggerFactory", "getLogger"),
            // what the compiler puts behind lambdas, + on strings, records and switches; called by the JVM alone, for want of a Lookup
            of("java/lang/invoke/LambdaMetafactory", "metafactory"),
            of("java/lang/invoke/StringConcatFactory", "makeConcatWithConstants makeConcat"),
            of("java/lang/runtime/ObjectMethods", "bootstrap"),
            of("java/lang/runtime/SwitchBootstraps", "typeSwitch enumSwitch"));

    /** Of Object; they are not the driver's under any name, and nothing of its own may be called so. */
    private static final Set<String> WAITING = Set.of("wait", "notify", "notifyAll", "finalize");

    private DriverRights() {}

    /** May a class of a driver name that member, of a class that is not its bundle's? */
    static boolean mayUse(String owner, String member) {
        if (owner.startsWith("[")) {
            return member.equals("clone");
        }
        Set<String> some = MEMBERS.get(owner);
        return !WAITING.contains(member) && (some != null ? some.contains(member) : CLASSES.contains(owner));
    }

    /** May a class of a driver have a member of that name, its own or inherited from one that it may extend? */
    static boolean mayHave(String member) { return !WAITING.contains(member); }

    /** May a class of a driver extend or implement that one, which is not its bundle's? */
    static boolean mayExtend(String name) { return CLASSES.contains(name) || name.equals("java/lang/Object") || name.equals("java/lang/Throwable"); }

    private static Stream<String> in(String prefix, String names) { return Arrays.stream(names.split(" ")).map(n -> prefix + n); }

    private static Map.Entry<String, Set<String>> of(String name, String members) { return Map.entry(name, Set.of(members.split(" "))); }
}
