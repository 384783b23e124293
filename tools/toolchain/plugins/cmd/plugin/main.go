// Command plugin is three Pulumi resource plugins in one binary: it serves the package it is named after
// (pulumi-resource-random, pulumi-resource-tls or pulumi-resource-docker). The three share nearly all
// of their code, so one link step replaces three.
package main

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"

	"groundwork.invalid/toolchain/plugins/bridge"
)

// Written by ../schemas before this package is compiled.
//
//go:embed schema/*.json
var schemas embed.FS

func main() {
	name := strings.TrimPrefix(filepath.Base(os.Args[0]), "pulumi-resource-")
	schema, err := schemas.ReadFile("schema/" + name + ".json")
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: start this as pulumi-resource-random, pulumi-resource-tls or pulumi-resource-docker\n", os.Args[0])
		os.Exit(2)
	}
	switch name {
	case "random":
		pf.Main(context.Background(), name, bridge.Random(), pf.ProviderMetadata{PackageSchema: schema})
	case "tls":
		pf.Main(context.Background(), name, bridge.TLS(), pf.ProviderMetadata{PackageSchema: schema})
	case "docker":
		tfbridge.Main(name, bridge.DockerVersion, bridge.Docker(), schema)
	}
}
