package need

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// An account is whom a program is to run as; nil means ourselves.
type account struct{ credential *syscall.Credential }

// owner gives a directory to the user postgres if we are root, and returns that account.
func owner(dir string) (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return account{}, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return account{}, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return account{}, err
	}
	return account{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, int(uid), int(gid))
}

// runs makes a command run as the account, in a directory it may enter, and end at once if
// the test's process is killed.
func (a account) runs(cmd *exec.Cmd) {
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential, Pdeathsig: syscall.SIGQUIT}
}
