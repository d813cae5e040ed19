/**
 * State that outlives those who hold it: how its fields are written and read with bounds, and the hand-over from a tool stack that stops
 * to the one that comes next, through the core's keeping. What is handed over is bytes: no class of the old bundle is seen by the new one.
 */
package xen.toolstack.state;
