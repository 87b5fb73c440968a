package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// rootfs writes the root folder of an image as a tar stream.
type rootfs struct{ tar *tar.Writer }

func (r rootfs) dir(name string, mode int64) error {
	return r.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: mode})
}

func (r rootfs) link(name, target string) error {
	return r.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777})
}

func (r rootfs) text(name, content string) error {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(content)), Mode: 0o644}
	if err := r.tar.WriteHeader(h); err != nil {
		return err
	}
	_, err := io.WriteString(r.tar, content)
	return err
}

// file copies the file at path, following links, with its permission bits.
func (r rootfs) file(name, path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: info.Size(), Mode: int64(info.Mode().Perm())}
	if err := r.tar.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.Copy(r.tar, f)
	return err
}

// tree copies the folders and files below path, but for the skipped top folders.
func (r rootfs) tree(name, path string, skip ...string) error {
	return filepath.WalkDir(path, func(at string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(path, at)
		if err != nil {
			return err
		}
		for _, s := range skip {
			if below == s {
				return fs.SkipDir
			}
		}
		to := filepath.Join(name, below)
		switch {
		case entry.IsDir():
			return r.dir(to, 0o755)
		case entry.Type() == fs.ModeSymlink:
			target, err := os.Readlink(at)
			if err != nil {
				return err
			}
			return r.link(to, target)
		case entry.Type().IsRegular():
			return r.file(to, at)
		default:
			return fmt.Errorf("%s is neither a folder, a file nor a link", at)
		}
	})
}

// busybox writes what the busybox image holds: one static program with a link
// per command, and the few folders and files that programs expect.
func (r rootfs) busybox(ctx context.Context) error {
	path, err := exec.LookPath("busybox")
	if err != nil {
		return fmt.Errorf("%w (Debian: apt-get install busybox-static)", err)
	}
	list, err := execute(ctx, exec.CommandContext(ctx, path, "--list"))
	if err != nil {
		return err
	}
	for _, name := range []string{"bin", "etc", "etc/ssl", "etc/ssl/certs", "root", "usr", "usr/local", "usr/local/bin", "var", "var/lib"} {
		if err := r.dir(name, 0o755); err != nil {
			return err
		}
	}
	if err := r.dir("tmp", 0o1777); err != nil {
		return err
	}
	if err := r.text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"); err != nil {
		return err
	}
	if err := r.text("etc/group", "root:x:0:\n"); err != nil {
		return err
	}
	for _, command := range strings.Fields(list.stdout) {
		if command == "busybox" {
			continue
		}
		if err := r.link("bin/"+command, "busybox"); err != nil {
			return err
		}
	}
	return r.file("bin/busybox", path)
}
