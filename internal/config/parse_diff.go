package config

import (
	"net/url"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// againstLive stands in the input against for the server of weaviate-url.
const againstLive = "live"

// comparesServer says whether the server of weaviate-url is a side of diff: the
// second one where nothing else is, or the base where no backup is.
func (r *reader) comparesServer() bool {
	if r.text(idAgainstURL) == "" {
		return r.text(idAgainst) == againstLive
	}
	return r.text(idBackupPath) == ""
}

// diff reads the inputs that no other command uses.
func (r *reader) diff(cfg *Config) {
	if r.text(idAgainst) != againstLive {
		cfg.Against = r.directory(idAgainst)
	}
	cfg.AgainstURL, cfg.AgainstAPIKey = r.againstServer()
	cfg.FailOn = r.choice(idFailOn, FailOnAny, FailOnBreaking, FailOnNone)
	cfg.Ignore = r.ignore()
	cfg.Verbose = r.boolean(idVerbose)
}

// againstServer reads the second server; nil without one.
func (r *reader) againstServer() (*url.URL, Secret) {
	if r.text(idAgainstURL) == "" {
		if r.text(idAgainstAPIKey) != "" {
			r.problem(idAgainstAPIKey, "needs against-url too (a secret is empty in a pull request from a fork)")
		}
		return nil, ""
	}
	if r.text(idAgainst) != againstLive {
		r.problem(idAgainst, "is given beside against-url; give only one of the two")
	}
	return r.address(idAgainstURL, idAgainstAPIKey), r.apiKey(idAgainstAPIKey)
}

// ignore reads the path globs, one per line.
func (r *reader) ignore() []string {
	patterns := splitList(r.text(idIgnore), func(rune) bool { return false })
	for _, pattern := range patterns {
		if complaint := ignoreComplaint(pattern); complaint != "" {
			r.problemWith(idIgnore, pattern, complaint)
		}
	}
	return patterns
}

// ignoreComplaint says why the pattern could never fit, or is read otherwise than
// it looks; empty for a good one. A path without its collection is the likely slip.
func ignoreComplaint(pattern string) string {
	const allowed = "; allowed: one path per line, for example Article.properties.*.description"
	keys := strings.Split(pattern, ".")
	first := keys[0]
	for _, key := range keys {
		switch {
		case key == "":
			return "has an empty key" + allowed
		case key != "**" && strings.Contains(key, "**"):
			return "has ** beside other text in one key; allowed: ** alone between dots, for any number of keys"
		case strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c == ',' || c == '"' }):
			return "holds a blank, a comma or a quote" + allowed + ", with * for a key that holds such a character"
		}
	}
	if schema.ValidatePattern(first) != nil || !strings.ContainsRune("*?", rune(first[0])) && (first[0] < 'A' || first[0] > 'Z') {
		return "starts with a key that no collection is named; allowed: the collection first, for example *.replicationConfig.factor"
	}
	return ""
}
