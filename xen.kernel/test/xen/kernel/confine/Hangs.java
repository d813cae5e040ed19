package xen.kernel.confine;

import java.util.HashMap;
import java.util.concurrent.locks.LockSupport;

/** Ways not to come back; woven by the tests. */
final class Hangs {
    private Hangs() {}

    /** An empty loop. */
    static final class Empty implements Runnable {
        @Override public void run() {
            while (true) {
                // nothing
            }
        }
    }

    /** What it is told it does not hear. */
    static final class CatchesAll implements Runnable {
        long rounds;

        @Override public void run() {
            while (true) {
                try {
                    while (true) {
                        rounds++;
                    }
                } catch (Throwable t) {
                    rounds = 0;
                }
            }
        }
    }

    static final class ContinuesInFinally implements Runnable {
        long rounds;

        @SuppressWarnings("finally")
        @Override public void run() {
            for (;;) {
                try {
                    work();
                } finally {
                    continue;
                }
            }
        }

        private void work() {
            try {
                rounds++;
            } finally {
                rounds--;
            }
        }
    }

    static final class Recursion implements Runnable {
        @Override public void run() { fibonacci(200); }

        private long fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
    }

    static final class RecursionThatSurvivesItsOverflow implements Runnable {
        @Override public void run() {
            try {
                run();
            } catch (StackOverflowError e) {
                run();
            }
        }
    }

    /** Back and forth through the JDK, and a lambda. */
    static final class ThroughLibrary implements Runnable {
        @Override public void run() {
            HashMap<Integer, Integer> m = new HashMap<>();
            for (int i = 0; ; i++) {
                m.computeIfAbsent(i & 1023, k -> k + 1);
            }
        }
    }

    static final class Sleeps implements Runnable {
        @Override public void run() {
            for (;;) {
                try {
                    Thread.sleep(1_000_000);
                } catch (InterruptedException e) {
                    // on it goes
                }
            }
        }
    }

    static final class Parks implements Runnable {
        @Override public void run() {
            for (;;) {
                LockSupport.park();
            }
        }
    }

    static final class Waits implements Runnable {
        @Override public void run() {
            for (;;) {
                synchronized (this) {
                    try {
                        wait();
                    } catch (InterruptedException e) {
                        // on it goes
                    }
                }
            }
        }
    }

    static final class Switches implements Runnable {
        int state;

        @Override public void run() {
            for (;;) {
                switch (state) {
                    case 0: state = 7; continue;
                    case 7: state = 100; continue;
                    case 100: state = 0; continue;
                    default: return;
                }
            }
        }
    }
}
