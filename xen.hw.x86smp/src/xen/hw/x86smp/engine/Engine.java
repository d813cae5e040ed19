package xen.hw.x86smp.engine;

/** SPI: a faster engine, an OSGi service with property {@code xen.engine} = its name. Registering does not activate. */
public interface Engine {
    String name();

    /**
     * @return a translator for one board
     * @throws UnavailableException when this host cannot run it; the message says why
     */
    Translator attach() throws UnavailableException;

    /** The host lacks what the engine needs. */
    final class UnavailableException extends Exception {
        private static final long serialVersionUID = 1L;

        public UnavailableException(String why) { super(why); }
    }
}
