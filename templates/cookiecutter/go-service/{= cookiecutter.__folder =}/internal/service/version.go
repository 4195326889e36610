package service

// Name is how catalogue, telemetry, SLO and alerts know this service.
const Name = "{= cookiecutter.name =}"

// Version is what runs; a release's tag is v and this.
const Version = "0.1.0"
