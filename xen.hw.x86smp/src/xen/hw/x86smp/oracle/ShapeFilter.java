package xen.hw.x86smp.oracle;

import java.util.function.Predicate;

/** {@code --only}: shapes by mnemonic, or by opcode bytes as {@link Shape#toString} writes them. */
final class ShapeFilter implements Predicate<Shape> {
    private final String only;
    private final CaseGenerator generator;
    private final Listing listing = new Listing();

    /** @param only null for all */
    ShapeFilter(String only, boolean compat) {
        this.only = only;
        generator = new CaseGenerator(0, compat);
    }

    @Override
    public boolean test(Shape s) {
        return only == null || s.toString().startsWith(only.replace(".", ""))
                || listing.mnemonic(generator.single(s).test()).equalsIgnoreCase(only);
    }
}
