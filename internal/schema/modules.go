package schema

import (
	"github.com/go-json-experiment/json/jsontext"
)

// Module is one that a definition names.
type Module struct {
	Name string
	// At is where it is named first.
	At Path
	// Vectorizer is one without which a server refuses the collection. The
	// settings of others are stored unseen (1.27.0 to 1.39.0).
	Vectorizer bool
}

// Modules lists the modules that the definition names, each once, sorted.
func (c Collection) Modules() ([]Module, error) {
	form, err := c.Canonical()
	if err != nil {
		return nil, err
	}
	found := make(map[string]Module)
	err = walkTree(nil, form, func(at Path, value jsontext.Value) bool {
		module := Module{At: at}
		switch {
		case at.Fits("vectorizer") && value.Kind() == '"':
			module.Name, _ = text(value) // of the canonical form
			module.Vectorizer = true
		case at.Fits("vectorConfig.*.vectorizer.*"):
			module.Name, module.Vectorizer = at[3], true
		case at.Fits("moduleConfig.*"):
			module.Name = at[1]
		}
		known, ok := found[module.Name]
		if !ok || module.Vectorizer && !known.Vectorizer {
			found[module.Name] = module
		}
		return true
	})
	delete(found, "")
	delete(found, "none")
	modules := make([]Module, 0, len(found))
	for _, name := range sortedKeys(found) {
		modules = append(modules, found[name])
	}
	return modules, err
}
