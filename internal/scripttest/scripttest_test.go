package scripttest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/scripttest"
)

func TestReadLog(t *testing.T) {
	t.Parallel()
	log := scripttest.ReadLog("plain :: text::\n" +
		"  ::error title=a%3Ab,file=x::one%0Atwo %25\n" +
		"::add-mask::secret\n" +
		"text ##[warning line=3;col=4]old%5D\r::group::a group\n" +
		"::endgroup::\n\n::no end\n##no bracket]\n")
	assert.Equal(t, []scripttest.Command{
		{Name: "error", Properties: []string{"title=a:b", "file=x"}, Message: "one\ntwo %"},
		{Name: "warning", Properties: []string{"line=3", "col=4"}, Message: "old]"},
		{Name: "group", Message: "a group"},
		{Name: "endgroup"},
	}, log.Commands)
	assert.Equal(t, []string{"secret"}, log.Masks)
	assert.Equal(t, []string{"plain :: text::", "::no end", "##no bracket]"}, log.Text)
	assert.Equal(t, 1, log.Count("error"))
	assert.Equal(t, `error[title=a:b,file=x]: one\ntwo %`, log.Commands[0].String())
	assert.NotContains(t, log.Printed(), "secret")
}

func TestReadOutputs(t *testing.T) {
	t.Parallel()
	outputs, err := scripttest.ReadOutputs("count=2\npaths<<END\na=b\nc<<d\nEND\nempty=\nlast<<E\nE\nx=a<<b\n")
	require.NoError(t, err)
	assert.Equal(t, []string{"count=2", "paths=a=b\n  c<<d", "empty=", "last=", "x=a<<b"}, outputs)

	outputs, err = scripttest.ReadOutputs("")
	require.NoError(t, err)
	assert.Empty(t, outputs)

	for _, bad := range []string{"\n", "name\n", "a<<END\nvalue\n", "a<<\nvalue\n\n", "=value\n"} {
		_, err := scripttest.ReadOutputs(bad)
		require.Error(t, err, "%q", bad)
	}
}

func TestStable(t *testing.T) {
	t.Parallel()
	const sum = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	assert.Equal(t,
		`A_schema_STAMP_2.json TIME TIME http://127.0.0.1:PORT/v1 "checksum": "SUM" "schema_digest": "`+sum+`" ms=N wait=T`,
		scripttest.Stable(`A_schema_20240201_103000_2.json 2024-02-01T10:30:00Z 2024-02-01 10:30:00 UTC http://127.0.0.1:4711/v1 `+
			`"checksum": "`+sum+`" "schema_digest": "`+sum+`" ms=12 wait=1.5ms`))
}
