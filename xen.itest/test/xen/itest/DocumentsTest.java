package xen.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** README, docs and the bundles' readme.md: their links lead somewhere, no command is missing, and what every bundle has to have is there. */
class DocumentsTest {
	private static final Pattern CODE = Pattern.compile("```.*?```", Pattern.DOTALL), LINK = Pattern.compile("]\\(([^)\\s]+)\\)"), HEADING = Pattern.compile("(?m)^#+ (.*)$"),
			COMMAND = Pattern.compile("(?m)^  ([a-z][a-z-]+) ");

	private static List<Path> documents() throws IOException {
		List<Path> all = new ArrayList<>();
		for (String glob : List.of("*.md", "docs/*.md", "docs/*/*.md", "*/readme.md")) {
			try (Stream<Path> files = Files.walk(Xen.workspace(), 3)) {
				files.filter(f -> f.getFileSystem().getPathMatcher("glob:" + Xen.workspace() + "/" + glob).matches(f)).forEach(all::add);
			}
		}
		assertThat(all).hasSizeGreaterThan(20);
		return all;
	}

	private static String prose(Path document) {
		try {
			return CODE.matcher(Files.readString(document)).replaceAll("");
		} catch (IOException e) {
			throw new java.io.UncheckedIOException(e);
		}
	}

	@Test
	void everyLinkLeadsSomewhere() throws IOException {
		List<String> broken = new ArrayList<>();
		for (Path document : documents()) {
			for (MatchResult m : LINK.matcher(prose(document)).results().toList()) {
				String link = m.group(1), anchor = link.contains("#") ? link.substring(link.indexOf('#') + 1) : null, file = link.replaceFirst("#.*", "");
				if (link.matches("https?:.*")) continue;
				Path to = file.isEmpty() ? document : document.resolveSibling(file).normalize();
				if (!Files.exists(to) || anchor != null && !anchors(to).contains(anchor)) broken.add(Xen.workspace().relativize(document) + ": " + link);
			}
		}
		assertThat(broken).isEmpty();
	}

	/** As the web sites that show these files make them. */
	private static Set<String> anchors(Path document) {
		return HEADING.matcher(prose(document)).results().map(m -> m.group(1).strip().toLowerCase().replaceAll("[^\\w\\- ]", "").replace(' ', '-')).collect(Collectors.toSet());
	}

	@Test
	void everyCommandIsInTheDocuments() throws IOException {
		String commands = Files.readString(Xen.workspace().resolve("docs/commands.md"));
		for (String[] help : List.of(new String[] {"run", "-c", "help"}, new String[] {"commands"})) {
			Xen.Outcome o = Xen.run(help);
			assertThat(o.status()).as(o::toString).isZero();
			List<String> names = COMMAND.matcher(o.out()).results().map(m -> m.group(1)).toList();
			assertThat(names).hasSizeGreaterThan(8).allMatch(n -> Pattern.compile("(?<![\\w-])" + n + "(?![\\w-])").matcher(commands).find());
		}
	}

	@Test
	void everyBundleHasAReadmeAndEveryPackageItsDesignNote() throws IOException {
		List<Path> missing = new ArrayList<>();
		try (Stream<Path> top = Files.list(Xen.workspace())) {
			for (Path bundle : top.filter(d -> Files.exists(d.resolve("bnd.bnd")) && Files.isDirectory(d)).filter(d -> !d.endsWith("cnf")).toList()) {
				if (!bundle.equals(Xen.workspace()) && !Files.exists(bundle.resolve("readme.md"))) missing.add(bundle.resolve("readme.md"));
				if (!Files.isDirectory(bundle.resolve("src"))) continue;
				try (Stream<Path> sources = Files.walk(bundle.resolve("src"))) {
					sources.filter(f -> f.toString().endsWith(".java")).map(f -> f.resolveSibling("package-info.java")).distinct().filter(f -> !Files.exists(f)).forEach(missing::add);
				}
			}
		}
		assertThat(missing).isEmpty();
	}
}
