package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// children are the programs and plugins that were started and have not ended.
type children struct {
	mutex   sync.Mutex
	running map[*exec.Cmd]bool
}

// start starts a command and remembers it until wait returns.
func (c *children) start(command *exec.Cmd) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if err := command.Start(); err != nil {
		return err
	}
	if c.running == nil {
		c.running = map[*exec.Cmd]bool{}
	}
	c.running[command] = true
	return nil
}

// wait returns the exit code; an error only if there is none.
func (c *children) wait(command *exec.Cmd) (int, error) {
	err := command.Wait()
	c.mutex.Lock()
	delete(c.running, command)
	c.mutex.Unlock()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), nil
	}
	return 0, err
}

func (c *children) killAll() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for command := range c.running {
		_ = command.Process.Kill()
	}
}

// sdkFile finds a file of the program's own copy of the SDK, as Node would: upwards from the program's directory.
func sdkFile(directory, file string) (string, error) {
	for at := directory; ; at = filepath.Dir(at) {
		path := filepath.Join(at, "node_modules", "@pulumi", "pulumi", file)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("@pulumi/pulumi is not installed in %s: run \"npm ci\" there first", directory)
		}
	}
}

// script is a command that runs one of the SDK's scripts in the program's directory, and is killed when the context ends.
func script(ctx context.Context, directory, name string, options map[string]any, arguments []string) (*exec.Cmd, error) {
	file, err := sdkFile(directory, filepath.Join("cmd", name))
	if err != nil {
		return nil, err
	}
	nodeArguments, _ := options["nodeargs"].(string)
	command := exec.CommandContext(ctx, "node", append(append(strings.Fields(nodeArguments), file), arguments...)...)
	command.Dir = directory
	return command, nil
}

func programDirectory(info *pulumirpc.ProgramInfo, fallback string) string {
	if info == nil {
		return fallback
	}
	return info.GetProgramDirectory()
}

// typescript is the option of that name as the SDK reads it from the environment; on unless switched off.
func typescript(options map[string]any) string {
	if on, given := options["typescript"].(bool); given && !on {
		return "PULUMI_NODEJS_TYPESCRIPT=false"
	}
	return "PULUMI_NODEJS_TYPESCRIPT=true"
}
