package verify

import (
	"path"
	"time"
)

// maxSkew is how far apart the clocks of two machines may be.
const maxSkew = 15 * time.Minute

// checkAge looks whether the backup is older than it may be. A run that fails leaves
// nothing behind, so that its age is all that tells of those that have failed since.
func (r *run) checkAge() {
	file, saved := "", time.Time{}
	switch {
	case r.options.MaxAge == 0:
		return
	case r.result.Run != nil:
		file, saved = path.Base(r.result.Manifest), r.result.Run.Timestamp
	case len(r.result.Snapshots) > 0:
		for _, s := range r.result.Snapshots {
			if file == "" || s.Metadata.Timestamp.After(saved) {
				file, saved = path.Base(s.Path), s.Metadata.Timestamp
			}
		}
	default:
		return // and there are findings for that
	}
	if saved.IsZero() {
		r.find(Stale, file, "it does not tell when it was saved, as files with stable names do not, so it may be older than max-age allows")
		return
	}
	switch age := r.options.Now.Sub(saved); {
	case age > r.options.MaxAge:
		r.find(Stale, file, "saved at %s, %s ago, and max-age is %s: the runs since then have failed, were not kept, or had nothing to change",
			when(saved), age.Truncate(time.Second), r.options.MaxAge)
	case age < -maxSkew:
		r.find(Stale, file, "saved at %s, which is still to come: by a wrong clock, and it hides whatever fails until then", when(saved))
	}
}
