package restore

import "strings"

// Leftover is something that a failed run has left on the server, or may have.
type Leftover struct {
	Kind LeftoverKind
	// Name is that of the collection or the alias, on the server.
	Name string
	// Of is the collection of an alias; empty for the others.
	Of string
	// Unsure: it is not known whether this run created it.
	Unsure bool
	// Why it was left; empty for a LeftUpdate. Cause is the error behind that; may be nil.
	Why   Why
	Cause error
	// Changed and Maybe are what a LeftUpdate has changed, and may have, in words.
	Changed, Maybe []string
}

// LeftoverKind is what was left.
type LeftoverKind int

// The kinds of what is left.
const (
	LeftCollection LeftoverKind = iota
	LeftStub                    // an empty collection, for references to it
	LeftAlias
	LeftUpdate // a collection that was there before
)

// Why is why something was left, in words that end a sentence.
type Why string

// The reasons. The first four have a cause.
const (
	WhyUnseen      Why = "could not be looked at"
	WhyUndeleted   Why = "could not be deleted"
	WhyNotDeleted  Why = "was not deleted" // an alias, for any of the causes
	WhyUncounted   Why = "it is not certain that it is empty"
	WhyInUse       Why = "holds objects by now"
	WhyNotAsMade   Why = "is not what this run created"
	WhyNotAsSent   Why = "is not what this run sent"
	WhyNotYetThere Why = "is not there yet"
	WhyAsked       Why = "kept as keep-partial asks"
)

// String tells it in a sentence, for the report.
func (l *Leftover) String() string {
	subject, origin := l.Name, "was created by this run"
	if l.Unsure {
		origin = "may have been created by this run"
	}
	switch l.Kind {
	case LeftUpdate:
		return l.Name + " was there before, and " + l.changes()
	case LeftAlias:
		subject = "the alias " + l.Name + " of " + l.Of
	case LeftStub:
		origin = "stands in for a collection that others refer to"
		if l.Unsure {
			origin = "may stand in for a collection that others refer to"
		}
	case LeftCollection:
	}
	return subject + " " + origin + ", and " + l.reason()
}

// reason is why it was left, with the cause.
func (l *Leftover) reason() string {
	if l.Cause == nil {
		return string(l.Why)
	}
	return string(l.Why) + ": " + l.Cause.Error()
}

// changes tell what an update has done to what was there before.
func (l *Leftover) changes() string {
	changed, maybe := strings.Join(l.Changed, ", "), strings.Join(l.Maybe, ", ")
	switch {
	case changed == "":
		return "may have been changed: " + maybe
	case maybe == "":
		return "was changed: " + changed
	default:
		return "was changed: " + changed + "; and perhaps: " + maybe
	}
}
