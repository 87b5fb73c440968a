package schema

// Action is what one step of an order does.
type Action int

// The actions of an order.
const (
	// Create creates the collection as it is.
	Create Action = iota
	// AddStub creates an empty collection of the name, so that references to it
	// are accepted.
	AddStub
	// DropStub deletes that empty collection again.
	DropStub
)

// Step is one action on the collection of a name.
type Step struct {
	Action Action
	Name   string
}

// Order gives the steps that create collections which refer to each other, on
// a server that refuses a reference to a collection it does not have (1.27.0 to
// 1.39.0). A collection comes after those that it refers to. In a cycle a stub
// stands in for one of them until its turn; for a target that is neither among
// the collections nor on the server one stands in to the end, so that the
// reference dangles afterwards. Deleting a collection that others refer to is
// allowed (same versions).
//
// Each collection is thus created once, whole, with its properties in their
// order; adding references afterwards would put them last.
func Order(collections []Collection, onServer func(name string) bool) []Step {
	o := order{
		byName:   make(map[string]Collection, len(collections)),
		state:    make(map[string]progress, len(collections)),
		onServer: onServer,
	}
	for _, c := range collections {
		o.byName[c.Name] = c
	}
	for _, c := range collections {
		o.visit(c)
	}
	for _, name := range o.dangling {
		o.steps = append(o.steps, Step{DropStub, name})
	}
	return o.steps
}

// progress of a collection on its way into the order.
type progress int

const (
	untouched progress = iota
	begun              // its references are being visited
	stubbed            // begun, or not among the collections, and a stub stands in
	done
)

type order struct {
	byName   map[string]Collection
	state    map[string]progress
	onServer func(string) bool
	dangling []string
	steps    []Step
}

// visit puts c into the order, behind what it refers to.
func (o *order) visit(c Collection) {
	if o.state[c.Name] != untouched {
		return
	}
	o.state[c.Name] = begun
	for _, reference := range c.References {
		if reference.Target != c.Name {
			o.provide(reference.Target)
		}
	}
	if o.state[c.Name] == stubbed {
		o.steps = append(o.steps, Step{DropStub, c.Name})
	}
	o.steps = append(o.steps, Step{Create, c.Name})
	o.state[c.Name] = done
}

// provide makes sure that a collection of the name is there for a reference.
func (o *order) provide(target string) {
	c, ours := o.byName[target]
	switch {
	case ours && o.state[target] == untouched:
		o.visit(c)
	case o.state[target] == done || o.state[target] == stubbed || !ours && o.onServer(target):
		// it is there
	default:
		if !ours {
			o.dangling = append(o.dangling, target)
		}
		o.steps = append(o.steps, Step{AddStub, target})
		o.state[target] = stubbed
	}
}
