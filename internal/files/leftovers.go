package files

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// The temporary files of a batch are named .{token}.{number}.tmp. Beside them lies
// a mark, .{token}.lock.tmp, made before the first of them, removed after the last,
// and locked by flock(2) as long as the batch lives. The kernel gives the lock up
// when the process ends, however it ends: who gets the lock of a mark knows that
// nobody will ever use these files again. The token begins with the letter for what
// the batch shares its folder with.

const (
	shared = "S" // any other batch
	alone  = "A" // shared ones
)

// newToken is random but for its first letter.
func newToken(kind string) string { return kind + rand.Text()[len(kind):] }

// temporaryName is what a temporary file and a mark are called; the token tells
// whose they are.
var temporaryName = regexp.MustCompile(`^\.([A-Z2-7]{26})\.(?:lock|\d+)\.tmp$`)

// IsTemporary says whether the name is that of a temporary file or of a mark.
func IsTemporary(name string) bool { return temporaryName.MatchString(name) }

// IsTemporary is the function of that name, for those who only read.
func (w *Workspace) IsTemporary(name string) bool { return IsTemporary(name) }

func temporaryOf(token string, number int) string { return fmt.Sprintf(".%s.%d.tmp", token, number) }

func markOf(token string) string { return "." + token + ".lock.tmp" }

// oneMachine are file systems that one kernel alone writes to, by their numbers in
// statfs(2). On others (NFS, SMB, FUSE, 9p) a lock may be known to its own machine
// only, and prove nothing.
var oneMachine = []int64{
	0xEF53,     // ext2, ext3, ext4
	0x58465342, // XFS
	0x9123683E, // Btrfs
	0x01021994, // tmpfs
	0x794C7630, // overlayfs
	0x2FC12FC1, // ZFS
	0xF2F52010, // F2FS
}

// leftovers are names of temporary files that are not the batch's own: those that
// were removed, because a run which was killed had left them, and those of which
// nothing is known.
type leftovers struct{ removed, unknown []string }

// Notes tell, in sentences, what was found of runs that were killed.
func (b *Batch) Notes() []string {
	var notes []string
	if names := b.leftovers.removed; len(names) > 0 {
		notes = append(notes, fmt.Sprintf("removed %s that a killed run left in %s: %s", words.Count(len(names), "temporary file"), b.relative, list(names)))
	}
	if names := b.leftovers.unknown; len(names) > 0 {
		notes = append(notes, fmt.Sprintf("%s has %s of a run that was killed, or that is still writing on another machine; "+
			"where none is, remove them: %s", b.relative, words.Count(len(names), "temporary file"), list(names)))
	}
	return notes
}

// mark gives the batch its token, and makes and locks its mark. Where that does not
// work there is none, and nobody ever removes what a kill of this run leaves.
func (b *Batch) mark(kind string) {
	for range 20 { // who cleans up may be faster than the lock: seen at every tenth try, with eight runs at it
		b.token = newToken(kind)
		file, err := b.folder.OpenFile(markOf(b.token), os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
		if err != nil {
			return
		}
		b.files = append(b.files, markOf(b.token))
		err = flock(file)
		if err == nil && b.holds(markOf(b.token), file) {
			b.lock = file
			return
		}
		_ = file.Close()
		_ = b.unmark() // what stays there is in b.files
		b.token = newToken(kind)
		if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) {
			return
		}
	}
}

// holds says whether the open file is still the one of that name.
func (b *Batch) holds(name string, file *os.File) bool {
	there, err := b.folder.Lstat(name)
	if err != nil {
		return false
	}
	own, err := file.Stat()
	return err == nil && os.SameFile(there, own)
}

// unmark removes the mark.
func (b *Batch) unmark() error {
	for _, name := range slices.Clone(b.files) {
		if name == markOf(b.token) {
			if err := b.remove(name); err != nil {
				return explain("remove temporary file", b.Path(name), err)
			}
			b.files = slices.DeleteFunc(b.files, func(file string) bool { return file == name })
		}
	}
	return nil
}

// remove removes a file, unless it is gone already.
func (b *Batch) remove(name string) error {
	err := b.folder.Remove(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// sweep removes what runs that were killed have left in the folder.
func (b *Batch) sweep() {
	folder, err := b.folder.Open(".")
	if err != nil {
		return
	}
	defer func() { _ = folder.Close() }()
	files, proven := b.temporaries(), isOneMachine(folder)
	for _, token := range slices.Sorted(maps.Keys(files)) {
		if token != b.token {
			b.sweepRun(token, files[token], proven)
		}
	}
}

// sweepRun removes the temporary files of one run, if it was killed, which a lock
// may prove or not.
func (b *Batch) sweepRun(token string, names []string, proven bool) {
	if mark, err := b.folder.OpenFile(markOf(token), os.O_RDONLY|syscall.O_NONBLOCK, 0); err == nil {
		defer func() { _ = mark.Close() }()
		switch err := flock(mark); {
		case errors.Is(err, syscall.EWOULDBLOCK): // it lives
			b.rival = b.rival || strings.HasPrefix(token, alone)
			return
		case err == nil && proven && b.holds(markOf(token), mark):
			b.removeLeft(token)
			return
		}
	}
	for _, name := range names {
		if _, err := b.folder.Lstat(name); err == nil { // else that run has just ended
			b.leftovers.unknown = append(b.leftovers.unknown, name)
		}
	}
}

// removeLeft removes the files of a run that is dead, the mark last: without it
// nothing could be proven of the others. A mark alone is not told of: it may be that
// of a run which is about to lock it, and then makes another one.
func (b *Batch) removeLeft(token string) {
	for _, name := range b.temporaries()[token] {
		if name == markOf(token) {
			continue
		}
		if b.remove(name) != nil {
			b.leftovers.unknown = append(b.leftovers.unknown, name)
			return
		}
		b.leftovers.removed = append(b.leftovers.removed, name)
	}
	_ = b.remove(markOf(token))
}

// temporaries are the names of all temporary files and marks in the folder, by
// token, sorted. What can't be listed has none.
func (b *Batch) temporaries() map[string][]string {
	files := make(map[string][]string)
	folder, err := b.folder.Open(".")
	if err != nil {
		return files
	}
	defer func() { _ = folder.Close() }()
	names, _ := folder.Readdirnames(-1)
	slices.Sort(names)
	for _, name := range names {
		if match := temporaryName.FindStringSubmatch(name); match != nil {
			files[match[1]] = append(files[match[1]], name)
		}
	}
	return files
}

// flock locks an open file, or gives EWOULDBLOCK where another has it locked.
func flock(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

func isOneMachine(folder *os.File) bool {
	var stat syscall.Statfs_t
	err := syscall.Fstatfs(int(folder.Fd()), &stat)
	return err == nil && slices.Contains(oneMachine, int64(stat.Type)) //nolint:unconvert // int32 on some processors
}
