package xen.toolstack.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.EndAction;
import xen.toolstack.api.ToolstackException;

class XlConfigTest {
    private static final String LEAST = "name = 'g'\nkernel = \"/boot/vmlinuz\"\n";

    @Test void aDomainIsPutIntoAPoolByName() {
        XlConfig c = XlConfig.parse("g.cfg", LEAST + "pool = 'batch'\n");
        assertThat(c.spec().pool()).isEqualTo("batch");
        assertThat(c.warnings()).isEmpty();
        assertThat(XlConfig.parse("g.cfg", LEAST).spec().pool()).isNull();
    }

    @Test void aFileAsDistributionsShipItIsAccepted() {
        XlConfig c = XlConfig.parse("g.cfg", """
                # a guest
                name    = "web-1"          # its name
                uuid    = "11111111-2222-3333-4444-555555555555"
                kernel  = '/boot/vmlinuz'
                ramdisk = "/boot/initrd.gz"
                root    = "/dev/xvda1 ro"
                extra   = "console=hvc0"
                extra  += " quiet"
                memory  = 256; maxmem = 512
                vcpus   = 2
                maxvcpus = 4
                cpus    = "0-3,^2"
                cpu_weight = 512
                disk = [
                    'file:/images/root.img,xvda1,w',   # first
                    "phy:/dev/vg/data,xvdb,w",
                ]
                vif  = [ 'mac=00:16:3e:00:00:01,bridge=br0' ]
                on_poweroff = 'destroy'
                on_reboot   = 'restart'
                on_crash    = 'preserve'
                vfb = [ 'vnc=1' ]
                colour = "blue"
                """);
        DomainSpec s = c.spec();
        assertThat(s.name()).isEqualTo("web-1");
        assertThat(s.uuid()).hasToString("11111111-2222-3333-4444-555555555555");
        assertThat(s.kernel()).isEqualTo(Path.of("/boot/vmlinuz"));
        assertThat(s.commandLine()).isEqualTo("root=/dev/xvda1 ro console=hvc0 quiet");
        assertThat(s.memoryMib()).isEqualTo(256);
        assertThat(s.maxMemoryMib()).isEqualTo(512);
        assertThat(s.vcpus()).isEqualTo(2);
        assertThat(s.maxVcpus()).isEqualTo(4);
        assertThat(s.cpus()).hasToString("{0, 1, 3}");
        assertThat(s.weight()).isEqualTo(512);
        assertThat(s.disks()).containsExactly("file:/images/root.img,xvda1,w", "phy:/dev/vg/data,xvdb,w");
        assertThat(s.onCrash()).isEqualTo(EndAction.PRESERVE);
        assertThat(c.warnings()).containsExactly("g.cfg: vfb has no effect here", "g.cfg: unknown key colour");
    }

    @Test void whatIsNotSaidIsXlsDefault() {
        DomainSpec s = XlConfig.parse("g.cfg", LEAST).spec();
        assertThat(s.memoryMib()).isEqualTo(128);
        assertThat(s.vcpus()).isEqualTo(1);
        assertThat(s.onReboot()).isEqualTo(EndAction.RESTART);
        assertThat(s.ramdisk()).isNull();
        assertThat(s.commandLine()).isEmpty();
        assertThat(s.cpus().isEmpty()).isTrue();
    }

    @Test void cmdlineWinsOverRootAndExtra() {
        assertThat(XlConfig.parse("g.cfg", LEAST + "root='/dev/a'\nextra='x'\ncmdline='whole'\n").spec().commandLine()).isEqualTo("whole");
    }

    @ParameterizedTest @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            kernel = 'k'                 | name is missing
            name = 'g'                   | kernel is missing
            name = g                     | g.cfg:1: name = g: a number, a quoted string or a list is expected
            name = 'g                    | the string of name has no end '
            name 'g'                     | '=' is expected after name
            = 3                          | a key is expected here
            disk = [ 'a'                 | the list of disk has no end
            name = 'g' 'h'               | the line goes on after the value of name
            name = [ 'g' ]               | name is a list
            name='g';kernel='k';memory='lots' | memory = 'lots' is no number
            name='g';kernel='k';memory=0      | memory = 0
            name='g';kernel='k';vcpus=500     | vcpus = 500
            name='g';kernel='k';cpus='x'      | cpus = 'x'
            name='g';kernel='k';cpus='1,^1'   | leaves no CPU
            name='g';kernel='k';on_crash='x'  | on_crash = 'x'
            name='g';kernel='k';type='hvm'    | only PV guests
            name='g';kernel='k';uuid='1'      | uuid = '1'
            name='g';kernel='k';disk='a'      | disk is a single value
            name='a b';kernel='k'             | name = 'a b'
            """)
    void badFilesGetOneClearLine(String text, String message) {
        assertThatThrownBy(() -> XlConfig.parse("g.cfg", text)).isInstanceOf(ToolstackException.class).hasMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test void aMissingFileIsNamed() {
        assertThatThrownBy(() -> XlConfig.read(Path.of("/nowhere/x.cfg"))).hasMessageContaining("/nowhere/x.cfg: no such file");
    }
}
