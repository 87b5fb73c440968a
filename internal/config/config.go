package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// CommandBackup saves the schema of the chosen collections to files.
const CommandBackup = "backup"

// CommandVerify proves that the files of a backup are whole.
const CommandVerify = "verify"

// CommandRestore creates collections from the files of a backup.
const CommandRestore = "restore"

// CommandDiff compares two schemas, and tells what each difference takes.
const CommandDiff = "diff"

// Names of the files that backup writes.
const (
	// FileNameTimestamped gives each run names of its own.
	FileNameTimestamped = "timestamped"
	// FileNameStable gives every run the same names.
	FileNameStable = "stable"
)

// Which differences make diff end with the exit code of a difference.
const (
	// FailOnAny takes every one that counts.
	FailOnAny = "any"
	// FailOnBreaking takes those that need the collection created again.
	FailOnBreaking = "breaking"
	// FailOnNone takes none: the difference is told only.
	FailOnNone = "none"
)

// Config is everything the user asked for, checked. It can be printed: its
// secrets show as ***.
type Config struct {
	// Command is one of the Command constants.
	Command string
	// JSON asks for the result as JSON on stdout. It is no input of the action.
	JSON   bool
	Server Server
	// Collections and ExcludeCollections are exact names or globs that
	// schema.ValidatePattern accepts, in the order given, none twice. They choose
	// among the server's collections for backup, the backup's for restore, those of
	// both sides for diff.
	Collections, ExcludeCollections []string
	// BackupPath is what verify checks, restore reads and diff starts from, with the
	// same warning as for OutputDirectory; empty for backup, and where diff starts
	// from the server of Server.URL, which it does only with an AgainstURL.
	BackupPath string

	// Rename gives single collections of the backup another name on the server, in
	// the order given. RenameTemplate, such as "{name}_restored", gives all of them
	// one. At most one of the two is set. These fields and those below up to
	// KeepPartial are zero for other commands than restore.
	Rename         []Rename
	RenameTemplate string
	// OnExisting says what becomes of a collection that the server has already: fail,
	// skip or update.
	OnExisting string
	// ReplicationFactor is 1 to 100; 0: as the backup has it.
	ReplicationFactor int
	// RestoreTenants and RestoreAliases ask for these too.
	RestoreTenants, RestoreAliases bool
	// KeepPartial leaves what a run that failed has created.
	KeepPartial bool

	// MaxAge is how old a backup may be that verify checks; 0: any age.
	MaxAge time.Duration

	// Against is the path, checked as BackupPath is, that diff compares with;
	// AgainstURL is the server, checked as Server.URL is, and AgainstAPIKey its key
	// or empty. At most one of path and server is set; where none is, it is the
	// server of Server.URL. These fields and those below up to Verbose are zero for
	// other commands than diff.
	Against       string
	AgainstURL    *url.URL
	AgainstAPIKey Secret
	// FailOn is one of the FailOn constants.
	FailOn string
	// Ignore are patterns for schema.Path.Fits whose first key is the collection, in
	// the order given, none twice.
	Ignore []string
	// Verbose asks for what does not count, too.
	Verbose bool

	// OutputDirectory is cleaned, absolute or relative to the workspace, and in
	// it, unless it leads out by a symbolic link.
	OutputDirectory string
	// OutputsFile is checked as OutputDirectory is; empty: none is asked for.
	OutputsFile string

	// OtherVariables are names that begin like those of inputs and are of none, sorted.
	OtherVariables []string

	// FileName is one of the FileName constants, and SkipUnchanged asks to write
	// nothing where nothing has changed; both are zero for other commands than
	// backup.
	FileName      string
	SkipUnchanged bool

	CountObjects, IncludeTenants, IncludeAliases, DryRun bool

	// Timeout limits the whole run; above 0.
	Timeout time.Duration
}

// Rename says that restore creates the collection Old of the backup as New. Both
// are names that schema.ValidName accepts.
type Rename struct{ Old, New string }

// Server says how to reach and talk to Weaviate.
type Server struct {
	// URL is nil where verify was given none, and where diff does not compare this
	// server. Else it is http or https, with a host, and without credentials, query
	// and fragment. Its path has no slash at the end.
	URL *url.URL
	// APIKey is empty when not given, and when OIDC is set.
	APIKey Secret
	// Headers go with every request. No name is there twice.
	Headers []Header
	// OIDC is nil when not asked for.
	OIDC *OIDC
	// CACertificate is PEM of one certificate or more and nothing else, or nil.
	CACertificate []byte
	// ClientCertificate (certificates and nothing else) and ClientKey are PEM
	// that tls.X509KeyPair accepts, or both nil.
	ClientCertificate []byte
	ClientKey         SecretBytes
	// WaitForReady is how long to wait before the first read; 0: don't.
	WaitForReady time.Duration
	// RequestTimeout limits one attempt, body included; above 0. It may be
	// longer than Config.Timeout.
	RequestTimeout time.Duration
	// RetryMaxWait limits the wait between two attempts; above 0.
	RetryMaxWait time.Duration
	// MaxAttempts counts the first one too: 1 to 20.
	MaxAttempts int
}

// Header is one more request header.
type Header struct {
	Name  string
	Value Secret
}

// OIDC holds what the client credentials flow needs. Both id and secret are set.
type OIDC struct {
	ClientID     string
	ClientSecret Secret
	// Issuer is an http or https URL; empty: any issuer.
	Issuer string
	// Scopes is nil when not given.
	Scopes []string
}

// Format writes the fields with the secret as ***. Without it fmt would print
// the secret for a verb that does not fit a pointer, such as %s for a Config.
func (o OIDC) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "{ClientID:%s ClientSecret:%s Issuer:%s Scopes:%s}", o.ClientID, o.ClientSecret, o.Issuer, o.Scopes)
}

// Secrets lists every value that must not be shown: the masks of the log. For
// a header such as "Authorization: Bearer x" both "Bearer x" and "x" are in it.
func (c Config) Secrets() []string {
	var all []string
	add := func(text string) {
		if text != "" {
			all = append(all, text)
		}
	}
	add(c.Server.APIKey.Reveal())
	for _, h := range c.Server.Headers {
		value := h.Value.Reveal()
		add(value)
		if _, credentials, found := strings.Cut(value, " "); found {
			add(strings.TrimSpace(credentials))
		}
	}
	if c.Server.OIDC != nil {
		add(c.Server.OIDC.ClientSecret.Reveal())
	}
	add(string(c.Server.ClientKey))
	add(c.AgainstAPIKey.Reveal())
	return all
}

// credentialHeader is how the name of a header looks whose value lets someone in.
var credentialHeader = regexp.MustCompile(`(?i)auth|cookie|cred|jwt|key|passw|secret|session|sign|token`)

// Credentials are those of [Config.Secrets] that let someone in. The others are
// values of headers that may well be words of a schema too, such as a region.
func (c Config) Credentials() []string {
	headers := c.Server.Headers
	c.Server.Headers = slices.DeleteFunc(slices.Clone(headers), func(h Header) bool { return !credentialHeader.MatchString(h.Name) })
	return c.Secrets()
}
