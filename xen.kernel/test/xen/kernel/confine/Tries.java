package xen.kernel.confine;

import java.io.File;
import java.io.FileOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandles;
import java.lang.ref.Cleaner;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Timer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/** What a driver may try; each is refused for the word that stands with it. */
@SuppressWarnings({"unused", "removal", "deprecation"})
final class Tries {
    private Tries() {}

    @java.lang.annotation.Retention(java.lang.annotation.RetentionPolicy.RUNTIME)
    @interface RefusedFor {
        String value();
    }

    @RefusedFor("java.lang.System.exit") static class Exit { void x() { System.exit(1); } }
    @RefusedFor("java.lang.Runtime.getRuntime") static class Halt { void x() { Runtime.getRuntime().halt(1); } }
    @RefusedFor("java.lang.ProcessBuilder.start") static class Exec { void x() throws Exception { new ProcessBuilder("ls").start(); } }
    @RefusedFor("java.lang.System.getenv") static class Environment { String x() { return System.getenv("HOME"); } }
    @RefusedFor("java.lang.System.out") static class Prints { void x() { System.out.println("I am"); } }
    @RefusedFor("java.lang.System.setProperty") static class Properties { void x() { System.setProperty("a", "b"); } }
    @RefusedFor("java.lang.Integer.getInteger") static class HiddenProperty { Object x() { return Integer.getInteger("a"); } }
    @RefusedFor("java.lang.System.loadLibrary") static class Library { void x() { System.loadLibrary("c"); } }
    @RefusedFor("native code") static class Native { native void x(); }
    @RefusedFor("java.lang.foreign.Linker.nativeLinker") static class Foreign { Object x() { return Linker.nativeLinker(); } }
    @RefusedFor("java.lang.foreign.Arena.global") static class Memory { Object x() { return Arena.global().allocate(8); } }
    @RefusedFor("sun.misc.Unsafe.allocateInstance") static class Unsafe { Object x(sun.misc.Unsafe u) throws Exception { return u.allocateInstance(Tries.class); } }
    @RefusedFor("java.io.FileOutputStream") static class WritesFile { void x() throws Exception { new FileOutputStream("/tmp/x").close(); } }
    @RefusedFor("java.io.File.exists") static class LooksAtFile { boolean x() { return new File("/").exists(); } }
    @RefusedFor("java.nio.file.Files.delete") static class DeletesFile { void x() throws Exception { Files.delete(Path.of("/tmp/x")); } }
    @RefusedFor("java.net.Socket") static class Network { void x() throws Exception { new Socket("localhost", 1).close(); } }
    @RefusedFor("java.lang.Class.forName") static class Names { Object x() throws Exception { return Class.forName("xen.kernel.driver.BlockCore"); } }
    @RefusedFor("java.lang.Class.getClassLoader") static class Loader { Object x() { return getClass().getClassLoader(); } }
    @RefusedFor("java.lang.Class.getDeclaredField") static class Reflection { Object x(Object o) throws Exception { return o.getClass().getDeclaredField("e"); } }
    @RefusedFor("java.lang.reflect.AccessibleObject.setAccessible") static class Opens { void x(java.lang.reflect.AccessibleObject m) { m.setAccessible(true); } }
    @RefusedFor("java.lang.invoke.MethodHandles.lookup") static class Handles { Object x() { return MethodHandles.lookup(); } }
    @RefusedFor("java.lang.System.exit") static class ExitBehindALambda { java.util.function.IntSupplier x() { return () -> { System.exit(1); return 0; }; } }
    @RefusedFor("java.lang.System.exit") static class ExitBehindAReference { java.util.function.IntConsumer x() { return System::exit; } }
    @RefusedFor("java.lang.Thread.start") static class StartsThread { void x() { new Thread(() -> { }).start(); } }
    @RefusedFor("extends java.lang.Thread") static class IsThread extends Thread { }
    @RefusedFor("java.lang.Thread.currentThread") static class OwnThread { Object x() { return Thread.currentThread().getThreadGroup(); } }
    @RefusedFor("java.lang.Thread.sleep") static class Sleeps { void x() throws Exception { Thread.sleep(1); } }
    @RefusedFor("java.util.Timer") static class Timers { Object x() { return new Timer(); } }
    @RefusedFor("java.util.concurrent.CompletableFuture.runAsync") static class Async { void x() { CompletableFuture.runAsync(() -> { }); } }
    @RefusedFor("java.util.stream.Stream.forEach") static class ParallelStream { void x(List<String> l) { l.parallelStream().forEach(s -> { }); } }
    @RefusedFor("java.util.Arrays.parallelSort") static class ParallelSort { void x(Integer[] a) { java.util.Arrays.parallelSort(a); } }
    @RefusedFor("java.util.concurrent.locks.ReentrantLock.lock") static class Locks { void x() { new ReentrantLock().lock(); } }
    @RefusedFor("monitor") static class Monitor { void x() { synchronized (String.class) { hashCode(); } } }
    @RefusedFor("monitor") static class MonitorMethod { synchronized void x() { } }
    @RefusedFor("wait") static class Waits { void x() throws Exception { wait(); } }
    @RefusedFor("notifyAll") static class Notifies { void x() { "x".notifyAll(); } }
    @RefusedFor("finalize") static class Finalizer { @Override protected void finalize() { } }
    @RefusedFor("java.lang.ref.Cleaner.create") static class Cleans { Object x() { return Cleaner.create(); } }
    @RefusedFor("java.util.ServiceLoader.load") static class Services { Object x() { return java.util.ServiceLoader.load(Runnable.class); } }
    @RefusedFor("xen.kernel.api.block.DriverFence.lower") static class Unfences { void x(Thread t) { xen.kernel.api.block.DriverFence.lower(t); } }
    @RefusedFor("xen.kernel.api.block.BlockControl.list") static class Manages { Object x(xen.kernel.api.block.BlockControl c) { return c.list(); } }
    @RefusedFor("xen.kernel.api.block.ManagedVbd.close") static class ClosesDisk { void x(xen.kernel.api.block.Vbd v) { ((xen.kernel.api.block.ManagedVbd) v).close(); } }
    @RefusedFor("xen.kernel.api.hw.Raw.put8") static class TouchesMemory { void x() { xen.kernel.api.hw.Raw.put8(0, 0); } }
    @RefusedFor("gives away the log") static class GivesLogAway { void x(org.slf4j.Logger l, List<String> s) { s.forEach(l::info); } }
    @RefusedFor("java.lang.System.nanoTime") static class HostTime { long x() { return System.nanoTime(); } }
}
