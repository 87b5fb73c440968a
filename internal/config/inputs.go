package config

import (
	"slices"
	"strings"
)

// The inputs' ids in action.yml.
const (
	idCommand            = "command"
	idURL                = "weaviate-url"
	idAPIKey             = "api-key"
	idHeaders            = "headers"
	idOIDCClientID       = "oidc-client-id"
	idOIDCClientSecret   = "oidc-client-secret" //nolint:gosec // the name of an input, no credential
	idOIDCIssuer         = "oidc-issuer"
	idOIDCScopes         = "oidc-scopes"
	idCACertificate      = "ca-certificate"
	idClientCertificate  = "client-certificate"
	idClientKey          = "client-key"
	idCollections        = "collections"
	idExcludeCollections = "exclude-collections"
	idBackupPath         = "backup-path"
	idMaxAge             = "max-age"
	idRename             = "rename"
	idOnExisting         = "on-existing"
	idReplicationFactor  = "replication-factor"
	idRestoreTenants     = "restore-tenants"
	idRestoreAliases     = "restore-aliases"
	idKeepPartial        = "keep-partial"
	idAgainst            = "against"
	idAgainstURL         = "against-url"
	idAgainstAPIKey      = "against-api-key"
	idFailOn             = "fail-on"
	idIgnore             = "ignore"
	idVerbose            = "verbose"
	idOutputDirectory    = "output-directory"
	idOutputsFile        = "outputs-file"
	idFileName           = "file-name"
	idSkipUnchanged      = "skip-unchanged"
	idCountObjects       = "count-objects"
	idIncludeTenants     = "include-tenants"
	idIncludeAliases     = "include-aliases"
	idDryRun             = "dry-run"
	idWaitForReady       = "wait-for-ready"
	idTimeout            = "timeout"
	idRequestTimeout     = "request-timeout"
	idMaxAttempts        = "max-attempts"
	idRetryMaxWait       = "retry-max-wait"

	// idJSON is a flag and an alias, but no input of the action.
	idJSON = "json"
)

// group is the heading under which the help text shows an input.
type group string

const (
	groupGeneral    group = "General"
	groupConnection group = "Connection"
	groupSelection  group = "Selection"
	groupRestore    group = "Restore"
	groupDiff       group = "Diff"
	groupOutput     group = "Output"
	groupTiming     group = "Timing"
)

// groups gives the headings in the order of the help text.
func groups() []group {
	return []group{groupGeneral, groupConnection, groupSelection, groupRestore, groupDiff, groupOutput, groupTiming}
}

// traits is what action.yml can't say about an input.
type traits struct {
	group group
	// secret values are never shown.
	secret bool
	// boolean flags need no value.
	boolean bool
	// commands are those that read the input; nil: all of them. For the others it
	// is as if nothing had been given.
	commands []string
	// neededBy are the commands that can't do without the input.
	neededBy []string
	// lines adds up a flag that is given more than once; of others the last counts.
	lines bool
}

