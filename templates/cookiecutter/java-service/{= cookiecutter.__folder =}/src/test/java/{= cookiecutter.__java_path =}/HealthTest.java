package {= cookiecutter.__java_package =};

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.mock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.web.servlet.client.RestTestClient;

import {= cookiecutter.__java_package =}.Lifecycle.Phase;
import {= cookiecutter.__java_package =}.orders.OrderRepository;

@ServiceTest
class HealthTest {

    private final OrderRepository orders = mock();
    private final Lifecycle lifecycle = mock();
    private final HealthController health = new HealthController(lifecycle, orders);

    @Test
    void aStartedServiceIsAliveAndReady(@Autowired RestTestClient client) {
        client.get().uri("/healthz").exchange().expectBody().json("{\"status\": \"alive\"}");
        client.get().uri("/readyz").exchange().expectBody().json("{\"status\": \"ready\"}");
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "READY")
    void aServiceThatStartsOrEndsIsAliveButNotReady(Phase phase) {
        willAnswer(call -> phase).given(lifecycle).phase();

        assertThat(health.healthz().status()).isEqualTo("alive");
        assertThatThrownBy(health::readyz).hasMessage("The service is " + phase + ".");
    }

    @Test
    void aServiceWithoutItsRepositoryIsNotReady() {
        willAnswer(call -> Phase.READY).given(lifecycle).phase();
        willThrow(new IllegalStateException()).given(orders).ping();

        assertThatThrownBy(health::readyz).hasMessage("The repository does not answer.");
    }

    @Test
    void aRepositoryThatSaysNothingIsNotWaitedFor() {
        willAnswer(call -> Phase.READY).given(lifecycle).phase();
        willAnswer(call -> {
                    Thread.sleep(60_000);
                    return null;
                })
                .given(orders)
                .ping();

        assertThatThrownBy(health::readyz).hasMessage("The repository does not answer.");
    }
}
