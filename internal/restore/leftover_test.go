package restore_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
)

// What was left is told in a sentence.
func TestLeftoverString(t *testing.T) {
	t.Parallel()
	broken := errors.New("something broke")
	for want, l := range map[string]restore.Leftover{
		"Doc was created by this run, and holds objects by now": {Kind: restore.LeftCollection, Name: "Doc", Why: restore.WhyInUse},
		"Doc was created by this run, and it is not certain that it is empty: something broke": {
			Kind: restore.LeftCollection, Name: "Doc", Why: restore.WhyUncounted, Cause: broken,
		},
		"Doc may have been created by this run, and is not there yet": {
			Kind: restore.LeftCollection, Name: "Doc", Unsure: true, Why: restore.WhyNotYetThere,
		},
		"Doc stands in for a collection that others refer to, and could not be deleted: something broke": {
			Kind: restore.LeftStub, Name: "Doc", Why: restore.WhyUndeleted, Cause: broken,
		},
		"Doc may stand in for a collection that others refer to, and could not be looked at: something broke": {
			Kind: restore.LeftStub, Name: "Doc", Unsure: true, Why: restore.WhyUnseen, Cause: broken,
		},
		"the alias Docs of Doc was created by this run, and kept as keep-partial asks": {
			Kind: restore.LeftAlias, Name: "Docs", Of: "Doc", Why: restore.WhyAsked,
		},
		"the alias Docs of Doc may have been created by this run, and was not deleted: something broke": {
			Kind: restore.LeftAlias, Name: "Docs", Of: "Doc", Unsure: true, Why: restore.WhyNotDeleted, Cause: broken,
		},
		"Doc was there before, and was changed: change a, add b":           {Kind: restore.LeftUpdate, Name: "Doc", Changed: []string{"change a", "add b"}},
		"Doc was there before, and may have been changed: add b":           {Kind: restore.LeftUpdate, Name: "Doc", Maybe: []string{"add b"}},
		"Doc was there before, and was changed: add a; and perhaps: add b": {Kind: restore.LeftUpdate, Name: "Doc", Changed: []string{"add a"}, Maybe: []string{"add b"}},
	} {
		assert.Equal(t, want, l.String())
	}
}
