//go:build !linux

package need

import (
	"errors"
	"os"
	"os/exec"
)

type account struct{}

func owner(string) (account, error) {
	if os.Geteuid() == 0 {
		return account{}, errors.New("run this test as an ordinary user")
	}
	return account{}, nil
}

func (account) runs(*exec.Cmd) {}
