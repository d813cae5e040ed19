/** What disk schedulers have in common. */
package xen.disk.shared;
