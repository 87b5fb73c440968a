package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// Source is where the inputs come from. All fields but Args and Environ are
// needed.
type Source struct {
	// Args is the command line without the program's name.
	Args []string
	// Getenv gives an environment variable, empty when it is not set.
	Getenv func(string) string
	// Environ lists all variables that are set, as NAME=value, to find slips in their
	// names. nil: none is looked for. OutputVariable is the name of an output's variable
	// in the file of outputs-file; needed with Environ.
	Environ        func() []string
	OutputVariable func(output string) string
	// ReadFile reads the certificates and the key that are given by path. It
	// decides which paths are allowed.
	ReadFile func(path string) ([]byte, error)
	// Inside gives an error for an absolute path that is not in the workspace.
	Inside func(path string) error
	// Plain says whether the file of outputs-file can hold a path that is inside, as
	// outputs name it.
	Plain func(path string) bool
	// OfBackup says whether a path has the name of a file of a backup.
	OfBackup func(path string) bool
}

// Load reads and checks every input. What is wrong with them comes as one
// *Error; ErrHelp and ErrVersion say that this was asked for instead. Any other
// error means that action.yml does not fit the program. With an error nothing
// but JSON and OutputsFile is set in the Config, so that the error can be told as
// asked, and no earlier file looks like the outputs of this run; beside ErrHelp, only
// the Command that help is asked for, if it is for one.
func Load(src Source) (Config, error) {
	act, err := parseAction(actionJSON)
	if err != nil {
		return Config{}, err
	}
	inputs := append(act.inputs, jsonInput())
	args := parseArguments(src.Args, inputs)
	switch {
	case args.help:
		return args.helpWanted()
	case args.version:
		return Config{}, ErrVersion
	}
	r := &reader{
		values:   make(map[string]value, len(inputs)),
		secret:   make(map[string]bool, len(inputs)),
		readFile: src.ReadFile,
		inside:   src.Inside,
		plain:    src.Plain,
		ofBackup: src.OfBackup,
		problems: args.problems,
	}
	for _, in := range inputs {
		r.values[in.id] = resolve(in, args.flags, src.Getenv)
		r.secret[in.id] = in.secret
	}
	if src.Environ != nil {
		bad, others := slips(src, inputs)
		r.problems, r.others = append(r.problems, bad...), others
	}
	command := r.command(args.command)
	for _, in := range inputs {
		if !in.usedBy(command) {
			r.refuseFlag(in, command)
			r.values[in.id] = value{text: in.def}
		}
	}
	cfg := r.config(command)
	if len(r.problems) > 0 {
		return Config{JSON: cfg.JSON, OutputsFile: cfg.OutputsFile}, &Error{Problems: r.problems}
	}
	return cfg, nil
}

// refuseFlag tells of a flag that the command would ignore: whoever wrote it most likely
// forgot the command, or means something that this one does not do. Inputs and variables
// of a job may be there for other steps.
func (r *reader) refuseFlag(in input, command string) {
	if r.values[in.id].from != "--"+in.id {
		return
	}
	text := fmt.Sprintf("is a flag of %s, and the command is %s", words.All(in.commands), command)
	if r.values[idCommand].from == "" {
		text += ", as none was given; a command comes first, as in weaviate-backup " + in.commands[0]
	}
	r.problemWith(in.id, "", text)
}

// config reads the inputs in the order of action.yml.
func (r *reader) config(command string) Config {
	cfg := Config{
		Command:            command,
		Server:             r.server(command),
		Collections:        r.patterns(idCollections),
		ExcludeCollections: r.patterns(idExcludeCollections),
		BackupPath:         r.backupPath(command),
	}
	switch command {
	case CommandVerify:
		if r.text(idMaxAge) != "" {
			cfg.MaxAge = r.duration(idMaxAge, above0, 10*365*24*time.Hour)
		}
	case CommandRestore:
		r.restore(&cfg)
	case CommandDiff:
		r.diff(&cfg)
	}
	cfg.OutputDirectory = r.directory(idOutputDirectory)
	cfg.OutputsFile = r.outputsFile(cfg)
	cfg.OtherVariables = r.others
	if command == CommandBackup {
		cfg.FileName = r.choice(idFileName, FileNameTimestamped, FileNameStable)
		cfg.SkipUnchanged = r.boolean(idSkipUnchanged)
	}
	cfg.CountObjects = r.boolean(idCountObjects)
	cfg.IncludeTenants = r.boolean(idIncludeTenants)
	cfg.IncludeAliases = r.boolean(idIncludeAliases)
	cfg.DryRun = r.boolean(idDryRun)
	cfg.Timeout = r.duration(idTimeout, above0, 24*time.Hour)
	cfg.JSON = r.boolean(idJSON)
	return cfg
}

// server reads how to reach the server.
func (r *reader) server(command string) Server {
	s := Server{
		URL:     r.url(command),
		APIKey:  r.apiKey(idAPIKey),
		Headers: r.headers(),
		OIDC:    r.oidc(),
	}
	r.oneIdentity(s)
	s.CACertificate = r.caCertificate()
	s.ClientCertificate, s.ClientKey = r.clientCertificate()
	s.WaitForReady = r.duration(idWaitForReady, from0, time.Hour)
	s.RequestTimeout = r.duration(idRequestTimeout, above0, time.Hour)
	s.MaxAttempts = r.number(idMaxAttempts, 1, 20)
	s.RetryMaxWait = r.duration(idRetryMaxWait, above0, time.Hour)
	return s
}

// commands lists those that exist.
func commands() []string { return []string{CommandBackup, CommandVerify, CommandRestore, CommandDiff} }

// noCommand says of a word that it is not one of them.
func noCommand() string { return "is not a command; there is: " + strings.Join(commands(), ", ") }

func isCommand(text string) bool { return slices.Contains(commands(), text) }

// command takes the positional argument as another way to write --command.
func (r *reader) command(positional string) string {
	given := r.values[idCommand]
	switch {
	case positional == "":
	case given.from == "--"+idCommand && given.text != positional:
		r.problem(idCommand, "is not the command of the first argument; give only one of the two")
	default:
		r.values[idCommand] = value{text: positional, from: "the first argument"}
	}
	command := r.text(idCommand)
	if !isCommand(command) {
		r.problem(idCommand, noCommand())
	}
	return command
}
