package config

// outputCommands names the commands that set each output of action.yml.
func outputCommands() map[string][]string {
	var (
		backup  = []string{CommandBackup}
		verify  = []string{CommandVerify}
		restore = []string{CommandRestore}
		diff    = []string{CommandDiff}
		files   = []string{CommandBackup, CommandVerify, CommandRestore}
	)
	return map[string][]string{
		"backup-path":          backup,
		"backup-paths":         backup,
		"backup-directory":     backup,
		"manifest-path":        files,
		"changed":              backup,
		"object-count":         backup,
		"object-count-status":  backup,
		"object-counts":        backup,
		"collection-count":     files,
		"collections":          files,
		"weaviate-version":     {CommandBackup, CommandRestore, CommandDiff},
		"schema-digest":        {CommandBackup, CommandDiff},
		"valid":                verify,
		"whole":                verify,
		"findings":             verify,
		"restored-collections": restore,
		"skipped-collections":  restore,
		"restored-count":       restore,
		"differences":          restore,
		"not-restored":         restore,
		"drift":                diff,
		"breaking":             diff,
		"change-count":         diff,
		"changes":              diff,
		"not-compared":         diff,
		"report-path":          diff,
	}
}
