package weaviatetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/gofrs/flock"
)

// Ports come in blocks below Linux's range for outgoing connections (32768 and
// up), so that no client connection takes one between the choice and the bind.
const (
	firstPort = 20000
	lastPort  = 32000
	blockSize = 10
)

// The members of a block, by their distance from its first port. Before 1.33
// the data port must be the gossip port + 1, or the server does not start.
const (
	portHTTP = iota
	portGRPC
	portGossip
	portData
	portRaft
	portRaftRPC
	portProfiling
	portMetrics
)

// ports is a block of ports that only the holder uses. It is held by a lock
// file, which the kernel releases when the process dies.
type ports struct {
	base int
	lock *flock.Flock
}

// reservePorts takes the first block that no other test holds (their lock files
// are in folder) and where nothing listens.
func reservePorts(ctx context.Context, folder string) (*ports, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, fmt.Errorf("reserve ports: %w", err)
	}
	for base := firstPort; base+blockSize <= lastPort; base += blockSize {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		lock := flock.New(filepath.Join(folder, strconv.Itoa(base)+".lock"))
		got, err := lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("reserve ports: lock %s: %w", lock.Path(), err)
		}
		if !got {
			continue
		}
		if blockIsFree(ctx, base) {
			return &ports{base: base, lock: lock}, nil
		}
		if err := lock.Unlock(); err != nil {
			return nil, fmt.Errorf("reserve ports: unlock %s: %w", lock.Path(), err)
		}
	}
	return nil, fmt.Errorf("reserve ports: no free block of %d between %d and %d", blockSize, firstPort, lastPort)
}

// port gives one member of the block as text.
func (p *ports) port(member int) string { return strconv.Itoa(p.base + member) }

func (p *ports) release() error { return p.lock.Unlock() }

// blockIsFree reports whether every port of the block can be bound on all
// interfaces, since some of Weaviate's listeners know no address.
func blockIsFree(ctx context.Context, base int) bool {
	var config net.ListenConfig
	for port := base; port < base+blockSize; port++ {
		listener, err := config.Listen(ctx, "tcp", ":"+strconv.Itoa(port))
		if err != nil {
			return false
		}
		if err := listener.Close(); err != nil {
			return false
		}
	}
	return true
}

// ClosedPort gives a loopback port where connections are refused for as long as
// it is held: it is bound, so nothing else can take it, but never listened on.
// release gives it back.
func ClosedPort() (port int, release func() error, err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, nil, fmt.Errorf("hold a closed port: open a socket: %w", err)
	}
	release = func() error { return syscall.Close(fd) }
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, nil, errors.Join(fmt.Errorf("hold a closed port: bind: %w", err), release())
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		return 0, nil, errors.Join(fmt.Errorf("hold a closed port: read its number: %w", err), release())
	}
	address, ok := name.(*syscall.SockaddrInet4)
	if !ok {
		return 0, nil, errors.Join(errors.New("hold a closed port: not an IPv4 address"), release())
	}
	return address.Port, release, nil
}
