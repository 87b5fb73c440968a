package action

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
)

// maxOutput bounds an output that grows with the number of collections, in
// bytes: a job may set 1 MB of outputs in all, counted as UTF-16
// (docs.github.com, workflow syntax, jobs.<job_id>.outputs).
const maxOutput = 150_000

// outputs are the values for later steps, in the order of action.yml.
type outputs struct {
	all []ci.Output
	log *slog.Logger
	// elsewhere says what has a value that is too large; empty: nothing does.
	elsewhere string
}

// add adds a name, a path, a number, or a list of such.
func (o *outputs) add(name, value string) { o.put(ci.Output{Name: name, Value: value}) }

// prose adds what a server or a person has worded; see [ci.Output].
func (o *outputs) prose(name, value string) {
	o.put(ci.Output{Name: name, Value: value, Prose: true})
}

func (o *outputs) put(out ci.Output) {
	if len(out.Value) > maxOutput {
		o.log.Warn(fmt.Sprintf("the output %s is left empty: it would be too large for a job%s", out.Name, o.elsewhere))
		out.Value = ""
	}
	o.all = append(o.all, out)
}

// namesJSON is names, or sentences, as a JSON array.
func namesJSON(names []string) string {
	list, _ := json.Marshal(append([]string{}, names...)) //nolint:errchkjson // strings only
	return string(list)
}

// cutJSON is an array of the first elements, as many as fit into an output. nil is one
// that does not.
func cutJSON(n int, element func(i int) any) string {
	out := []byte{'['}
	for i := range n {
		value := element(i)
		if value == nil {
			break
		}
		next, _ := json.Marshal(value) //nolint:errchkjson // strings and JSON that was parsed
		if len(out)+len(next)+2 > maxOutput {
			break
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, next...)
	}
	return string(append(out, ']'))
}
