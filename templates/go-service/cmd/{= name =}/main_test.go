package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestABadSettingIsToldAndARestartWillNotHelp(t *testing.T) {
	t.Parallel()
	var out, told bytes.Buffer
	getenv := func(name string) string {
		return map[string]string{"APP_LISTEN_PORT": "hunter2"}[name]
	}

	code := run(t.Context(), getenv, &out, &told)

	if code != exConfig || told.String() != "APP_LISTEN_PORT: should be a port from 0 to 65535\n" || out.Len() != 0 {
		t.Errorf("%d, %s, %s", code, &told, &out)
	}
}

func TestWhatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	var out, told bytes.Buffer
	getenv := func(name string) string {
		return map[string]string{"APP_LISTEN_HOST": "256.256.256.256", "APP_LISTEN_PORT": "0"}[name]
	}

	code := run(t.Context(), getenv, &out, &told)

	if code != exFailure || !strings.Contains(out.String(), `"message":"the service failed"`) {
		t.Errorf("%d, %s", code, &out)
	}
}
