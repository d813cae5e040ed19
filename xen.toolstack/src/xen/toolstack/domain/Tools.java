package xen.toolstack.domain;

import java.util.function.BiConsumer;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.control.Hypervisor;
import xen.toolstack.block.DomainDisks;
import xen.toolstack.store.StoreDaemon;

/**
 * What domains are made with.
 *
 * @param block null where guests have no disks
 * @param settle applies what is configured for a domain's disks, by the domain's name
 */
record Tools(Hypervisor hypervisor, StoreDaemon daemon, BlockControl block, BiConsumer<String, DomainDisks> settle) {
    DomainDisks disks(int domid, String name) { return new DomainDisks(block, daemon.domainZero(), domid, name, d -> settle.accept(name, d)); }
}
