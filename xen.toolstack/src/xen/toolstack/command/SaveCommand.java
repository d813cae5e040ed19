package xen.toolstack.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;
import xen.kernel.api.cli.EarlyCommand;
import xen.kernel.api.cli.Startup;

/** {@code ./xen save FILE debian|boot|create ...}: boots a guest to a point and saves it there. */
@Component(service = CliCommand.class)
@CliName("save")
public final class SaveCommand implements EarlyCommand {
    /** What the init that {@code debian} makes prints when its shell is there. */
    static final String READY = "xen-init: ready";
    private static final String HELP = """
            Usage: ./xen save FILE COMMAND [ARGUMENT...]
            Boots a guest to a point, saves it in FILE and ends; ./xen restore FILE goes on from there.
              FILE       the snapshot that is written
              COMMAND    debian, boot or create, with its own arguments (see their --help), among them when to save:
                --save-when REGEX         when the guest is idle for the first time after a console line that matches;
                                          for debian the default is '%s'
                --save-at INSTRUCTIONS    when it has retired that many instructions; in virtual time exactly then
                --save-keep               the guest goes on after it was saved
            Examples:
              ./xen save ready.snap debian
              ./xen restore ready.snap -c 'uname -a'
              ./xen save half.snap boot vmlinuz --ramdisk rd.cpio --save-at 1000000000
            Exit status: 0 saved, 1 not saved, 2 usage or bad input, 3 the guest crashed before, 4 limit reached.
            """.formatted(READY);

    private final GuestSessions guests;

    @Activate public SaveCommand(@Reference GuestSessions guests) { this.guests = guests; }

    @Override public String summary() { return "boot a guest to a point and save it there"; }

    @Override public int run(List<String> args, CliIo io, Startup rest) throws Exception {
        if (args.stream().limit(2).anyMatch(a -> a.equals("--help") || a.equals("-h"))) {
            io.out().print(HELP);
            return OK;
        }
        if (args.size() < 2 || args.getFirst().startsWith("-")) {
            io.err().println("xen: save wants a FILE and how to boot the guest, for example: ./xen save ready.snap debian; see ./xen save --help");
            return USAGE;
        }
        EarlyCommand boot = switch (args.get(1)) {
            case "debian" -> new DebianCommand(guests);
            case "boot" -> new BootCommand(guests);
            case "create" -> new CreateCommand(guests);
            default -> null;
        };
        if (boot == null) {
            io.err().println("xen: save " + args.getFirst() + " " + args.get(1) + ": debian, boot or create is expected behind the file; see ./xen save --help");
            return USAGE;
        }
        List<String> all = new ArrayList<>(args.subList(2, args.size()));
        all.addAll(List.of("--save", Path.of(args.getFirst()).toString()));
        if (args.get(1).equals("debian") && args.stream().noneMatch(a -> a.startsWith("--save-when") || a.startsWith("--save-at"))) {
            all.addAll(List.of("--save-when", READY));
        }
        return boot.run(all, io, rest);
    }
}
