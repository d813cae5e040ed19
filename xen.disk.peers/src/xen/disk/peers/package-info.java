/** Known disk schedulers, small: C-LOOK, SFQ(D), mClock. For comparison with Cello. */
package xen.disk.peers;
