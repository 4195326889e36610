package {= cookiecutter.__java_package =};

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.mock.env.MockEnvironment;

import {= cookiecutter.__java_package =}.Lifecycle.Phase;

class LifecycleTest {

    private final Lifecycle lifecycle = new Lifecycle(
            SettingsTest.DEFAULTS, new MockEnvironment().withProperty("spring.application.version", "1.2.3"));

    @Test
    void aProcessStartsServesAndDrains() {
        assertThat(lifecycle.phase()).isEqualTo(Phase.STARTING);
        say(ReadinessState.ACCEPTING_TRAFFIC);
        assertThat(lifecycle.phase()).isEqualTo(Phase.READY);
        say(ReadinessState.REFUSING_TRAFFIC);
        assertThat(lifecycle.phase()).isEqualTo(Phase.DRAINING);
    }

    @Test
    void aShutdownDuringTheStartStaysOne() {
        say(ReadinessState.REFUSING_TRAFFIC);
        say(ReadinessState.ACCEPTING_TRAFFIC);

        assertThat(lifecycle.phase()).isEqualTo(Phase.DRAINING);
    }

    private void say(ReadinessState state) {
        lifecycle.on(new AvailabilityChangeEvent<>(this, state));
    }
}
