package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// refers makes collections from lines such as "A: B C, D", a property for each
// part between commas.
func refers(tb testing.TB, graph ...string) []schema.Collection {
	tb.Helper()
	var all []schema.Collection
	for _, line := range graph {
		name, targets, _ := strings.Cut(line, ":")
		var properties []string
		for i, types := range strings.Split(targets, ",") {
			if fields := strings.Fields(types); len(fields) > 0 {
				properties = append(properties, fmt.Sprintf(`{"name":"p%d","dataType":["%s"]}`, i, strings.Join(fields, `","`)))
			}
		}
		c, err := schema.Parse([]byte(`{"class":"` + name + `","properties":[` + strings.Join(properties, ",") + `]}`))
		require.NoError(tb, err)
		all = append(all, c)
	}
	return all
}

// written gives the steps as text: A created, +A and -A for a stub.
func written(steps []schema.Step) string {
	var all []string
	for _, step := range steps {
		all = append(all, map[schema.Action]string{schema.Create: "", schema.AddStub: "+", schema.DropStub: "-"}[step.Action]+step.Name)
	}
	return strings.Join(all, " ")
}

func TestOrder(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		graph []string
		want  string
	}{
		"nothing":                 {nil, ""},
		"strangers":               {[]string{"B", "A"}, "B A"},
		"primitive data types":    {[]string{"B: text, int"}, "B"},
		"a chain":                 {[]string{"A: B", "B: C", "C"}, "C B A"},
		"a chain in order":        {[]string{"C", "B: C", "A: B"}, "C B A"},
		"a diamond":               {[]string{"A: B, C", "B: D", "C: D", "D"}, "D B C A"},
		"itself":                  {[]string{"A: A"}, "A"},
		"itself and another":      {[]string{"A: A B", "B"}, "B A"},
		"two in a cycle":          {[]string{"A: B", "B: A"}, "+A B -A A"},
		"three in a cycle":        {[]string{"A: B", "B: C", "C: A"}, "+A C B -A A"},
		"two cycles through one":  {[]string{"A: B, C", "B: A", "C: A"}, "+A B C -A A"},
		"a cycle within a cycle":  {[]string{"A: B", "B: C, A", "C: B"}, "+B C +A -B B -A A"},
		"before a cycle":          {[]string{"X: A", "A: B", "B: A"}, "+A B -A A X"},
		"many targets":            {[]string{"A: B C D", "B", "C", "D"}, "B C D A"},
		"dangling":                {[]string{"A: Gone"}, "+Gone A -Gone"},
		"dangling for two":        {[]string{"A: Gone", "B: Gone Lost"}, "+Gone A +Lost B -Gone -Lost"},
		"on the server":           {[]string{"A: Old"}, "A"},
		"on the server and gone":  {[]string{"A: Old Gone, B", "B: Old"}, "+Gone B A -Gone"},
		"one that is given twice": {[]string{"A: B", "A: B", "B"}, "B A"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps := schema.Order(refers(t, test.graph...), func(name string) bool { return name == "Old" })
			assert.Equal(t, test.want, written(steps))
		})
	}
}

func TestOrderOfARing(t *testing.T) {
	t.Parallel()
	const size = 200
	var graph []string
	for i := range size {
		graph = append(graph, fmt.Sprintf("C%d: C%d", i, (i+1)%size))
	}
	steps := schema.Order(refers(t, graph...), func(string) bool { return false })
	require.Len(t, steps, size+2)
	assert.Equal(t, schema.Step{Action: schema.AddStub, Name: "C0"}, steps[0])
	assert.Equal(t, schema.Step{Action: schema.DropStub, Name: "C0"}, steps[size])
	assert.Equal(t, schema.Step{Action: schema.Create, Name: "C0"}, steps[size+1])
}

// place is what a server has under a name.
type place int

const (
	nothing place = iota
	stub
	real
)

// Whatever refers to whatever, a server accepts each step, and has each
// collection and no stub in the end.
func TestOrderOnAServer(t *testing.T) {
	t.Parallel()
	names := []string{"A", "B", "C", "D", "E", "F", "G", "H"}
	rapid.Check(t, func(rt *rapid.T) {
		given := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 8, rapid.ID).Draw(rt, "given")
		server := make(map[string]place)
		ours := make(map[string]schema.Collection)
		var graph []string
		for _, name := range given {
			targets := rapid.SliceOfN(rapid.SampledFrom(names), 0, 4).Draw(rt, "targets of "+name)
			graph = append(graph, name+": "+strings.Join(targets, rapid.SampledFrom([]string{" ", ","}).Draw(rt, "between")))
		}
		collections := refers(t, graph...)
		for _, c := range collections {
			ours[c.Name] = c
		}
		for _, name := range names {
			if _, given := ours[name]; !given && rapid.Bool().Draw(rt, "on the server: "+name) {
				server[name] = real
			}
		}
		there := make(map[string]bool)
		for name := range server {
			there[name] = true
		}

		for _, step := range schema.Order(collections, func(name string) bool { return there[name] }) {
			switch step.Action {
			case schema.Create:
				c, given := ours[step.Name]
				require.True(rt, given, "%s was not given", step.Name)
				require.Equal(rt, nothing, server[step.Name], "%s is there already", step.Name)
				for _, reference := range c.References {
					require.True(rt, reference.Target == c.Name || server[reference.Target] != nothing, "%s refers to %s", c.Name, reference.Target)
				}
				server[step.Name] = real
			case schema.AddStub:
				require.Equal(rt, nothing, server[step.Name], "%s is there already", step.Name)
				server[step.Name] = stub
			case schema.DropStub:
				require.Equal(rt, stub, server[step.Name], "%s is no stub", step.Name)
				delete(server, step.Name)
			}
		}
		for _, name := range names {
			_, given := ours[name]
			require.Equal(rt, given || there[name], server[name] == real, name)
			require.NotEqual(rt, stub, server[name], "a stub is left: %s", name)
		}
	})
}
