package snapshot

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

const (
	// stampLayout is UTC to the second, without a colon: artifact uploads refuse
	// colons in names.
	stampLayout = "20060102_150405"
	// maxFileName is the longest name that Linux file systems take, in bytes.
	maxFileName = 255
	// digestLength is how much of a name's hash stands for what was cut off.
	digestLength = 12
)

// FileName is the name of a collection's snapshot file,
// {Collection}_schema_{YYYYmmdd_HHMMSS}.json in UTC; try 2 and above puts _2,
// _3 before .json, for a name that is taken. Without a time, which is the zero
// time, it is the stable name {Collection}_schema.json on every try. It is an
// error where Weaviate would not give the collection that name: nothing else may
// decide the name of a file.
//
// A name that would be too long for a file system (Weaviate allows 255
// characters) is cut, and a part of its hash keeps it apart from others.
func FileName(collection string, timestamp time.Time, try int) (string, error) {
	if !schema.ValidName(collection) {
		return "", fmt.Errorf("%q is not a name that Weaviate gives to collections", collection)
	}
	end := "_schema" + suffix(timestamp, try) + ".json"
	if len(collection)+len(end) > maxFileName {
		hash := strings.TrimPrefix(schema.SHA256([]byte(collection)), "sha256:")[:digestLength]
		collection = collection[:maxFileName-len(end)-digestLength-1] + "-" + hash
	}
	return collection + end, nil
}

// ManifestName is the name of a run's manifest, manifest_{YYYYmmdd_HHMMSS}.json
// with _2 and so on as for [FileName]; without a time, manifest.json.
func ManifestName(timestamp time.Time, try int) string {
	return "manifest" + suffix(timestamp, try) + ".json"
}

// ReportName is the name of the report that diff writes, diff_{YYYYmmdd_HHMMSS}.md
// with _2 and so on as for [FileName].
func ReportName(timestamp time.Time, try int) string {
	return "diff" + suffix(timestamp, try) + ".md"
}

// suffix is the time stamp in a name, and the number of the try; empty without a time.
func suffix(timestamp time.Time, try int) string {
	if timestamp.IsZero() {
		return ""
	}
	stamp := "_" + timestamp.UTC().Format(stampLayout)
	if try > 1 {
		return fmt.Sprintf("%s_%d", stamp, try)
	}
	return stamp
}

// Kind of a file, by its name.
type Kind int

// The kinds of files of a backup.
const (
	Other Kind = iota
	ManifestFile
	SnapshotFile
)

// Name is what the name of a file says.
type Name struct {
	Kind Kind
	// Stamp is its time stamp; empty in a stable name.
	Stamp string
	// Try is the number behind it, 1 where there is none.
	Try int
}

// ParseName reads the name of a file as [FileName] and [ManifestName] write it.
func ParseName(file string) Name {
	base, ok := strings.CutSuffix(file, ".json")
	if !ok {
		return Name{}
	}
	base, stamp, try := cutStamp(base)
	collection, ok := strings.CutSuffix(base, "_schema")
	switch {
	case base == "manifest":
		return Name{Kind: ManifestFile, Stamp: stamp, Try: try}
	case ok && isStem(collection):
		return Name{Kind: SnapshotFile, Stamp: stamp, Try: try}
	default:
		return Name{}
	}
}

// cutStamp takes a time stamp, and the number of a try behind it, off the end of a
// name without .json; the stamp is empty where there is none.
func cutStamp(base string) (rest, stamp string, try int) {
	if rest, stamp, ok := cutTime(base); ok {
		return rest, stamp, 1
	}
	head, number := cutLast(base)
	if rest, stamp, ok := cutTime(head); ok && isDigits(number) && len(number) <= 6 {
		try, _ = strconv.Atoi(number) // six digits are a number
		return rest, stamp, try
	}
	return base, "", 1
}

// cutTime takes _20060102_150405 off the end.
func cutTime(base string) (rest, stamp string, ok bool) {
	rest, clock := cutLast(base)
	rest, date := cutLast(rest)
	if len(date) != len("20060102") || len(clock) != len("150405") || !isDigits(date) || !isDigits(clock) {
		return "", "", false
	}
	return rest, date + "_" + clock, true
}

// cutLast cuts the text at its last underscore; without one, all is behind it.
func cutLast(text string) (before, after string) {
	if i := strings.LastIndexByte(text, '_'); i >= 0 {
		return text[:i], text[i+1:]
	}
	return "", text
}

func isDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

const stemCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

// isStem says whether text can be what a file's name begins with: the name of a
// collection, or the beginning of one and a hash.
func isStem(text string) bool {
	if text == "" || text[0] < 'A' || text[0] > 'Z' {
		return false
	}
	return strings.Trim(text, stemCharacters) == ""
}
