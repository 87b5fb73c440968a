package weaviatetest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// actVariable makes this test binary play a server program, or its parent,
// where a real one could not be made to behave so badly.
const actVariable = "WEAVIATETEST_ACT"

func TestMain(m *testing.M) {
	act, ok := map[string]func() error{
		"stubborn": actStubborn,
		"mute":     actMute,
		"clash":    actClash,
		"parent":   actParent,
	}[os.Getenv(actVariable)]
	if !ok {
		goleak.VerifyTestMain(m)
		return
	}
	if err := act(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// actStubborn is ready at once and does not stop when asked.
func actStubborn() error {
	signal.Ignore(syscall.SIGTERM)
	server := &http.Server{
		Addr: "127.0.0.1:" + os.Args[4], ReadHeaderTimeout: time.Second,
		Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}),
	}
	return server.ListenAndServe()
}

// actMute runs and never answers.
func actMute() error {
	fmt.Println("loading very slowly")
	hang := make(chan os.Signal, 1)
	signal.Notify(hang, syscall.SIGUSR1)
	<-hang
	return nil
}

// actClash fails as a server does whose port was taken in between, and counts.
func actClash() error {
	file, err := os.OpenFile(os.Getenv("ATTEMPTS"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := file.WriteString(os.Args[4] + "\n"); err != nil {
		return err
	}
	return errors.Join(file.Close(), errors.New("listen tcp 127.0.0.1:1: bind: address already in use"))
}

// actParent starts a stubborn server, tells its address, and waits to be killed.
func actParent() error {
	l := launcher{program: os.Args[0], portsFolder: os.Args[2], deadline: startDeadline}
	s, err := l.start(context.Background(), Options{Dir: os.Args[1], Env: map[string]string{actVariable: "stubborn"}})
	if err != nil {
		return err
	}
	fmt.Println(s.URL)
	return actMute()
}
