//go:build !race

package disktest_test

import (
	"maps"
	"strings"

	"github.com/stretchr/testify/require"
)

// outcome is what a run left.
type outcome int

const (
	oldState outcome = iota // the earlier run's files, all of them, and no manifest of this run
	newState                // all files of this run, and the manifest
	mixed                   // whole files of this run, and no verify takes them for a backup
)

// check holds what the run left, and what verify says of it, to the promise: the
// old state, or the new one in full, or, where files are replaced, a mix that
// verify tells of.
func (b *broken) check() outcome {
	b.t.Helper()
	if b.kind.stable {
		return b.checkStable()
	}
	return b.checkTimes()
}

func (b *broken) checkTimes() outcome {
	b.t.Helper()
	manifest := ""
	added := b.added()
	for _, name := range added {
		if b.files[name] == "" && b.kind.noLinks {
			// The one file that was about to get its content.
			code, _ := b.verify("backups/" + name)
			require.Equal(b.t, 3, code, "%s, %v", name, b)
			if strings.HasPrefix(name, "manifest") {
				code, _ = b.verify("backups")
				require.Equal(b.t, 3, code, b)
				return mixed
			}
			continue
		}
		if strings.HasPrefix(name, "manifest") {
			require.Empty(b.t, manifest, b)
			manifest = name
		}
		code, _ := b.verify("backups/" + name)
		require.Equal(b.t, 0, code, "%s is not whole, %v", name, b)
	}
	code, found := b.verify("backups")
	switch {
	case manifest != "":
		require.Equal(b.t, 0, code, b)
		require.Equal(b.t, manifest, found, b)
		require.Len(b.t, added, 4, b)
		return newState
	case b.kind.over:
		require.Equal(b.t, 0, code, b)
		require.Contains(b.t, b.old, found, b)
	default:
		require.NotEqual(b.t, 0, code, b)
	}
	if len(added) > 0 {
		return mixed
	}
	return oldState
}

func (b *broken) checkStable() outcome {
	b.t.Helper()
	for name, content := range b.files {
		require.Contains(b.t, []string{b.old[name], b.want[name]}, content, "%s, %v", name, b)
		require.NotEmpty(b.t, content, b)
	}
	code, _ := b.verify("backups")
	switch {
	case maps.Equal(b.files, b.want):
		require.Equal(b.t, 0, code, b)
		return newState
	case maps.Equal(b.files, b.old):
		require.Equal(b.t, b.kind.over, code == 0, b)
		return oldState
	default:
		require.Equal(b.t, 3, code, "a mix, %v", b)
		return mixed
	}
}

// checkFailed checks a run that ended by itself, and may not leave anything but
// the old state or the new one, and of a mix must tell every file.
func (b *broken) checkFailed() outcome {
	b.t.Helper()
	got := b.check()
	require.Empty(b.t, b.temporary, b)
	switch {
	case b.code == 0:
		require.Equal(b.t, newState, got, b)
	case got == mixed:
		require.True(b.t, b.kind.stable, b)
		b.checkTold()
	}
	return got
}

// checkTold checks that the log names every file that has changed.
func (b *broken) checkTold() {
	b.t.Helper()
	for name, content := range b.files {
		if content != b.old[name] {
			require.Regexp(b.t, `these files are new: .*\b`+name, b.log)
		}
	}
	for name := range b.old {
		if _, ok := b.files[name]; !ok {
			require.Regexp(b.t, `; removed: .*\b`+name, b.log)
		}
	}
}

// mend runs the program once more, unbroken, which must make the new state
// whatever is there, leave what else was there as it is, and remove what the
// broken run left that is temporary.
func (b *broken) mend() {
	b.t.Helper()
	before := b.files
	code, log := b.inside(b.root, 2100, b.args(b.url)...)
	require.Equal(b.t, 0, code, "%s\nafter %v", log, b)
	b.look()
	require.Empty(b.t, b.temporary, b)
	code, manifest := b.verify("backups")
	if b.kind.stable {
		require.Equal(b.t, b.want, b.files)
		require.Equal(b.t, 0, code, b)
		return
	}
	for name, content := range before {
		require.Equal(b.t, content, b.files[name], name)
	}
	require.Equal(b.t, 0, code, b)
	require.Equal(b.t, "manifest_21000102_030405.json", manifest, "%v: an empty one that the broken run left is older", b)
}
