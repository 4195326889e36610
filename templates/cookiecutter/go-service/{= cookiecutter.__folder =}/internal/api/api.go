// Package api is the contract with clients: an OpenAPI document, which is served, and by which requests are validated.
package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"{= cookiecutter.__module =}/internal/problem"
)

// MaxBody is how many bytes a request's body may have.
const MaxBody = 1 << 20

//go:embed openapi.json
var document []byte

// Document serves the OpenAPI document, with the version that runs.
func Document(version string) http.Handler {
	parsed := parse()
	parsed["info"].(map[string]any)["version"] = version //nolint:forcetypeassert // our own document
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		WriteJSON(w, http.StatusOK, parsed)
	})
}

// Schema is one of the document's schemas.
type Schema struct{ compiled *jsonschema.Schema }

// MustSchema returns a schema of the document by its name. It panics where there is none: that is a bug.
func MustSchema(name string) Schema {
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("openapi.json", any(parse())); err != nil {
		panic(err)
	}
	return Schema{compiler.MustCompile("openapi.json#/components/schemas/" + name)}
}

func parse() map[string]any {
	var parsed map[string]any
	if err := json.Unmarshal(document, &parsed); err != nil {
		panic(err)
	}
	return parsed
}

// Read decodes the request's body into target, or says as a problem.Error where it does not match the schema.
func (s Schema) Read(w http.ResponseWriter, r *http.Request, target any) error {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return problem.New(http.StatusUnsupportedMediaType, "The body has to be application/json.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return problem.New(http.StatusRequestEntityTooLarge, fmt.Sprintf("The body has more than %d bytes.", MaxBody))
	case err != nil:
		return problem.New(http.StatusBadRequest, "The body did not arrive.")
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return problem.New(http.StatusBadRequest, "The body is not JSON.")
	}
	var mismatch *jsonschema.ValidationError
	if err := s.compiled.Validate(value); errors.As(err, &mismatch) {
		return problem.Mismatch(locate(mismatch)...)
	}
	// 2.0 is an integer to JSON Schema, and none to Go.
	var typed *json.UnmarshalTypeError
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(target); errors.As(err, &typed) {
		return problem.Mismatch(problem.Invalid{Detail: typed.Field + ": should be a whole number"})
	} else if err != nil {
		return fmt.Errorf("decode what the schema allows: %w", err)
	}
	return nil
}

// locate lists what is wrong, each with its JSON Pointer (RFC 6901).
func locate(mismatch *jsonschema.ValidationError) []problem.Invalid {
	at := func(detail string, members ...string) problem.Invalid {
		return problem.Invalid{Detail: detail, Pointer: pointer(mismatch.InstanceLocation, members...)}
	}
	var found []problem.Invalid
	switch wrong := mismatch.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range wrong.Missing {
			found = append(found, at("required, and missing", name))
		}
	case *kind.AdditionalProperties:
		for _, name := range wrong.Properties {
			found = append(found, at("not allowed", name))
		}
	default:
		for _, cause := range mismatch.Causes {
			found = append(found, locate(cause)...)
		}
		if len(mismatch.Causes) == 0 {
			found = append(found, at(wrong.LocalizedString(message.NewPrinter(language.English))))
		}
	}
	return found
}

func pointer(location []string, members ...string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	var written strings.Builder
	written.WriteString("#")
	for _, part := range slices.Concat(location, members) {
		written.WriteString("/" + escape.Replace(part))
	}
	return written.String()
}

// WriteJSON answers with a value that encodes without fail.
func WriteJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// Whoever hung up meanwhile misses nothing: there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(value)
}
