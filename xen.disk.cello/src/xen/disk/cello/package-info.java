/** Cello: disk time or bytes by weight, order by what applications need. */
package xen.disk.cello;
