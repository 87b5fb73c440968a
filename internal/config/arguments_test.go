package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
)

// A variable that is nearly one of the program is a slip; others may be somebody else's.
func TestLoadRefusesSlipsInVariables(t *testing.T) {
	t.Parallel()
	slipped := source(t, env{"WEAVIATE_URL": serverURL}, nil)
	slipped.OutputVariable = ci.Variable
	slipped.Environ = func() []string {
		return []string{
			"WEAVIATE_BACKUP_TIME_OUT=s3cret", "WEAVIATE_BACKUP_COLLECTION=s3cret", "WEAVIATE_BACKUP_DRYRUN= ", "WEAVIATE_BACKUP_BUCKET_OF_ELSE=s3cret",
			"WEAVIATE_BACKUP_OUTPUT_COLLECTIONS=s3cret", "WEAVIATE_BACKUP_OUTPUT_DIRECTORY=out", "WEAVIATE_BACKUP_OUTPUT_DIRECTRY=s3cret", "WEAVIATE_URI=s3cret", "ODD",
			"WEAVIATE_BACKUP_NAME=nightly", "WEAVIATE_BACKUP_JOB=x", "WEAVIATE_BACKUP_PORT=tcp://10.0.0.1:80", "WEAVIATE_BACKUP_API_KEY=s3cret", "WEAVIATE_BACKUP_IMAGE=x",
			"WEAVIATE_BACKUP_DRY_RUN=true", "INPUT_DRY-RUN=true", "INPUT_DRY_RUN=s3cret", "WEAVIATE_DRY_RUN=s3cret", "weaviate_backup_dry_run=s3cret", "WEAVIATE_BACKUP_RESTORE_DRY=s3cret",
			"WEAVIATE_LAUNDRY=x", "WEAVIATE_SUNDRY_PATH=x", "DRY_RUN=x",
		}
	}
	const meansDry = `" is not one of this program; did you mean WEAVIATE_BACKUP_DRY_RUN?`
	assert.Equal(t, []string{
		`variable: "INPUT_DRY_RUN` + meansDry,
		`variable: "WEAVIATE_BACKUP_COLLECTION" is not one of this program; did you mean WEAVIATE_BACKUP_COLLECTIONS?`,
		`variable: "WEAVIATE_BACKUP_OUTPUT_DIRECTRY" is not one of this program; did you mean WEAVIATE_BACKUP_OUTPUT_DIRECTORY?`,
		`variable: "WEAVIATE_BACKUP_RESTORE_DRY` + meansDry,
		`variable: "WEAVIATE_BACKUP_TIME_OUT" is not one of this program; did you mean WEAVIATE_BACKUP_TIMEOUT?`,
		`variable: "WEAVIATE_DRY_RUN` + meansDry,
		`variable: "weaviate_backup_dry_run` + meansDry,
	}, problems(t, slipped))
}

// Others may be somebody else's: they are named, but for those that Kubernetes sets.
func TestLoadNamesOtherVariables(t *testing.T) {
	t.Parallel()
	other := source(t, env{"WEAVIATE_URL": serverURL}, nil)
	other.OutputVariable = ci.Variable
	other.Environ = func() []string {
		return []string{
			"WEAVIATE_BACKUP_IMAGE=x", "WEAVIATE_BACKUP_API_KEY=s3cret", "WEAVIATE_BACKUP_UNSET=", "WEAVIATE_BACKUP_VERBOSE=true", "WEAVIATE_BACKUP_OUTPUT_COLLECTIONS=[]", "WEAVIATE_KEY=x",
			"WEAVIATE_BACKUP_SERVICE_HOST=10.0.0.1", "WEAVIATE_BACKUP_SERVICE_PORT_HTTP=80", "WEAVIATE_BACKUP_PORT=tcp://10.0.0.1:80", "WEAVIATE_BACKUP_PORT_80_TCP_ADDR=10.0.0.1",
		}
	}
	cfg, err := config.Load(other)
	require.NoError(t, err)
	assert.Equal(t, []string{"WEAVIATE_BACKUP_API_KEY", "WEAVIATE_BACKUP_IMAGE"}, cfg.OtherVariables)
}

func TestLoadRefusesArguments(t *testing.T) {
	t.Parallel()
	const stray = `argument: one that is neither a flag nor the command (not shown); ` +
		`the command comes first, a path is given by its flag, such as --backup-path, and a value with spaces needs quotes`
	tests := []struct {
		name string
		args []string
		want []string
	}{
		{"a flag with a slip", []string{"backup", "--colections", "A"}, []string{`argument: "--colections" is not a flag; did you mean --collections?`}},
		{"an old-fashioned flag with a secret", []string{"--apikey=s3cret"}, []string{`argument: "--apikey" is not a flag; did you mean --api-key?`}},
		{"an unknown flag before the command", []string{"--force", "backup"}, []string{`argument: "--force" is not a flag; --help lists them`}},
		{"a line break", []string{"--a\n::error::b"}, []string{`argument: "--a\n::error::b" is not a flag; --help lists them`}},
		{"bad syntax", []string{"---x", "--=y", "-=z"}, []string{
			`argument: "---x" is not a flag; --help lists them`, `argument: "--" is not a flag; --help lists them`, `argument: "-" is not a flag; --help lists them`,
		}},
		{"a value that is missing", []string{"--timeout"}, []string{`argument: "--timeout" needs a value`}},
		{"a flag in the place of a value", []string{"--api-key", "--dry-run"}, []string{`argument: "--api-key" needs a value`}},
		{"version with a value", []string{"--version=x"}, []string{`argument: "--version" takes no value`}},
		{"a boolean apart from its flag", []string{"--dry-run", "false"}, []string{
			`argument: "false" is not expected; write true or false right after its flag and a =, as in --dry-run=true`,
		}},
		{"a boolean apart from any flag", []string{"--skip-unchanged", "backup", "true"}, []string{
			`argument: "true" is not expected; write true or false right after its flag and a =, as in --dry-run=true`,
		}},
		{"what is no boolean apart from its flag", []string{"--count-objects", "no"}, []string{
			`argument: "no" is not expected; write true or false right after its flag and a =, as in --count-objects=true`,
		}},
		{"a second command", []string{"backup", "s3cret"}, []string{stray}},
		{"a header without quotes", []string{"--headers", "Authorization:", "Bearer", "s3cret"}, []string{
			stray, stray, `headers (from --headers): line 1 has no value (a secret is empty in a pull request from a fork)`,
		}},
		{"a flag behind --", []string{"--", "--dry-run"}, []string{
			`command (from the first argument): "--dry-run" is not a command; there is: backup, verify, restore, diff`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := problems(t, source(t, env{"WEAVIATE_URL": serverURL}, nil, tt.args...))
			assert.Equal(t, tt.want, got)
			assert.NotContains(t, strings.Join(got, "\n"), "s3cret")
		})
	}
}
