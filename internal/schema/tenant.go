package schema

// SameTenantState compares the states of a tenant, for which old and new clients
// have different words; servers show the old ones (1.27.0 to 1.39.0).
func SameTenantState(a, b string) bool { return oldWord(a) == oldWord(b) }

func oldWord(state string) string {
	switch state {
	case "", "ACTIVE":
		return "HOT"
	case "INACTIVE":
		return "COLD"
	case "OFFLOADED":
		return "FROZEN"
	default:
		return state
	}
}

// CombinedDigest is one digest for several collections, given with their digests
// in the order of their names: that of the only one, or the SHA-256 of a line
// "name digest" for each.
func CombinedDigest(names, digests []string) string {
	if len(digests) == 1 {
		return digests[0]
	}
	var lines []byte
	for i, name := range names {
		lines = append(lines, name+" "+digests[i]+"\n"...)
	}
	return SHA256(lines)
}
