package schema

// StubDescription marks a collection as a stub: an empty one that restore creates for
// references to a collection that is about to come, and removes when that does. Never
// change it: it is how a later run knows what an earlier one left.
const StubDescription = "weaviate-backup-action: stands in for a collection that is about to be restored"

// IsStub says whether the collection is a stub, and not what its name promises.
func (c Collection) IsStub() bool { return c.describedAs(StubDescription) && c.Properties == 0 }
