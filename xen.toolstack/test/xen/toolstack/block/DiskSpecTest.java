package xen.toolstack.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import xen.kernel.api.block.ServiceClass;
import xen.toolstack.api.ToolstackException;

class DiskSpecTest {
    @Test void xlsPositionalWordsAreUnderstood() {
        DiskSpec d = DiskSpec.parse("/images/root.img,raw,xvda,rw");
        assertThat(d.target()).isEqualTo("/images/root.img");
        assertThat(d.vdev()).isEqualTo("xvda");
        assertThat(d.device()).isEqualTo(51712);
        assertThat(d.readOnly()).isFalse();
    }

    @Test void keysAreUnderstoodAndTargetTakesTheRestOfTheLine() {
        DiskSpec d = DiskSpec.parse("format=raw, vdev=xvdb, access=ro, weight=512, class=realtime, deadline=20, target=/a,b.img");
        assertThat(d.target()).isEqualTo("/a,b.img");
        assertThat(d.readOnly()).isTrue();
        assertThat(d.weight()).isEqualTo(512);
        assertThat(d.serviceClass()).isEqualTo(ServiceClass.REALTIME);
        assertThat(d.deadlineNanos()).isEqualTo(20_000_000);
        assertThat(d.device()).isEqualTo(51728);
    }

    @Test void promisesAndLimitsAreUnderstoodAndKeptInWords() {
        DiskSpec d = DiskSpec.parse("a.img,xvda,class=realtime,reservation=40,limit=200");
        assertThat(d.reservation()).isEqualTo(40);
        assertThat(d.limit()).isEqualTo(200);
        assertThat(d.config(1).reservation()).isEqualTo(40);
        assertThat(DiskSpec.parse(d.text()).reservation()).isEqualTo(40);
        assertThat(DiskSpec.parse(d.text()).limit()).isEqualTo(200);
        assertThatThrownBy(() -> DiskSpec.parse("a.img,reservation=40")).hasMessageContaining("class=realtime");
        assertThatThrownBy(() -> DiskSpec.parse("a.img,class=realtime,reservation=40,limit=20")).hasMessageContaining("limit=20");
    }

    @Test void imagesOf4096ByteSectorsAreAFormat() {
        assertThat(DiskSpec.parse("a.img,raw-4k,xvda,rw").format()).isEqualTo("raw-4k");
        assertThat(DiskSpec.parse("a.img,format=raw-4k").target()).isEqualTo("a.img");
        DiskSpec ram = DiskSpec.parse("ram-4k:64M,xvdb");
        assertThat(ram.format()).isEqualTo("ram-4k");
        assertThat(ram.text()).endsWith(",target=64M");
        ram.check();
    }

    @Test void theCommandLinesShortFormIsUnderstood() {
        DiskSpec d = DiskSpec.parse("root.img,ro,weight=7");
        assertThat(d.readOnly()).isTrue();
        assertThat(d.weight()).isEqualTo(7);
        assertThat(DiskSpec.parse("ram:64M").format()).isEqualTo("ram");
        assertThat(DiskSpec.parse("file:/x.img,xvdc,w").target()).isEqualTo("/x.img");
    }

    /** Lines as they stand in people's xl.cfg files. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "/dev/vg/guest-volume,,xvda,rw | /dev/vg/guest-volume | raw | xvda | false | false",
            "format=raw, vdev=hda, access=rw, target=/dev/vg/guest-volume | /dev/vg/guest-volume | raw | hda | false | false",
            "/root/image.qcow2,qcow2,xvda | /root/image.qcow2 | qcow2 | xvda | false | false",
            "/root/image.iso,,hdc,cdrom | /root/image.iso | raw | hdc | true | true",
            "format=raw, vdev=hdc, access=ro, devtype=cdrom, target=/root/image.iso | /root/image.iso | raw | hdc | true | true",
            "format=qcow2,vdev=xvda,access=w,backendtype=qdisk,target=/a b/c.img | /a b/c.img | qcow2 | xvda | false | false",
            "file:/path/disk.img,xvda,w | /path/disk.img | raw | xvda | false | false",
            "phy:/dev/sdb1,sda1,r | /dev/sdb1 | raw | sda1 | true | false",
            "tap:aio:/path/disk.img,xvda2,w | /path/disk.img | raw | xvda2 | false | false",
            "tap:qcow2:/path/disk.qcow2,xvdb,w | /path/disk.qcow2 | qcow2 | xvdb | false | false",
            "tap2:tapdisk:aio:/path/disk.img,xvda,w | /path/disk.img | raw | xvda | false | false",
            "file:/isos/a.iso,hdc:cdrom,r | /isos/a.iso | raw | hdc | true | true",
            "/a.img,raw,xvda,rw,discard | /a.img | raw | xvda | false | false",
            "vdev=xvda,format=raw,backendtype=phy,direct-io-safe,target=/dev/vg/a | /dev/vg/a | raw | xvda | false | false"})
    void linesOfRealConfigurationsAreUnderstood(String line, String target, String format, String vdev, boolean readOnly, boolean cdrom) {
        DiskSpec d = DiskSpec.parse(line);
        assertThat(List.of(d.target(), d.format(), d.vdev(), d.readOnly(), d.cdrom())).containsExactly(target, format, vdev, readOnly, cdrom);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "script=block-iscsi,vdev=xvda,target=iqn=x | scripts are not run",
            "backend=storage,vdev=xvda,target=/a.img | backend=storage",
            "backendtype=nbd,vdev=xvda,target=/a.img | backendtype=nbd",
            "vhd:/a.vhd,xvda,w | qemu-img convert",
            "tap:vhd:/a.vhd,xvda,w | qemu-img convert",
            ",,hdc,cdrom | drive without a disc",
            "devtype=cdrom,vdev=hdc,target= | drive without a disc",
            "colour=red,target=/a.img | unknown key colour"})
    void whatIsNotThereIsRefusedWithTheReason(String line, String why) {
        assertThatThrownBy(() -> DiskSpec.parse(line)).isInstanceOf(ToolstackException.class).hasMessageContaining(line).hasMessageContaining(why);
    }

    @Test void disksWithoutANameGetTheNextFreeOne() {
        assertThat(DiskSpec.all(List.of("a.img", "b.img,xvda", "c.img"))).extracting(DiskSpec::vdev).containsExactly("xvdb", "xvda", "xvdc");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",ro", "a.img,nonsense", "a.img,weight=0", "a.img,weight=x", "a.img,class=fast", "a.img,format=a b", "a.img,devtype=tape", "a.img,vdev=xyz", "a.img,colour=red", "a.img,limit=0", "a.img,class=realtime,reservation=x"})
    void nonsenseIsRefused(String words) { assertThatThrownBy(() -> DiskSpec.parse(words)).isInstanceOf(ToolstackException.class); }

    @Test void twoDisksOfOneNameAreRefused() {
        assertThatThrownBy(() -> DiskSpec.all(List.of("a.img,xvda", "b.img,xvda"))).hasMessageContaining("xvda");
    }

    @Test void numbersFollowTheVbdInterface() {
        assertThat(VirtualDevice.number("xvdp15")).isEqualTo(202 << 8 | 255);
        assertThat(VirtualDevice.number("xvdq")).isEqualTo(1 << 28 | 16 << 8);
        assertThat(VirtualDevice.number("sda1")).isEqualTo(2049);
        assertThat(VirtualDevice.number("hdc")).isEqualTo(22 << 8);
        assertThat(VirtualDevice.nth(27)).isEqualTo("xvdab");
    }
}
