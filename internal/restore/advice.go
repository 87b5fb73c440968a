package restore

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrPlan is a plan that can't be carried out; nothing was written.
var ErrPlan = errors.New("the restore can't be carried out, and nothing was written")

// PlanError is an ErrPlan with its reasons.
type PlanError struct {
	// Problems are all that stands in the way. Advice is what can be done about them,
	// in sentences, none twice.
	Problems, Advice []string
}

// Error tells all problems, a line each where there are several.
func (e *PlanError) Error() string {
	space := "\n"
	if len(e.Problems) == 1 {
		space = " "
	}
	return ErrPlan.Error() + ":" + space + strings.Join(e.Problems, "\n")
}

// Unwrap makes it an ErrPlan.
func (e *PlanError) Unwrap() error { return ErrPlan }

// What can be done about problems of a plan.
const (
	adviceNames    = "Collections are chosen, and renamed, by their names in the backup, which the command verify lists as collections."
	adviceRename   = "rename must give each collection a name of its own: a capital letter, then letters, digits and _."
	adviceExisting = "on-existing: skip leaves what is there, update changes it in place, and rename restores beside it."
	adviceTaken    = "rename restores it under another name."
	adviceRefer    = "Choose the other collection too, create it on the server first, or leave the one that refers to it out by exclude-collections."
	adviceOld      = "Restore to a newer server, or leave the collection out by exclude-collections."
	adviceModule   = "Switch the module on at the server (ENABLE_MODULES), or leave the collection out by exclude-collections."
	adviceReplicas = "replication-factor sets the number of replicas, such as 1."
	adviceAlias    = "Delete or move the alias on the server (/v1/aliases), rename the collection that has its name, " +
		"or leave out all aliases by restore-aliases: false."
	adviceNoAlias = "restore-aliases: false leaves aliases out."
	adviceTenants = "A tenant that was offloaded (FROZEN) has its objects elsewhere. restore-tenants: false leaves tenants out."
	adviceUpdate  = "on-existing: skip leaves the collection as it is, rename restores beside it, and exclude-collections leaves it out."
	adviceStub    = "Restore it from an older backup, or leave it out by exclude-collections."
	adviceRights  = "Give the permission to a role of the key."
)

// problem notes what stands in the way, and what can be done about it.
func (r *run) problem(advice, format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
	if !slices.Contains(r.advice, advice) {
		r.advice = append(r.advice, advice)
	}
}

// planError is what is wrong with the plan, or nil.
func (r *run) planError() error {
	if len(r.problems) == 0 {
		return nil
	}
	return &PlanError{Problems: r.problems, Advice: r.advice}
}
