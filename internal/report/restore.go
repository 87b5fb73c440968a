package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// Restore is the plan of the command restore, and what came of it.
type Restore struct {
	DryRun bool
	// Path is the manifest or the snapshot that was restored, relative to the workspace.
	Path string
	// Target is the server's address without credentials.
	Target string
	// SourceVersion and ServerVersion are Weaviate's on both sides; either may be empty.
	SourceVersion, ServerVersion string
	Collections                  []Restored
	// Problems are why the plan can't be carried out; nothing was written then.
	Problems []string
	// Failure is why the run ended early, in a sentence; empty otherwise. Lines leave
	// it to the error that ends the run.
	Failure string
	// Stands are sentences: what a run that failed has left on the server.
	Stands []string
	// Notes are sentences worth knowing.
	Notes []string
}

// Plan is what a restore is to do with a collection.
type Plan string

// The plans for a collection. What the server has already is skipped, which is to say
// compared only, or updated: changed in place.
const (
	PlanCreate Plan = "create"
	PlanSkip   Plan = "skip"
	PlanUpdate Plan = "update"
)

// Outcome is what came of a collection.
type Outcome string

// The outcomes of a restore. A run that writes nothing has only the first two and
// OutcomeUnchanged.
const (
	// OutcomeNone: nothing was tried (dry run, problems).
	OutcomeNone Outcome = ""
	// OutcomeThereAlready: the server has it, or its name, so it is a problem.
	OutcomeThereAlready Outcome = "there already"
	OutcomeCreated      Outcome = "created"
	OutcomeSkipped      Outcome = "skipped"
	OutcomeUpdated      Outcome = "updated"
	// OutcomeUnchanged: an update had, or would have, nothing to do.
	OutcomeUnchanged Outcome = "unchanged"
	// OutcomeFailed: the run ended at it.
	OutcomeFailed Outcome = "failed"
	// OutcomeNotBegun: the run ended before it.
	OutcomeNotBegun Outcome = "not begun"
	// OutcomeRemovedAgain: it was created by a run that failed, and is gone.
	OutcomeRemovedAgain Outcome = "removed again"
	// OutcomeKept: it was created by a run that failed, and stands.
	OutcomeKept Outcome = "kept"
	// OutcomeStubKept: what stands is an empty collection for references to it.
	OutcomeStubKept Outcome = "stub kept"
)

// Restored is one collection.
type Restored struct {
	// Name is that in the backup, Target that on the server.
	Name, Target string
	Plan         Plan
	Result       Outcome
	// Tenants is the number of tenants to create; 0: none.
	Tenants int
	// Aliases are those to create.
	Aliases []string
	// Steps are what update does, one sentence each.
	Steps []string
	// Differences between backup and server count; Expected ones do not: defaults
	// that the server added, and what it decides by itself.
	Differences, Expected []Difference
}

// Difference is one path at which two definitions differ.
type Difference struct {
	// Path such as properties.title.tokenization.
	Path string
	// Backup and Server are JSON texts, large ones by [JSON]; empty where the side has
	// nothing there.
	Backup, Server string
}

// Lines tells plan and result in plain text for the log: a line for each
// collection, each step of an update and each difference, up to 50 of each kind,
// all that a failed run has left, the notes, and a verdict. Problems are left to the
// error that they make. The lines are not escaped.
func (r Restore) Lines() []string {
	var collections, steps, differences []string
	for _, c := range r.Collections {
		collections = append(collections, c.line())
		for _, step := range c.Steps {
			steps = append(steps, "step: "+c.Name+": "+step)
		}
		for _, d := range c.Differences {
			differences = append(differences, "difference: "+c.Name+": "+d.line())
		}
	}
	lines := first(collections, "more collection")
	lines = append(lines, first(steps, "more step")...)
	lines = append(lines, first(differences, "more difference")...)
	for _, part := range []struct {
		label     string
		sentences []string
	}{{"left on the server", r.Stands}, {"note", r.Notes}} {
		for _, sentence := range part.sentences {
			lines = append(lines, part.label+": "+sentence)
		}
	}
	verdict := r.verdict(r.Path, r.Target)
	if facts := r.facts(); len(facts) > 0 {
		verdict += " (" + strings.Join(facts, ", ") + ")"
	}
	return append(lines, verdict)
}