// inputTraits names every input that this package reads. It is a list of constants: a
// map would be built by code at each start, 5 KB of it.
var inputTraits = []struct {
	id string
	traits
}{
	{idCommand, traits{group: groupGeneral}},
	{idURL, traits{group: groupConnection, neededBy: []string{CommandBackup, CommandRestore}}},
	{idAPIKey, traits{group: groupConnection, secret: true}},
	{idHeaders, traits{group: groupConnection, secret: true, lines: true}},
	{idOIDCClientID, traits{group: groupConnection}},
	{idOIDCClientSecret, traits{group: groupConnection, secret: true}},
	{idOIDCIssuer, traits{group: groupConnection}},
	{idOIDCScopes, traits{group: groupConnection, lines: true}},
	{idCACertificate, traits{group: groupConnection}},
	{idClientCertificate, traits{group: groupConnection}},
	{idClientKey, traits{group: groupConnection, secret: true}},
	{idCollections, traits{group: groupSelection, commands: []string{CommandBackup, CommandRestore, CommandDiff}, lines: true}},
	{idExcludeCollections, traits{group: groupSelection, commands: []string{CommandBackup, CommandRestore, CommandDiff}, lines: true}},
	{idBackupPath, traits{group: groupSelection, commands: []string{CommandVerify, CommandRestore, CommandDiff}, neededBy: []string{CommandVerify, CommandRestore}}},
	{idMaxAge, traits{group: groupSelection, commands: []string{CommandVerify}}},
	{idRename, traits{group: groupRestore, commands: []string{CommandRestore}, lines: true}},
	{idOnExisting, traits{group: groupRestore, commands: []string{CommandRestore}}},
	{idReplicationFactor, traits{group: groupRestore, commands: []string{CommandRestore}}},
	{idRestoreTenants, traits{group: groupRestore, commands: []string{CommandRestore}, boolean: true}},
	{idRestoreAliases, traits{group: groupRestore, commands: []string{CommandRestore}, boolean: true}},
	{idKeepPartial, traits{group: groupRestore, commands: []string{CommandRestore}, boolean: true}},
	{idAgainst, traits{group: groupDiff, commands: []string{CommandDiff}}},
	{idAgainstURL, traits{group: groupDiff, commands: []string{CommandDiff}}},
	{idAgainstAPIKey, traits{group: groupDiff, commands: []string{CommandDiff}, secret: true}},
	{idFailOn, traits{group: groupDiff, commands: []string{CommandDiff}}},
	{idIgnore, traits{group: groupDiff, commands: []string{CommandDiff}, lines: true}},
	{idVerbose, traits{group: groupDiff, commands: []string{CommandDiff}, boolean: true}},
	{idOutputDirectory, traits{group: groupOutput, commands: []string{CommandBackup, CommandDiff}}},
	{idOutputsFile, traits{group: groupOutput}},
	{idFileName, traits{group: groupOutput, commands: []string{CommandBackup}}},
	{idSkipUnchanged, traits{group: groupOutput, commands: []string{CommandBackup}, boolean: true}},
	{idCountObjects, traits{group: groupSelection, commands: []string{CommandBackup}, boolean: true}},
	{idIncludeTenants, traits{group: groupSelection, commands: []string{CommandBackup}, boolean: true}},
	{idIncludeAliases, traits{group: groupSelection, commands: []string{CommandBackup}, boolean: true}},
	{idDryRun, traits{group: groupOutput, commands: []string{CommandBackup, CommandRestore}, boolean: true}},
	{idWaitForReady, traits{group: groupTiming}},
	{idTimeout, traits{group: groupTiming}},
	{idRequestTimeout, traits{group: groupTiming}},
	{idMaxAttempts, traits{group: groupTiming}},
	{idRetryMaxWait, traits{group: groupTiming}},
}

// jsonInput stands for --json, which action.yml does not have: a runner has no
// use for it.
func jsonInput() input {
	return input{
		id: idJSON, def: "false", traits: traits{group: groupOutput, boolean: true},
		description: "Print the result as JSON on stdout. Allowed: `true` or `false`. Example: `true`",
	}
}

// usedBy says whether the command reads the input. One that does not exist reads
// all, so that whatever is wrong is told beside it.
func (t traits) usedBy(command string) bool {
	return t.commands == nil || !isCommand(command) || slices.Contains(t.commands, command)
}

// runnerName is the variable in which GitHub's runner passes the input.
func (in input) runnerName() string { return "INPUT_" + strings.ToUpper(in.id) }

// alias is the variable that works in every CI.
func (in input) alias() string {
	switch in.id {
	case idURL:
		return "WEAVIATE_URL"
	case idAPIKey:
		return "WEAVIATE_API_KEY"
	default:
		return variablePrefix + strings.ToUpper(strings.ReplaceAll(in.id, "-", "_"))
	}
}
