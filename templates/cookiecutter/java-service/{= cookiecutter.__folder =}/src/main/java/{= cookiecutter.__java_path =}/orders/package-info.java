/** Orders: an example resource, to be replaced by your own. */
@NullMarked
package {= cookiecutter.__java_package =}.orders;

import org.jspecify.annotations.NullMarked;
