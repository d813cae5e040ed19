package xen.kernel.grant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import xen.kernel.api.control.GrantBatch;
import xen.kernel.api.control.GrantMapping;
import xen.kernel.api.control.HypervisorException;

/** Pages granted to those who have no page tables: domain 0 and driver domains. */
class BackEndGrantTest extends GrantBed {
    private static final int DRIVER = 0x7fef;

    @Test void domain0MapsAndLosesTheAddressOnClose() {
        a.domain.grants.seedGrant(1, a.mfn[PLAIN]);
        GrantMapping m = a.domain.grants.mapGrant(0, 1, false);
        assertThat(m.address()).isEqualTo(a.host(PLAIN));
        assertThat(flags(1)).isEqualTo(1 | 8 | 16);
        m.close();
        m.close();
        assertThatThrownBy(m::address).isInstanceOf(IllegalStateException.class).hasMessageContaining("grant 1 of d1");
        assertThat(flags(1)).isEqualTo(1);
    }

    @Test void domain0sMappingsAreRevokedWhenTheDomainDies() {
        a.domain.grants.seedGrant(1, a.mfn[PLAIN]);
        GrantMapping m = a.domain.grants.mapGrant(0, 1, true);
        a.domain.grants.releaseAll();
        assertThatThrownBy(m::address).isInstanceOf(IllegalStateException.class);
        a.domain.memory.releaseAll();
        assertThat(a.domain.memory.gone()).isTrue();
        m.close();
    }

    @Test void aDriverDomainGetsWhatWasGrantedToItAndNothingElse() {
        grant(5, 1, DRIVER, a.mfn[PLAIN]);
        assertThatThrownBy(() -> a.domain.grants.mapGrant(0, 5, true)).isInstanceOf(HypervisorException.class).hasMessageContaining("domain 0");
        assertThatThrownBy(() -> a.domain.grants.mapGrant(DRIVER - 1, 5, true)).isInstanceOf(HypervisorException.class);
        GrantMapping m = a.domain.grants.mapGrant(DRIVER, 5, true);
        a.domain.grants.seedGrant(6, a.mfn[PLAIN]);
        assertThatThrownBy(() -> a.domain.grants.mapGrant(DRIVER, 6, true)).as("granted to domain 0").isInstanceOf(HypervisorException.class);
        m.close();
    }

    @Test void pagesOfOneRequestAreMappedAllOrNone() {
        grant(5, 1, DRIVER, a.mfn[PLAIN]);
        grant(6, 1, 0, a.mfn[PLAIN]);
        GrantBatch batch = a.domain.grants.batch(DRIVER, 4);
        assertThat(batch.map(new long[] {5, 5 | 7L << 40, 6}, 3, true)).as("6 is domain 0's").isFalse();
        assertThat(flags(5)).isEqualTo(1);
        assertThatThrownBy(() -> batch.address(0)).isInstanceOf(IllegalStateException.class);
        assertThat(batch.map(new long[] {5, 5 | 7L << 40, 6}, 2, false)).isTrue();
        assertThat(batch.address(1)).isEqualTo(a.host(PLAIN));
        assertThat(flags(5)).isEqualTo(1 | 8 | 16);
        batch.unmap();
        batch.unmap();
        assertThat(flags(5)).isEqualTo(1);
    }

    @Test void pagesOfARequestAreRevokedWhenTheDomainDies() {
        grant(5, 1, DRIVER, a.mfn[PLAIN]);
        GrantBatch batch = a.domain.grants.batch(DRIVER, 4);
        assertThat(batch.map(new long[] {5}, 1, false)).isTrue();
        a.domain.grants.releaseAll();
        assertThatThrownBy(() -> batch.address(0)).isInstanceOf(IllegalStateException.class).hasMessageContaining("grant 5 of d1");
        assertThat(batch.map(new long[] {5}, 1, false)).isFalse();
        a.domain.memory.releaseAll();
        assertThat(a.domain.memory.gone()).isTrue();
        batch.close();
    }

    @Test void domain0NeedsAGrantToo() {
        assertThatThrownBy(() -> a.domain.grants.mapGrant(0, 5, true)).isInstanceOf(HypervisorException.class);
        assertThatThrownBy(() -> a.domain.grants.mapGrant(0, 5000, true)).isInstanceOf(HypervisorException.class).hasMessageContaining("does not exist");
        grant(5, 1 | 4, 0, a.mfn[PLAIN]);
        assertThatThrownBy(() -> a.domain.grants.mapGrant(0, 5, false)).isInstanceOf(HypervisorException.class).hasMessageContaining("write");
        grant(5, 1, 0, b.mfn[PLAIN]);
        assertThatThrownBy(() -> a.domain.grants.mapGrant(0, 5, true)).isInstanceOf(HypervisorException.class).hasMessageContaining("not its own");
        assertThatThrownBy(() -> a.domain.grants.seedGrant(5, b.mfn[PLAIN])).isInstanceOf(HypervisorException.class);
        assertThatThrownBy(() -> a.domain.grants.seedGrant(-1, a.mfn[PLAIN])).isInstanceOf(HypervisorException.class);
    }
}
