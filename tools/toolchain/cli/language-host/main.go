// Command pulumi-language-nodejs is a Pulumi language host for Node programs, used where the official one cannot be had.
//
// It runs the program with the SDK's own `cmd/run`, connected straight to the engine. All it needs is the npm package
// @pulumi/pulumi of the program, so it supports whatever that version supports (hooks and transforms too).
// It is written in Go because the CLI starts it twice in every run: a Node process would add a third of a second.
package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// maxMessageBytes is what the engine accepts, and what the official hosts use.
const maxMessageBytes = 400 << 20

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	host := &languageHost{engine: engineAddress(os.Args[1:])}
	go endWithTheCLI(os.Getppid(), host)

	server := grpc.NewServer(grpc.MaxRecvMsgSize(maxMessageBytes), grpc.MaxSendMsgSize(maxMessageBytes))
	pulumirpc.RegisterLanguageRuntimeServer(server, host)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port) // the CLI reads the port from the first line
	if err := server.Serve(listener); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// engineAddress finds the CLI's own address: the only positional argument.
func engineAddress(arguments []string) string {
	for _, argument := range arguments {
		if !strings.HasPrefix(argument, "-") {
			return argument
		}
	}
	return ""
}

// endWithTheCLI ends the programs of a killed CLI, which cannot do it itself: a program that lives on would go on changing things.
func endWithTheCLI(cli int, host *languageHost) {
	for range time.Tick(time.Second) {
		if os.Getppid() != cli {
			host.killAll()
			os.Exit(0)
		}
	}
}
