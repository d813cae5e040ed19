/** A scheduler bundle of the tests' own: the second policy of the swap tests. */
package xen.itest.policy;
