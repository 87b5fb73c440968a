// Package files puts a run's files into the workspace so that they are complete
// or not there.
//
// [Open] a [Workspace], ask it for a [Workspace.Batch] in a folder, [Batch.Write]
// to it, and [Batch.Discard] it when anything goes wrong afterwards:
//
//  1. Every file is written under a hidden temporary name in the same folder,
//     and flushed to the disk.
//  2. Only when all are there, each gets its real name, by a hard link: a name
//     that is taken is never replaced, the next free one is used.
//  3. The folder is flushed, and every file is read back by its path and compared:
//     the folder that was opened may be another one by then.
//
// When a step fails, or the context ends, everything that the batch made is
// removed, folders too. A process that is killed can leave hidden temporary
// files, and files whose names are real and whose content is whole, but never a
// real name with part of a content. The next batch in the folder removes such
// temporary files where it can prove that nobody writes them any more, and names
// them in [Batch.Notes] where it can't: see leftovers.go.
//
// [Batch.Stage] and [Batch.Replace] are for files whose names stay from run to
// run. They replace what has these names, one by one, which no folder can do at
// once: a failure among the renames leaves some files new and the others as they
// were, each of them whole, and a [ReplaceError] says which.
//
// [Single] is for one file that must not outlive the run that it is of: it is removed
// when the next run begins, and comes back, whole, when that is done.
//
// No path leads out of the workspace, by .. or by a symbolic link: os.Root sees
// to that. Files and folders get the workspace's owner, because in a container
// this program is root and its user is not (actions/runner#434).
//
// Where to read on:
//
//	workspace.go  the workspace: no way out of it
//	batch.go      new files, all or none of them
//	replace.go    files whose names stay
//	single.go     one file that is there only if its run went well
//	read.go       files of a backup, and of certificates
package files
