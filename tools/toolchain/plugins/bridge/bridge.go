// Package bridge describes three Terraform providers as the Pulumi packages that the npm SDKs expect:
// the same names, the same tokens, the same versions. test/e2e/toolchain.test.ts compares them.
package bridge

import (
	"unicode"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	tlsshim "github.com/hashicorp/terraform-provider-tls/shim"
	dockershim "github.com/terraform-providers/terraform-provider-docker/shim"
	randomshim "github.com/terraform-providers/terraform-provider-random/shim"
)

// The versions of the npm packages in package.json: the SDK asks the engine for exactly these.
const (
	RandomVersion = "4.21.2"
	TLSVersion    = "5.6.1"
	DockerVersion = "5.2.0"
)

// Random is @pulumi/random.
func Random() tfbridge.ProviderInfo {
	return tfbridge.ProviderInfo{
		P: pf.ShimProvider(randomshim.New()), Name: "random", Version: RandomVersion,
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
		Resources: resources("random", map[string]string{
			"random_bytes":    "RandomBytes",
			"random_id":       "RandomId",
			"random_integer":  "RandomInteger",
			"random_password": "RandomPassword",
			"random_pet":      "RandomPet",
			"random_shuffle":  "RandomShuffle",
			"random_string":   "RandomString",
			"random_uuid":     "RandomUuid",
			"random_uuid4":    "RandomUuid4",
			"random_uuid7":    "RandomUuid7",
		}),
		EnableAccurateBridgePreview: true,
	}
}

// TLS is @pulumi/tls.
func TLS() tfbridge.ProviderInfo {
	return tfbridge.ProviderInfo{
		P: pf.ShimProvider(tlsshim.New()), Name: "tls", Version: TLSVersion,
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
		Resources: resources("tls", map[string]string{
			"tls_cert_request":        "CertRequest",
			"tls_locally_signed_cert": "LocallySignedCert",
			"tls_private_key":         "PrivateKey",
			"tls_self_signed_cert":    "SelfSignedCert",
		}),
		DataSources: functions("tls", map[string]string{
			"tls_certificate": "getCertificate",
			"tls_public_key":  "getPublicKey",
		}),
		EnableAccurateBridgePreview: true,
	}
}

// Docker is @pulumi/docker without its Image resource (nothing here builds images during an update).
func Docker() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P: shimv2.NewProvider(dockershim.New()), Name: "docker", Version: DockerVersion,
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
		Config: map[string]*tfbridge.SchemaInfo{
			"host":          {Default: &tfbridge.DefaultInfo{EnvVars: []string{"DOCKER_HOST"}, Value: "unix:///var/run/docker.sock"}},
			"registry_auth": {Name: "registryAuth", MaxItemsOne: tfbridge.False()},
		},
		Resources: resources("docker", map[string]string{
			"docker_buildx_builder": "BuildxBuilder",
			"docker_config":         "ServiceConfig",
			"docker_container":      "Container",
			"docker_image":          "RemoteImage",
			"docker_network":        "Network",
			"docker_plugin":         "Plugin",
			"docker_registry_image": "RegistryImage",
			"docker_secret":         "Secret",
			"docker_service":        "Service",
			"docker_tag":            "Tag",
			"docker_volume":         "Volume",
		}),
		DataSources: functions("docker", map[string]string{
			"docker_image":          "getRemoteImage",
			"docker_logs":           "getLogs",
			"docker_network":        "getNetwork",
			"docker_plugin":         "getPlugin",
			"docker_registry_image": "getRegistryImage",
		}),
		IgnoreMappings: []string{"docker_registry_image_manifests", "docker_registry_image_tags", "docker_containers", "docker_compose"},
	}
	container := info.Resources["docker_container"]
	container.DeleteBeforeReplace = true // a container's name can be taken only once
	container.Fields = map[string]*tfbridge.SchemaInfo{"command": {Name: "command"}, "networks_advanced": {Name: "networksAdvanced"}}
	info.Resources["docker_image"].Fields = map[string]*tfbridge.SchemaInfo{"name": {Name: "name"}}
	info.SetAutonaming(255, "-")
	return info
}

// resources maps Terraform resource names to Pulumi classes of the package.
func resources(pkg string, classes map[string]string) map[string]*tfbridge.ResourceInfo {
	out := map[string]*tfbridge.ResourceInfo{}
	for terraform, class := range classes {
		out[terraform] = &tfbridge.ResourceInfo{Tok: tokens.Type(token(pkg, class))}
	}
	return out
}

// functions maps Terraform data source names to Pulumi functions of the package.
func functions(pkg string, names map[string]string) map[string]*tfbridge.DataSourceInfo {
	out := map[string]*tfbridge.DataSourceInfo{}
	for terraform, name := range names {
		out[terraform] = &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember(token(pkg, name))}
	}
	return out
}

// token builds for example docker:index/container:Container.
func token(pkg, name string) string {
	module := []rune(name)
	module[0] = unicode.ToLower(module[0])
	return pkg + ":index/" + string(module) + ":" + name
}
