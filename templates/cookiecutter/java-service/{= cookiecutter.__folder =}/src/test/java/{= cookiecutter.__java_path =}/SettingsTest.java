package {= cookiecutter.__java_package =};

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import {= cookiecutter.__java_package =}.Settings.LogFormat;
import {= cookiecutter.__java_package =}.Settings.LogLevel;

class SettingsTest {

    static final Settings DEFAULTS = new Settings("127.0.0.1", 8080, LogLevel.INFO, LogFormat.JSON, 5, 15, 5);

    @Test
    void settingsComeFromTheEnvironment() {
        var settings = settings(Map.of("APP_LISTEN_PORT", "9000", "APP_LOG_LEVEL", "warning"));

        assertThat(settings.listenPort()).isEqualTo(9000);
        assertThat(settings.forSpring()).containsEntry("logging.level.root", "warn");
    }

    @Test
    void peopleMayReadPlainLines() {
        var settings = settings(Map.of("APP_LOG_FORMAT", "console"));

        assertThat(settings.forSpring()).doesNotContainKey("logging.structured.format.console");
    }

    @Test
    void aKubernetesServiceLinkIsNoSetting() {
        assertThat(settings(Map.of("APP_PORT", "tcp://10.0.0.1:80"))).isEqualTo(DEFAULTS);
    }

    @Test
    void theExampleNamesEverySettingWithItsDefault() throws IOException {
        var example = new TreeMap<String, Object>();
        for (var line : Files.readAllLines(Path.of(".env.example"))) {
            if (line.startsWith("APP_")) {
                var parts = line.split("=", 2);
                example.put(parts[0], parts[1]);
            }
        }
        var names = Arrays.stream(Settings.class.getRecordComponents())
                .map(each ->
                        "APP_" + each.getName().replaceAll("(?=[A-Z])", "_").toUpperCase(Locale.ROOT))
                .toList();

        assertThat(example.keySet()).containsExactlyInAnyOrderElementsOf(names);
        assertThat(settings(example)).isEqualTo(DEFAULTS).isEqualTo(settings(Map.of()));
    }

    @Test
    void aShutdownFitsIntoKubernetesPatience() {
        assertThat(DEFAULTS.drainDelaySeconds() + DEFAULTS.drainTimeoutSeconds() + DEFAULTS.flushTimeoutSeconds())
                .isLessThan(30);
    }

    @ParameterizedTest
    @CsvSource({
        "APP_LISTEN_PORT, hunter2, is not understood",
        "APP_LISTEN_PORT, 65536, must be between 0 and 65535",
        "APP_LOG_LEVEL, hunter2, is not understood",
        "APP_DRAIN_DELAY_SECONDS, -1, must not be negative",
        "APP_DRAIN_TIMEOUT_SECONDS, 0, must be greater than 0",
        "APP_FLUSH_TIMEOUT_SECONDS, 0, must be greater than 0",
    })
    void aBadSettingIsNamedAndItsValueIsNot(String name, String value, String why) {
        assertThatThrownBy(() -> settings(Map.of(name, value))).hasMessage(name + ": " + why);
    }

    @Test
    void everyBadSettingIsNamed() {
        var variables = Map.<String, Object>of(
                "APP_LISTEN_PORT", "hunter2", "APP_DRAIN_TIMEOUT_SECONDS", "0", "APP_FLUSH_TIMEOUT_SECONDS", "-1");

        assertThatThrownBy(() -> settings(variables)).hasMessage("""
                APP_LISTEN_PORT: is not understood
                APP_DRAIN_TIMEOUT_SECONDS: must be greater than 0
                APP_FLUSH_TIMEOUT_SECONDS: must be greater than 0""");
    }

    private static Settings settings(Map<String, Object> variables) {
        var environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
        return Settings.from(environment);
    }
}
