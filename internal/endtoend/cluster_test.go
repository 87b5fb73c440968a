package endtoend_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/programtest"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// patient makes the program try often, and not for long each time: a server
// without a leader holds a request for a minute.
var patient = []string{"--request-timeout", "2s", "--max-attempts", "20", "--retry-max-wait", "1s"}

// clusterTry is a program in front of a cluster whose nodes are killed.
type clusterTry struct {
	t       *testing.T
	cluster *weaviatetest.Cluster
	has     holds
}

// TestCluster saves from and restores to three nodes, of which some are killed
// meanwhile.
func TestCluster(t *testing.T) { //nolint:tparallel // each part goes on with the cluster that the last one left
	t.Parallel()
	c := &clusterTry{t: t, cluster: weaviatetest.RunCluster(t, 3, weaviatetest.Options{})}
	c.fill()
	// What follows a part that failed would tell of a cluster in no known state.
	_ = t.Run("no node is alone", func(t *testing.T) { c.noneIsAlone(t) }) &&
		t.Run("another client writes", func(t *testing.T) { c.anotherClient(t) }) &&
		t.Run("a follower dies during a backup", func(t *testing.T) { c.backupWhileDying(t, c.follower(t)) }) &&
		t.Run("a follower dies during a restore", func(t *testing.T) { c.restoreWhileDying(t, c.follower(t)) }) &&
		t.Run("the leader dies during a backup", func(t *testing.T) { c.backupWhileDying(t, c.leader(t)) }) &&
		t.Run("the leader dies during a restore", func(t *testing.T) { c.restoreWhileDying(t, c.leader(t)) }) &&
		t.Run("two of three nodes die", func(t *testing.T) { c.twoDown(t) })
}

// fill gives the cluster collections that every node holds.
func (c *clusterTry) fill() {
	first := c.cluster.Nodes[0]
	class := func(name, more string) {
		first.MustRequest(c.t, http.MethodPost, "/v1/schema", `{"class":"`+name+`","replicationConfig":{"factor":3},"properties":[{"name":"title","dataType":["text"]}]`+more+`}`)
	}
	class("Article", "")
	class("Author", `,"vectorConfig":{"a":{"vectorizer":{"none":{}},"vectorIndexType":"hnsw"}}`)
	class("Shelf", `,"multiTenancyConfig":{"enabled":true}`)
	first.MustRequest(c.t, http.MethodPost, "/v1/schema/Article/properties", `{"name":"by","dataType":["Author"]}`)
	first.MustRequest(c.t, http.MethodPost, "/v1/schema/Author/properties", `{"name":"wrote","dataType":["Article"]}`)
	first.AddTenants(c.t, "Shelf", weaviatetest.Tenant{Name: "hot"}, weaviatetest.Tenant{Name: "cold", ActivityStatus: "COLD"})
	first.MustRequest(c.t, http.MethodPost, "/v1/aliases", `{"alias":"Texts","class":"Article"}`)
	first.InsertObjects(c.t, "Article", "", objectsEach)
	first.InsertObjects(c.t, "Author", "", objectsEach)
	first.InsertObjects(c.t, "Shelf", "hot", objectsEach)
	c.has = read(c.t, first)
}

// leader is the place of the node that leads, follower of one that does not.
func (c *clusterTry) leader(t *testing.T) int {
	t.Helper()
	i, err := c.cluster.Leader(t.Context())
	require.NoError(t, err)
	return i
}

func (c *clusterTry) follower(t *testing.T) int {
	t.Helper()
	return (c.leader(t) + 1) % 3
}

// noneIsAlone compares by each node, which asks the leader for the schema.
func (c *clusterTry) noneIsAlone(t *testing.T) {
	t.Helper()
	p := program{t, t.TempDir()}
	p.run("backup", "--weaviate-url", c.cluster.Nodes[0].URL)
	for _, node := range c.cluster.Nodes {
		proxy := weaviatetest.NewProxy(t, node.URL)
		p.run("diff", "--weaviate-url", proxy.URL, "--backup-path", "backups")
		assert.Equal(t, []string{"true"}, schemaReads(proxy))
	}
}

