/**
 * An HTTP service, and the plumbing that makes it operable.
 *
 * <p>{@code orders} is the one resource; replace it by your own. The classes beside it serve every resource: settings,
 * logs, telemetry, errors, health and shutdown.
 */
@NullMarked
package {= cookiecutter.__java_package =};

import org.jspecify.annotations.NullMarked;
