/** xl.cfg files as users have them. */
package xen.toolstack.config;
