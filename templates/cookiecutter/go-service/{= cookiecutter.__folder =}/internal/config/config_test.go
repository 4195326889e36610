package config_test

import (
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"{= cookiecutter.__module =}/internal/config"
)

// environment is one that holds these variables; it remembers which were asked for.
type environment struct {
	variables map[string]string
	asked     map[string]bool
}

func (e *environment) get(name string) string {
	e.asked[name] = true
	return e.variables[name]
}

func fromEnv(variables map[string]string) (config.Config, []string, error) {
	env := environment{variables: variables, asked: map[string]bool{}}
	read, err := config.FromEnv(env.get)
	return read, slices.Sorted(maps.Keys(env.asked)), err
}

func TestSettingsComeFromTheEnvironment(t *testing.T) {
	t.Parallel()
	read, _, err := fromEnv(map[string]string{
		"APP_LISTEN_PORT": "9000", "APP_LOG_LEVEL": "debug", "APP_DRAIN_DELAY_SECONDS": "0.5",
	})
	if err != nil {
		t.Fatal(err)
	}
	if read.ListenPort != 9000 || read.LogLevel != slog.LevelDebug || read.DrainDelay != 500*time.Millisecond {
		t.Errorf("read %+v", read)
	}
}

func TestTheExampleNamesEverySettingWithItsDefault(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	example := map[string]string{}
	for _, line := range regexp.MustCompile(`(?m)^(APP_\w+)=(.*)$`).FindAllStringSubmatch(string(text), -1) {
		example[line[1]] = line[2]
	}
	defaults, names, err := fromEnv(nil)
	if err != nil {
		t.Fatal(err)
	}
	exampled, _, err := fromEnv(example)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(slices.Sorted(maps.Keys(example)), names) {
		t.Errorf("the example names %v, and the service asks for %v", slices.Sorted(maps.Keys(example)), names)
	}
	if exampled != defaults {
		t.Errorf("the example says %+v, and the defaults are %+v", exampled, defaults)
	}
}

func TestAShutdownFitsIntoKubernetesPatience(t *testing.T) {
	t.Parallel()
	defaults, _, err := fromEnv(nil)
	if err != nil {
		t.Fatal(err)
	}
	if sum := defaults.DrainDelay + defaults.DrainTimeout + defaults.FlushTimeout; sum >= 30*time.Second {
		t.Errorf("a shutdown may take %v", sum)
	}
}

func TestABadSettingIsNamedAndItsValueIsNot(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][]string{
		"APP_LISTEN_PORT":           {"hunter2", "-1", "65536", "80.5"},
		"APP_LOG_LEVEL":             {"hunter2", "INFO"},
		"APP_LOG_FORMAT":            {"hunter2", "xml"},
		"APP_DRAIN_DELAY_SECONDS":   {"hunter2", "-1", "NaN", "Inf", "1e99"},
		"APP_DRAIN_TIMEOUT_SECONDS": {"hunter2", "0"},
		"APP_FLUSH_TIMEOUT_SECONDS": {"hunter2", "0"},
	} {
		for _, value := range values {
			_, _, err := fromEnv(map[string]string{name: value})
			if err == nil || !strings.HasPrefix(err.Error(), name+": should be ") {
				t.Errorf("%s=%s: %v", name, value, err)
			} else if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the message holds the value: %v", err)
			}
		}
	}
}

func TestEveryBadSettingIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, _, err := fromEnv(map[string]string{"APP_LISTEN_PORT": "x", "APP_LOG_LEVEL": "x"})
	if err == nil || strings.Count(err.Error(), "should be") != 2 {
		t.Errorf("said %v", err)
	}
}
