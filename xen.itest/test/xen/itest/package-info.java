/**
 * Tests inside a running framework, with the bundles of the lab distribution as they are shipped. They are JUnit 4, as
 * Pax Exam asks for, and compiled into its probe bundle: a test sees only what a bundle sees.
 */
package xen.itest;