// first gives the first maxLines lines, and says how many more there are; more is "more"
// and what one of them is.
func first(lines []string, more string) []string {
	if n := len(lines) - maxLines; n > 0 {
		return append(lines[:maxLines:maxLines], "and "+words.Count(n, more))
	}
	return lines
}

// line describes the collection in one line.
func (c Restored) line() string {
	text := c.Name
	if c.Target != c.Name {
		text += " as " + c.Target
	}
	parts := []string{c.outcome()}
	if c.Tenants > 0 {
		parts = append(parts, words.Count(c.Tenants, "tenant"))
	}
	if n := len(c.Aliases); n > 0 {
		parts = append(parts, words.Count(n, "alias"))
	}
	if n := len(c.Differences); n > 0 {
		parts = append(parts, words.Count(n, "difference"))
	}
	if n := len(c.Expected); n > 0 {
		parts = append(parts, words.Count(n, "expected difference"))
	}
	return text + ": " + strings.Join(parts, ", ")
}

// outcome is the result, or the plan where nothing was tried.
func (c Restored) outcome() string {
	if c.Result == OutcomeNone {
		return "to " + string(c.Plan)
	}
	return string(c.Result)
}

// line tells the difference in one line.
func (d Difference) line() string {
	return fmt.Sprintf("%s: %s in the backup, %s on the server", short(d.Path), orNothing(d.Backup), orNothing(d.Server))
}

func orNothing(value string) string {
	if value == "" {
		return "nothing"
	}
	return short(value)
}

// verdict is the result in a line, with path and target as they are to be shown.
func (r Restore) verdict(path, target string) string {
	switch {
	case len(r.Problems) > 0:
		return fmt.Sprintf("%s can't be restored to %s: %s; nothing was written", path, target, words.Count(len(r.Problems), "problem"))
	case r.Failure != "":
		return fmt.Sprintf("Restore of %s to %s failed", path, target)
	case r.DryRun:
		n := r.number(func(c Restored) bool { return c.Result == OutcomeNone && c.Plan != PlanSkip })
		return fmt.Sprintf("Dry run: %s would be restored from %s to %s; nothing was written", words.Count(n, "collection"), path, target)
	}
	n := r.number(func(c Restored) bool { return c.Result == OutcomeCreated || c.Result == OutcomeUpdated })
	text := fmt.Sprintf("%s restored from %s to %s", words.Count(n, "collection"), path, target)
	if n := r.differences(); n > 0 {
		text += ", with " + words.Count(n, "difference")
	}
	return text
}

// number counts the collections of a kind.
func (r Restore) number(of func(Restored) bool) int {
	n := 0
	for _, c := range r.Collections {
		if of(c) {
			n++
		}
	}
	return n
}

// differences counts those of all collections.
func (r Restore) differences() int {
	n := 0
	for _, c := range r.Collections {
		n += len(c.Differences)
	}
	return n
}

// facts are the versions of both sides, and how many collections had which
// outcome, in the order in which the outcomes come.
func (r Restore) facts() []string {
	var facts []string
	switch {
	case r.ServerVersion == "":
	case r.SourceVersion == "" || r.SourceVersion == r.ServerVersion:
		facts = append(facts, "Weaviate "+short(r.ServerVersion))
	default:
		facts = append(facts, "Weaviate "+short(r.SourceVersion)+" to "+short(r.ServerVersion))
	}
	var outcomes []string
	for _, c := range r.Collections {
		if outcome := c.outcome(); !slices.Contains(outcomes, outcome) {
			outcomes = append(outcomes, outcome)
		}
	}
	for _, outcome := range outcomes {
		n := r.number(func(c Restored) bool { return c.outcome() == outcome })
		facts = append(facts, words.Number(int64(n))+" "+outcome)
	}
	return facts
}
