package schema_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// severity orders the classes, mildest first; "" is no difference.
var severity = []schema.Class{"", schema.NoEffect, schema.InPlace, schema.Additive, schema.IndexTask, schema.Recreate}

// worst is the severest class of the changes.
func worst(changes []schema.Change) schema.Class {
	most := 0
	for _, change := range changes {
		for i, class := range severity {
			if change.Class == class && i > most {
				most = i
			}
		}
	}
	return severity[most]
}

// agrees says whether the class is what the server showed: a change that it took
// is one that can be made, one that it ignored has no effect, and one that it
// refused takes another endpoint or a new collection.
func (m mutation) agrees(class schema.Class) bool {
	switch {
	case m.Status == 200 && m.Changed:
		return class == schema.InPlace || class == schema.Additive
	case m.Status == 200:
		return class == "" || class == schema.NoEffect
	case class == schema.Additive:
		return m.Change == "properties: add one" // by POST, not by PUT
	default:
		return class == schema.IndexTask || class == schema.Recreate
	}
}

// special are the mutations whose class is not what the server's answer alone
// would say.
type special struct {
	class  schema.Class
	reason string
}

const (
	leftOut = "a PUT may leave it out and gets the default, which the collection had; no server's own answer is without it, so no backup is"
	kept    = "the server keeps what a PUT leaves out; only a new collection is without it"
	invalid = "no server has such a definition: it refuses to create it as well"
	vectors = "the server takes it, but the vectors that are there stay those of the old settings"
	ordered = "the order means nothing; an update sends the server's own order back"
	panics  = "the server panics (1.35.23, 1.39.0), which it answers by an empty 200"
)

// ofVectorizers are changes of a vectorizer.
var ofVectorizers = []string{
	`NAMED vectorConfig/b/vectorizer/text2vec-openai/model="text-embedding-3-large"`,
	`LMOD moduleConfig/text2vec-openai/model="text-embedding-3-large"`,
	`LMOD moduleConfig/text2vec-openai/baseURL="https://y"`,
}

// specials gives them by base and change.
func specials(version string) map[string]special {
	all := map[string]special{
		"LEG vectorIndexType=REMOVE":           {schema.Recreate, leftOut},
		"LEG vectorIndexConfig=REMOVE":         {schema.InPlace, leftOut},
		"LEG shardingConfig=REMOVE":            {schema.Recreate, leftOut},
		"FLAT vectorIndexConfig/bq/cache=true": {schema.InPlace, invalid + " (a cache without compression)"},
	}
	all["LMOD properties/0/moduleConfig=REMOVE"] = special{schema.Recreate, kept}
	if version == "1.27.0" {
		all["LEG properties: reversed order"] = special{"", ordered}
		return all
	}
	for _, removed := range []string{
		"moduleConfig/generative-openai=REMOVE", "moduleConfig/text2vec-openai=REMOVE", "moduleConfig=REMOVE",
	} {
		all["LMOD "+removed] = special{schema.Recreate, kept}
	}
	if schema.AtLeast(version, "1.35") {
		all[`LEG objectTtlConfig={"enabled": true, "deleteOn": "_creationTimeUnix", "defaultTtl": 100}`] = special{
			schema.InPlace, invalid + ", or switches indexTimestamps on",
		}
	}
	if !schema.AtLeast(version, "1.37") {
		return all
	}
	all["TA invertedIndexConfig/stopwordPresets/p=REMOVE"] = special{schema.InPlace, invalid + " (a property uses the preset)"}
	all[`NAMED vectorConfig/a/vectorIndexType="flat"`] = special{schema.Recreate, panics}
	for _, change := range ofVectorizers {
		all[change] = special{schema.Recreate, vectors}
	}
	return all
}

func TestClassifyAgreesWithServers(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.27.0", "1.35.2", "1.39.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			tried := mutations(t, version)
			require.Len(t, tried, 121)
			apart := specials(version)
			agreeing, skipped := 0, 0
			used := make(map[string]bool)
			for _, m := range tried {
				if m.Skipped { // HFresh, on servers that don't have it
					skipped++
					continue
				}
				before := mutationBase(t, version, m.Base)
				after := copyOf(t, before)
				mutate(t, after, m.Change)
				differences, err := schema.Compare(collection(t, before), collection(t, after))
				require.NoError(t, err)
				changes, err := schema.Classify(collection(t, before), differences, version)
				require.NoError(t, err)
				class, key := worst(changes), m.Base+" "+m.Change
				if reason, ok := apart[key]; ok {
					used[key] = true
					assert.Equal(t, reason.class, class, "%s: %s", key, reason.reason)
					assert.False(t, m.agrees(class), "%s: is what the server showed, and needs no reason", key)
					continue
				}
				if assert.True(t, m.agrees(class), "%s: %d, changed %v: %s", key, m.Status, m.Changed, describe(changes)) {
					agreeing++
				}
			}
			assert.Len(t, used, len(apart), "all that are set apart were tried")
			assert.Equal(t, map[string]int{"1.27.0": 5, "1.35.2": 5, "1.39.0": 0}[version], skipped)
			assert.Equal(t, len(tried), agreeing+len(apart)+skipped)
			t.Logf("%s: %d of %d mutations as the server showed, %d with a reason why not, %d not tried there",
				version, agreeing, len(tried), len(apart), skipped)
		})
	}
}

func describe(changes []schema.Change) string {
	text := ""
	for _, c := range changes {
		text += fmt.Sprintf("\n  %s: %s -> %s: %s (%s)", c.Path, c.Before, c.After, c.Class, c.Reason)
	}
	return text
}
