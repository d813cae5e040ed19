/**
 * What the tests of several bundles share and no distribution has: a core without guests that keeps books of what it is asked (for tool stacks and
 * shells), the contracts that every CPU and every disk scheduler must pass, HotSpot's limits as a check of hot methods. No test framework is needed.
 */
package xen.kernel.testing;
