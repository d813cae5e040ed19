package xen.itest;

import static org.junit.Assert.assertEquals;

import javax.inject.Inject;
import java.util.Arrays;
import java.util.List;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** The lab distribution starts whole. */
@RunWith(PaxExam.class)
public class LabDistributionTest {
	/** Waits for the launcher's arguments, and there is no launcher here. */
	private static final String NEEDS_LAUNCHER = "xen.cli.DispatcherComponent";

	@Inject
	private BundleContext context;

	@Inject
	private ServiceComponentRuntime components;

	@Configuration
	public Option[] lab() {
		return new Option[] {Lab.distribution()};
	}

	@Test
	public void everyBundleOfTheHouseIsActive() {
		List<String> idle = Arrays.stream(context.getBundles()).filter(b -> b.getSymbolicName().startsWith("xen.") && b.getState() != Bundle.ACTIVE)
				.map(b -> b.getSymbolicName() + " is in state " + b.getState()).toList();
		assertEquals(List.of(), idle);
	}

	@Test
	public void everyComponentIsSatisfied() {
		List<String> lacking = components.getComponentDescriptionDTOs().stream().filter(d -> d.defaultEnabled && !d.name.equals(NEEDS_LAUNCHER))
				.filter(d -> !d.configurationPolicy.equals("require"))
				.filter(d -> components.getComponentConfigurationDTOs(d).stream().noneMatch(LabDistributionTest::satisfied))
				.map(LabDistributionTest::describe).toList();
		assertEquals(List.of(), lacking);
	}

	private static boolean satisfied(ComponentConfigurationDTO c) {
		return c.state == ComponentConfigurationDTO.SATISFIED || c.state == ComponentConfigurationDTO.ACTIVE;
	}

	private static String describe(ComponentDescriptionDTO d) {
		return d.bundle.symbolicName + ": " + d.name;
	}
}
