package restore

import (
	"errors"

	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// Result is what a run planned, and what came of it.
type Result struct {
	// Restored are the names on the server of what was created, and is there, or was
	// changed; of a run that failed, those that it left so. Skipped are those of what was
	// there already and left alone, Collections of all that was chosen, by their names
	// in the backup. None is nil.
	Restored, Skipped, Collections []string
	// Differences is the number of them that count.
	Differences int
	// NotRestored are sentences: what the backup has or was asked for, and the run does
	// not bring. Warnings are those of them that were asked for. Neither is nil.
	NotRestored, Warnings []string
	// ServerVersion is that of the target; empty where it was not read.
	ServerVersion string
	// Leftovers are what a run that failed has left on the server.
	Leftovers []Leftover
	Report    report.Restore
}

// result sums the run up. err is what ended it, or nil.
func (r *run) result(err error) Result {
	result := Result{
		Restored: []string{}, Skipped: []string{}, Collections: []string{},
		NotRestored: append([]string{}, r.notBrought...), Warnings: append([]string{}, r.warnings...),
		ServerVersion: r.target.meta.Version, Leftovers: r.leftovers,
		Report: report.Restore{
			DryRun: r.options.DryRun, Path: r.backup.Path, Target: r.options.Target,
			SourceVersion: r.backup.Version, ServerVersion: r.target.meta.Version,
			Problems: r.problems, Notes: r.notes,
		},
	}
	// The other two did not end the run early, and the report has their reasons.
	failed := err != nil && !errors.Is(err, ErrPlan) && !errors.Is(err, ErrDiffers)
	if failed {
		result.Report.Failure = err.Error()
	}
	for i := range r.leftovers {
		result.Report.Stands = append(result.Report.Stands, r.leftovers[i].String())
	}
	for _, i := range r.items {
		result.Collections = append(result.Collections, i.source.Name)
		result.Differences += len(i.differences)
		outcome := i.outcome
		switch {
		case outcome == report.OutcomeCreated, outcome == report.OutcomeUpdated, outcome == report.OutcomeKept, i.plan == report.PlanUpdate && len(i.done) > 0:
			result.Restored = append(result.Restored, i.name())
		case outcome == report.OutcomeSkipped, outcome == report.OutcomeUnchanged:
			result.Skipped = append(result.Skipped, i.name())
		case outcome == report.OutcomeNone && len(r.problems) > 0 && i.isIdle() && len(i.differences) == 0:
			outcome = report.OutcomeUnchanged // nothing of it is a problem
		case outcome == report.OutcomeNone && r.options.DryRun && !failed && len(r.problems) == 0 && i.isIdle():
			outcome = report.OutcomeUnchanged
		case outcome == report.OutcomeNone && failed && !r.options.DryRun && len(r.problems) == 0:
			outcome = report.OutcomeNotBegun
		}
		line := report.Restored{
			Name: i.source.Name, Target: i.name(), Plan: i.plan, Result: outcome,
			Tenants: len(i.tenants), Aliases: i.aliases,
			Differences: reportDifferences(i.differences), Expected: reportDifferences(i.allowed),
		}
		for _, change := range i.changes {
			line.Steps = append(line.Steps, describe(change))
		}
		result.Report.Collections = append(result.Report.Collections, line)
	}
	return result
}

func reportDifferences(differences []schema.Difference) []report.Difference {
	var all []report.Difference
	for _, d := range differences {
		all = append(all, report.Difference{Path: d.Path.String(), Backup: report.JSON(d.Before), Server: report.JSON(d.After)})
	}
	return all
}
