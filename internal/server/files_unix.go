//go:build unix

package server

import "syscall"

// filesKept is how many open files are kept for all that is no connection.
const filesKept = 256

// filesMost is how many connections this process may have open, by the files it may.
func filesMost() int {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil || uint64(r.Cur) > connsMax+filesKept {
		return connsMax
	}
	return max(int(r.Cur)/2, int(r.Cur)-filesKept)
}
