// Command schemas writes <directory>/<package>.json for each package: the Pulumi schema that the plugin serves.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	pfgen "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"

	"groundwork.invalid/toolchain/plugins/bridge"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: schemas <directory>")
		os.Exit(2)
	}
	sink := diag.DefaultSink(os.Stderr, os.Stderr, diag.FormatOptions{Color: colors.Never})
	for name, generate := range map[string]func() ([]byte, error){
		"random": func() ([]byte, error) { return framework(bridge.Random(), sink) },
		"tls":    func() ([]byte, error) { return framework(bridge.TLS(), sink) },
		"docker": func() ([]byte, error) { return classic(bridge.Docker(), sink) },
	} {
		schema, err := generate()
		if err == nil {
			err = os.WriteFile(filepath.Join(os.Args[1], name+".json"), schema, 0o644)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "schema of %s: %v\n", name, err)
			os.Exit(1)
		}
	}
}

// framework generates for a provider built on the Terraform plugin framework.
func framework(info tfbridge.ProviderInfo, sink diag.Sink) ([]byte, error) {
	result, err := pfgen.GenerateSchema(context.Background(), pfgen.GenerateSchemaOptions{ProviderInfo: info, DiagnosticsSink: sink})
	if err != nil {
		return nil, err
	}
	return result.ProviderMetadata.PackageSchema, nil
}

// classic generates for a provider built on the older Terraform plugin SDK.
func classic(info tfbridge.ProviderInfo, sink diag.Sink) ([]byte, error) {
	spec, err := tfgen.GenerateSchema(info, sink)
	if err != nil {
		return nil, err
	}
	return json.Marshal(spec)
}
