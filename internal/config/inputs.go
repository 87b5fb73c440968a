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

// inputTraits names every input that this package reads.
func inputTraits() map[string]traits {
	var (
		backup  = []string{CommandBackup}
		restore = []string{CommandRestore}
		diff    = []string{CommandDiff}
		writing = []string{CommandBackup, CommandRestore}
		reports = []string{CommandBackup, CommandDiff}
		reading = []string{CommandVerify, CommandRestore, CommandDiff}
		choices = []string{CommandBackup, CommandRestore, CommandDiff}
	)
	return map[string]traits{
		idCommand:            {group: groupGeneral},
		idURL:                {group: groupConnection, neededBy: writing},
		idAPIKey:             {group: groupConnection, secret: true},
		idHeaders:            {group: groupConnection, secret: true, lines: true},
		idOIDCClientID:       {group: groupConnection},
		idOIDCClientSecret:   {group: groupConnection, secret: true},
		idOIDCIssuer:         {group: groupConnection},
		idOIDCScopes:         {group: groupConnection, lines: true},
		idCACertificate:      {group: groupConnection},
		idClientCertificate:  {group: groupConnection},
		idClientKey:          {group: groupConnection, secret: true},
		idCollections:        {group: groupSelection, commands: choices, lines: true},
		idExcludeCollections: {group: groupSelection, commands: choices, lines: true},
		idBackupPath:         {group: groupSelection, commands: reading, neededBy: []string{CommandVerify, CommandRestore}},
		idMaxAge:             {group: groupSelection, commands: []string{CommandVerify}},
		idRename:             {group: groupRestore, commands: restore, lines: true},
		idOnExisting:         {group: groupRestore, commands: restore},
		idReplicationFactor:  {group: groupRestore, commands: restore},
		idRestoreTenants:     {group: groupRestore, commands: restore, boolean: true},
		idRestoreAliases:     {group: groupRestore, commands: restore, boolean: true},
		idKeepPartial:        {group: groupRestore, commands: restore, boolean: true},
		idAgainst:            {group: groupDiff, commands: diff},
		idAgainstURL:         {group: groupDiff, commands: diff},
		idAgainstAPIKey:      {group: groupDiff, commands: diff, secret: true},
		idFailOn:             {group: groupDiff, commands: diff},
		idIgnore:             {group: groupDiff, commands: diff, lines: true},
		idVerbose:            {group: groupDiff, commands: diff, boolean: true},
		idOutputDirectory:    {group: groupOutput, commands: reports},
		idOutputsFile:        {group: groupOutput},
		idFileName:           {group: groupOutput, commands: backup},
		idSkipUnchanged:      {group: groupOutput, commands: backup, boolean: true},
		idCountObjects:       {group: groupSelection, commands: backup, boolean: true},
		idIncludeTenants:     {group: groupSelection, commands: backup, boolean: true},
		idIncludeAliases:     {group: groupSelection, commands: backup, boolean: true},
		idDryRun:             {group: groupOutput, commands: writing, boolean: true},
		idWaitForReady:       {group: groupTiming},
		idTimeout:            {group: groupTiming},
		idRequestTimeout:     {group: groupTiming},
		idMaxAttempts:        {group: groupTiming},
		idRetryMaxWait:       {group: groupTiming},
	}
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
