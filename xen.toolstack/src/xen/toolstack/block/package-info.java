/** Virtual disks of guests: their description in xl.cfg, their nodes in xenstore, the handshake with the front end. */
package xen.toolstack.block;
