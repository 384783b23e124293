package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// alreadyReported is the exit code by which `cmd/run` says that it has told the user everything already.
const alreadyReported = 32

type languageHost struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	children
	engine string
}

func (h *languageHost) Handshake(context.Context, *pulumirpc.LanguageHandshakeRequest) (*pulumirpc.LanguageHandshakeResponse, error) {
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (h *languageHost) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (h *languageHost) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "3.245.0"}, nil
}

// What the program needs is not searched for: the CLI asks for a plugin when the program uses it.

func (h *languageHost) GetRequiredPlugins(context.Context, *pulumirpc.GetRequiredPluginsRequest) (*pulumirpc.GetRequiredPluginsResponse, error) {
	return &pulumirpc.GetRequiredPluginsResponse{}, nil
}

func (h *languageHost) GetRequiredPackages(context.Context, *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// About is asked at the start of every run; the version of Node is not worth a process of it.
func (h *languageHost) About(context.Context, *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	executable, err := exec.LookPath("node")
	return &pulumirpc.AboutResponse{Executable: executable}, err
}

// Run runs the program to its end.
func (h *languageHost) Run(_ context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	info := request.GetInfo()
	options := info.GetOptions().AsMap()
	// Not bound to the call's context: the CLI may drop the call while the program still has to hear how its resources ended.
	command, err := script(context.Background(), programDirectory(info, request.GetPwd()), "run", options, h.runArguments(request))
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(nonNil(request.GetConfig()))
	if err != nil {
		return nil, err
	}
	secretKeys, err := json.Marshal(append([]string{}, request.GetConfigSecretKeys()...))
	if err != nil {
		return nil, err
	}
	command.Env = append(os.Environ(), "PULUMI_CONFIG="+string(config), "PULUMI_CONFIG_SECRET_KEYS="+string(secretKeys), typescript(options))
	command.Stdout, command.Stderr = os.Stderr, os.Stderr // our stdout belongs to the handshake with the CLI
	if err := h.start(command); err != nil {
		return nil, err
	}
	code, err := h.wait(command)
	switch {
	case err != nil:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program ended: %v", err)}, nil
	case code == alreadyReported:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case code != 0:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program exited with non-zero exit code: %d", code)}, nil
	}
	return &pulumirpc.RunResponse{}, nil
}

// runArguments is the command line of `cmd/run` for what the engine asks.
func (h *languageHost) runArguments(request *pulumirpc.RunRequest) []string {
	info := request.GetInfo()
	flags := [][2]string{
		{"monitor", request.GetMonitorAddress()},
		{"engine", h.engine},
		{"organization", request.GetOrganization()},
		{"project", request.GetProject()},
		{"stack", request.GetStack()},
		{"pwd", request.GetPwd()},
		{"parallel", strconv.Itoa(int(request.GetParallel()))},
		{"root-directory", info.GetRootDirectory()},
	}
	var arguments []string
	for _, flag := range flags {
		if flag[1] != "" {
			arguments = append(arguments, "--"+flag[0], flag[1])
		}
	}
	if request.GetDryRun() {
		arguments = append(arguments, "--dry-run")
	}
	entry := info.GetEntryPoint()
	if entry == "" {
		entry = "."
	}
	return append(append(arguments, entry), request.GetArgs()...)
}

func nonNil(config map[string]string) map[string]string {
	if config == nil {
		return map[string]string{}
	}
	return config
}

// InstallDependencies runs npm in the program's directory.
func (h *languageHost) InstallDependencies(
	request *pulumirpc.InstallDependenciesRequest, stream pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	command := exec.Command("npm", "install", "--no-audit", "--no-fund")
	command.Dir = request.GetInfo().GetProgramDirectory()
	code, err := h.streamed(command,
		func(text []byte) error { return stream.Send(&pulumirpc.InstallDependenciesResponse{Stdout: text}) },
		func(text []byte) error { return stream.Send(&pulumirpc.InstallDependenciesResponse{Stderr: text}) })
	if err == nil && code != 0 {
		err = fmt.Errorf("npm install exited with %d", code)
	}
	return err
}

// RunPlugin runs a component package or a policy pack.
func (h *languageHost) RunPlugin(request *pulumirpc.RunPluginRequest, stream pulumirpc.LanguageRuntime_RunPluginServer) error {
	info := request.GetInfo()
	options := info.GetOptions().AsMap()
	directory := info.GetProgramDirectory()
	name, arguments := "run-plugin", append([]string{directory}, request.GetArgs()...)
	if request.GetKind() == "analyzer" {
		name, arguments = "run-policy-pack", append(append([]string{}, request.GetArgs()...), directory)
	}
	command, err := script(stream.Context(), directory, name, options, arguments)
	if err != nil {
		return err
	}
	command.Env = append(append([]string{}, request.GetEnv()...), typescript(options))
	code, err := h.streamed(command,
		func(text []byte) error {
			return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stdout{Stdout: text}})
		},
		func(text []byte) error {
			return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stderr{Stderr: text}})
		})
	if err != nil {
		return err
	}
	return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(code)}})
}