// backupWhileDying saves by another node while node i dies at the moment that the
// schema is asked for, tries by the dead one, and by it again when it comes back.
func (c *clusterTry) backupWhileDying(t *testing.T, i int) {
	t.Helper()
	dying, other := c.cluster.Nodes[i], c.cluster.Nodes[(i+1)%3]
	proxy := weaviatetest.NewProxy(t, other.URL)
	proxy.OnRequest(onFirst("GET", "/v1/schema", func() { assert.NoError(t, dying.Kill()) }))
	p := program{t, t.TempDir()}
	p.run(append([]string{"backup", "--weaviate-url", proxy.URL}, patient...)...)
	p.hasSaved(c.has, objectsEach)

	p = program{t, t.TempDir()}
	log := p.exits(1, "backup", "--weaviate-url", dying.URL, "--wait-for-ready", "1s")
	assert.Contains(t, log, "not ready within 1s")
	assert.Contains(t, log, "connection refused")
	p.hasNothing()

	back := make(chan error, 1)
	go func() { back <- c.cluster.Restart(t.Context(), i) }()
	p.run(append([]string{"backup", "--weaviate-url", dying.URL}, patient...)...)
	require.NoError(t, <-back)
	p.hasSaved(c.has, objectsEach)
	p.run("verify", "--backup-path", "backups", "--weaviate-url", dying.URL)
}

// restoreWhileDying restores beside the originals by another node while node i
// dies at the third write.
func (c *clusterTry) restoreWhileDying(t *testing.T, i int) {
	t.Helper()
	dying, other := c.cluster.Nodes[i], c.cluster.Nodes[(i+1)%3]
	p := program{t, t.TempDir()}
	p.run("backup", "--weaviate-url", other.URL)
	proxy := weaviatetest.NewProxy(t, other.URL)
	proxy.OnWrite(func(n int, _ weaviatetest.Received) {
		if n == 3 {
			assert.NoError(t, dying.Kill())
		}
	})
	done := programtest.Finish(t, p.command(append([]string{"restore", "--weaviate-url", proxy.URL, "--backup-path", "backups", "--rename", "{name}" + suffix}, patient...)...))
	c.leader(t)
	original, beside := part(t, read(t, other), suffix)
	assert.Equal(t, c.has, original)
	beside.aliases = c.has.aliases
	t.Logf("exit code %d", done.Code)
	if done.Code == 0 { // the code says what it must have left
		assert.Equal(t, c.has, beside)
	} else {
		assert.Equal(t, 1, done.Code, done.Log())
		assert.Contains(t, done.Log(), "Restore failed: ")
		assert.Empty(t, beside.classes, done.Log())
	}
	for _, class := range beside.classes {
		other.MustRequest(t, http.MethodDelete, fmt.Sprint("/v1/schema/", class["class"], suffix), nil)
	}
	c.restart(t, i)
	assert.Equal(t, c.has, read(t, dying))
}

// twoDown restores while two of three nodes die, and saves after that: no write can
// be done and no schema be read any more.
func (c *clusterTry) twoDown(t *testing.T) {
	t.Helper()
	hasty := []string{"--request-timeout", "1s", "--max-attempts", "2", "--retry-max-wait", "1s"}
	other := c.cluster.Nodes[0]
	whole := program{t, t.TempDir()}
	whole.run("backup", "--weaviate-url", other.URL)
	proxy := weaviatetest.NewProxy(t, other.URL)
	proxy.OnWrite(func(n int, _ weaviatetest.Received) {
		if n == 3 {
			assert.NoError(t, c.cluster.Nodes[1].Kill())
			assert.NoError(t, c.cluster.Nodes[2].Kill())
		}
	})
	restored := whole.exits(1, append([]string{"restore", "--weaviate-url", proxy.URL, "--backup-path", "backups", "--rename", "{name}" + suffix}, hasty...)...)
	assert.Contains(t, restored, "left on the server: Author"+suffix+" was created by this run, and could not be looked at")

	for message, args := range map[string][]string{
		"(2 attempts): ": {"--wait-for-ready", "0s"},
		"wait for the server: not ready within 1s: ":                {"--wait-for-ready", "1s"},
		"not done within 1s, the limit that the input timeout sets": {"--wait-for-ready", "0s", "--timeout", "1s"},
	} {
		p := program{t, t.TempDir()}
		log := p.exits(1, slices.Concat([]string{"backup", "--weaviate-url", other.URL}, hasty, args)...)
		assert.Contains(t, log, "Backup failed: ")
		assert.Contains(t, log, message)
		p.hasNothing()
	}

	c.restart(t, 1, 2)
	original, beside := part(t, read(t, other), suffix)
	assert.Equal(t, c.has, original)
	for _, class := range beside.classes {
		assert.Contains(t, restored, fmt.Sprint(class["class"], suffix), "it is on the server, and the message does not say so")
	}
}

