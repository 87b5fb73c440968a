package snapshot

// File is a snapshot that was read, and the file that it is from.
type File struct {
	Snapshot
	// Path is that of the file for its reader; Data is its content.
	Path string
	Data []byte
	// Digest is that of the definition.
	Digest string
}

// Undecoded is a file that has the hash that its manifest lists, and of which nothing
// else is known.
type Undecoded struct {
	Entry
	// Path is that of the file for its reader; Data is its content.
	Path string
	Data []byte
}
