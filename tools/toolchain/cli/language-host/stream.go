package main

import (
	"os/exec"
	"sync"
)

// sender is an io.Writer that hands each piece to the engine. A stream takes one message at a time.
type sender struct {
	mutex *sync.Mutex
	send  func([]byte) error
}

func (s sender) Write(text []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return len(text), s.send(text)
}

// streamed runs a command to its end with its output going to the engine.
func (h *languageHost) streamed(command *exec.Cmd, stdout, stderr func([]byte) error) (int, error) {
	mutex := &sync.Mutex{}
	command.Stdout, command.Stderr = sender{mutex, stdout}, sender{mutex, stderr}
	if err := h.start(command); err != nil {
		return 0, err
	}
	return h.wait(command)
}
