// Package config turns what the user gave into a typed [Config].
//
// The main call is [Load]. It knows each input by three names and takes the
// first that has a value:
//
//  1. the flag, --collections
//  2. the variable that GitHub's runner sets, INPUT_COLLECTIONS (upper case,
//     hyphens kept: src/Runner.Worker/Handlers/ContainerActionHandler.cs in
//     actions/runner)
//  3. the alias, WEAVIATE_BACKUP_COLLECTIONS (WEAVIATE_URL and
//     WEAVIATE_API_KEY for these two)
//
// and else the default. GitHub's runner fills in the defaults itself, so there
// an alias only counts for an input without a default.
//
// Invariants:
//
//   - action.yml is the one source of ids, defaults and descriptions. What is
//     generated from it, action.json, is part of this package; a test holds the
//     two together, and [Load], [Help], [InputTable] and [OutputTable] fail
//     where its ids are not those that this package reads.
//   - Which command reads which input stands in one table, inputTraits. [Load]
//     keeps all others from a command, and [Help] shows no others.
//   - Empty means not given, everywhere; blanks around a value don't count.
//   - Load reports every problem at once, as one [*Error].
//   - No secret is in an error, nor in any printed form of a Config: secrets are
//     of the types [Secret] and [SecretBytes], which print as ***.
//
// It reads no environment, file or clock of its own (see [Source]), contacts no
// server, and does not look at the output directory: whether that is inside the
// workspace is for the code that opens it.
//
// Where to read on:
//
//	load.go      Load: from flags and environment to a Config
//	inputs.go    the table of inputs: group, secret, which commands read and need it
//	outputs.go   the table of outputs: which commands set them
//	action.go    action.json, what is generated from action.yml
//	source.go    which source of a value counts
//	flags.go     the command line; help and version
//	parse_*.go   one input after the other: parse_text.go names, numbers, durations,
//	             parse_url.go, parse_auth.go, parse_tls.go, parse_restore.go, parse_diff.go
//	config.go    the Config
//	secret.go    text that does not print itself
//	errors.go    what is wrong with the inputs, all together
//	help.go      --help, of each command too
//	markdown.go  the tables of the README
package config
