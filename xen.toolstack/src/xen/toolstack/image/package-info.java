/** Kernel images as users have them: ELF with Xen notes, bzImage with any payload Linux uses; bad input gives one clear sentence. */
package xen.toolstack.image;
