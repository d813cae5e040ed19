/**
 * Domains' lives: create, follow shutdowns (destroy, restart, keep), destroy. What blocks (reading and unpacking a kernel) happens on the
 * caller's thread or on the one worker thread, never on the timeline.
 */
package xen.toolstack.domain;
