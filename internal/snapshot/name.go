package snapshot

import (
	"fmt"
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
	end := "_schema" + suffix(timestamp, try)
	if len(collection)+len(end) > maxFileName {
		hash := strings.TrimPrefix(schema.SHA256([]byte(collection)), "sha256:")[:digestLength]
		collection = collection[:maxFileName-len(end)-digestLength-1] + "-" + hash
	}
	return collection + end, nil
}

// ManifestName is the name of a run's manifest, manifest_{YYYYmmdd_HHMMSS}.json
// with _2 and so on as for [FileName]; without a time, manifest.json.
func ManifestName(timestamp time.Time, try int) string {
	return "manifest" + suffix(timestamp, try)
}

func suffix(timestamp time.Time, try int) string {
	if timestamp.IsZero() {
		return ".json"
	}
	stamp := timestamp.UTC().Format(stampLayout)
	if try > 1 {
		return fmt.Sprintf("_%s_%d.json", stamp, try)
	}
	return "_" + stamp + ".json"
}