// restart starts nodes that were killed again, together, and waits for a leader.
func (c *clusterTry) restart(t *testing.T, nodes ...int) {
	t.Helper()
	back := make(chan error, len(nodes))
	for _, i := range nodes {
		go func() { back <- c.cluster.Restart(t.Context(), i) }()
	}
	for range nodes {
		require.NoError(t, <-back)
	}
	c.leader(t)
}

// anotherClient saves while another client creates and drops collections, one step
// in front of each request of the program. The collections in a backup must be
// those of one moment, and what could not be read of them must be told.
func (c *clusterTry) anotherClient(t *testing.T) {
	t.Helper()
	rival := &rival{t: t, server: c.cluster.Nodes[1]}
	for _, class := range c.has.classes {
		rival.now = append(rival.now, fmt.Sprint(class["class"]))
	}
	rival.note()
	proxy := weaviatetest.NewProxy(t, c.cluster.Nodes[2].URL)
	save := func() (names []string, manifest string) {
		p := program{t, t.TempDir()}
		p.run("backup", "--weaviate-url", proxy.URL, "--retry-max-wait", "100ms")
		p.run("verify", "--backup-path", "backups")
		names, manifest = p.saved()
		assert.Contains(t, rival.moments, strings.Join(names, " "), "no moment had these")
		return names, manifest
	}

	pass := func(r weaviatetest.Received) { // is gone when its tenants are read
		switch r.Path {
		case "/v1/schema":
			rival.stepTo(passIsThere)
		case "/v1/schema/Pass/tenants":
			rival.stepTo(passIsGone)
		}
	}
	proxy.OnRequest(pass)
	names, manifest := save()
	assert.Contains(t, names, "Pass")
	assert.Contains(t, manifest, "Tenants of Pass: it seems to have been deleted since the schema was read")

	// Pass is there again when it is looked for.
	proxy.OnRequest(func(r weaviatetest.Received) {
		pass(r)
		if r.Path == "/v1/schema/Pass/tenants" {
			proxy.OnRequest(func(r weaviatetest.Received) {
				if r.Path == "/v1/schema/Pass" {
					rival.stepTo(passIsThere)
				}
			})
		}
	})
	names, manifest = save()
	assert.Contains(t, names, "Pass")
	assert.NotContains(t, manifest, "Tenants of Pass")

	proxy.OnRequest(func(weaviatetest.Received) { rival.step() })
	for range 3 {
		save()
	}
	t.Logf("%d steps of another client", rival.steps)
	proxy.OnRequest(nil)
	rival.stepTo(0)
	assert.Equal(t, c.has, read(t, c.cluster.Nodes[2]))
}

// rival is another client: it creates two collections, the first with a tenant,
// and drops them, again and again.
type rival struct {
	t      *testing.T
	server *weaviatetest.Server

	mu      sync.Mutex
	steps   int
	now     []string
	moments []string // the names of all collections at each moment
}

func (r *rival) note() {
	slices.Sort(r.now)
	r.moments = append(r.moments, strings.Join(r.now, " "))
}

func (r *rival) step() {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch r.steps % rounds {
	case 0:
		r.create("Pass", `,"multiTenancyConfig":{"enabled":true}`)
	case 1:
		r.send(http.MethodPost, "/v1/schema/Pass/tenants", `[{"name":"one"}]`)
	case 2:
		r.create("Path", "")
	case 3:
		r.drop("Pass")
	case 4:
		r.drop("Path")
	}
	r.steps++
}

// The places in the round of a rival.
const (
	passIsThere = 2
	passIsGone  = 4
	rounds      = 5
)

// stepTo goes on to a place in the round.
func (r *rival) stepTo(place int) {
	for r.steps%rounds != place {
		r.step()
	}
}

func (r *rival) send(method, path, body string) {
	_, err := r.server.Do(r.t.Context(), method, path, body)
	assert.NoError(r.t, err)
}

func (r *rival) create(name, more string) {
	r.send(http.MethodPost, "/v1/schema", `{"class":"`+name+`"`+more+`}`)
	r.now = append(r.now, name)
	r.note()
}

func (r *rival) drop(name string) {
	r.send(http.MethodDelete, "/v1/schema/"+name, "")
	r.now = slices.DeleteFunc(r.now, func(n string) bool { return n == name })
	r.note()
}

// onFirst is a hook that acts on the first request of the kind.
func onFirst(method, path string, act func()) func(weaviatetest.Received) {
	var once sync.Once
	return func(r weaviatetest.Received) {
		if r.Method == method && r.Path == path {
			once.Do(act)
		}
	}
}
